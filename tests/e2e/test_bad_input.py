"""Bad input: a clear error that names the mend, exit code 2, nothing half-written."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from house import House
from PIL import Image

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def spec_file(tmp_path: Path) -> Callable[..., Path]:
    def write(**fields: object) -> Path:
        path = tmp_path / "spec.yaml"
        path.write_text(json.dumps({"model": "builtin/lenet5", "dataset": "digits", **fields}))
        return path

    return write


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    assert "Traceback" not in said
    for word in words:
        assert word in said, said


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": "builtin/lenet6"}, ["builtin/lenet5"]),
        ({"model": "lenet5"}, ["builtin/lenet5"]),
        ({"epochs": -3}, ["epochs", "at least 1"]),
        ({"dataset": "digitz"}, ["digits"]),
        ({"dataset": "./no/such/folder"}, ["no/such/folder"]),
        ({"model": "ultralytics/yolo11n", "dataset": "./x"}, ["ultralytics"]),
        ({"resources": {"target": "moon"}}, ["moon", "local"]),
        ({"epoch": 3}, ["epochs"]),
        ({"gpus": 512}, ["512 GPUs"]),
        ({"overrides": {"lable_smoothing": 0.1}}, ["label_smoothing"]),
    ],
)
def test_a_wrong_spec(
    cli: Cli, shared_house: House, spec_file: Callable[..., Path],
    fields: dict[str, object], words: list[str],
) -> None:  # fmt: skip
    home = shared_house.home
    before = list(home.runs.glob("*"))
    refused(cli("train", str(spec_file(**fields)), "--yes", home=home.path), *words)
    assert list(home.runs.glob("*")) == before


def test_a_refusal_leaves_no_platform_running(
    cli: Cli, home_path: Path, spec_file: Callable[..., Path]
) -> None:
    refused(cli("train", str(spec_file(gpus=512)), "--yes"), "512 GPUs")
    assert not list(home_path.glob("runs/*"))
    assert not (home_path / "platform.json").exists()


def test_all_faults_at_once_as_json(cli: Cli, spec_file: Callable[..., Path]) -> None:
    done = cli(
        "train",
        str(spec_file(model="builtin/lenet6", epochs=0, optimiser="adam", dataset="./no")),
        "--json",
    )
    assert done.returncode == 2
    faults = json.loads(done.stdout)["error"]["details"]["faults"]
    assert {fault["field"] for fault in faults} == {"model", "epochs", "optimiser", "dataset"}


def test_broken_yaml(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("model: builtin/lenet5\nepochs: : 3\n")
    refused(cli("train", str(path), "--yes"), "line 2")
    refused(cli("train", str(tmp_path / "missing.yaml"), "--yes"), "missing.yaml")


def test_a_sentence_that_leaves_questions_open(cli: Cli) -> None:
    refused(cli("train", "train a model", "--yes"), "?")
    refused(cli("train", "what is the weather like?", "--yes"))


@pytest.mark.slow
def test_data_that_cannot_be_trained_on(
    ask: Cli, shared_house: House, tmp_path: Path, spec_file: Callable[..., Path]
) -> None:
    empty, one, broken = tmp_path / "empty", tmp_path / "one", tmp_path / "broken"
    for folder in (empty / "cat", empty / "dog", one / "cat", broken / "cat", broken / "dog"):
        folder.mkdir(parents=True)
    Image.new("RGB", (16, 16)).save(one / "cat" / "a.png")
    Image.new("RGB", (16, 16)).save(empty / "cat" / "a.png")
    for name in ("cat", "dog"):
        (broken / name / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n not really")
    for folder, word in (
        (empty, "dog"),
        (one, "class"),
        (broken, "no usable image"),
        (tmp_path / "no", "no"),
    ):
        refused(ask("train", str(spec_file(dataset=str(folder))), "--yes"), word)
    assert all(not (run / "checkpoints").exists() for run in shared_house.home.runs.glob("*"))


def test_a_port_that_is_taken(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(cli("up", "--port", port), port, "--port")


def test_a_home_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("not a folder")
    refused(cli("train", "Classify digits with LeNet-5", "--yes", home=home), "TRAINWRIGHT_HOME")
    refused(cli("up", "--port", "0", home=home), "TRAINWRIGHT_HOME")


@pytest.mark.slow
def test_two_platforms_on_one_home(ask: Cli, shared_house: House) -> None:
    refused(ask("up", "--port", "0"), "another platform")
    assert shared_house.healthy()
