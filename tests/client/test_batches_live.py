"""Batches from Python and from the shell, over a real port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from server_rig import Live

from trainwright.api.batch import begin_batch
from trainwright.api.run import Run
from trainwright.client import Client
from trainwright.frameworks import registry as frameworks
from trainwright.spec import InvalidRequestError, NotFoundError, RunDir

WORKER = """
import json, os, sys
print(json.dumps({"ready": True, "model_version": "v1"}), flush=True)
def look(path):
    if "bad" in path:
        return {"error": {"field": "inputs", "code": "bad_input", "message": "it is cut off"}}
    label = {"class": os.path.basename(path), "class_id": 0, "confidence": 1.0}
    return {"predictions": [label], "inference_time_ms": 1.0, "model_version": "v1"}
for line in sys.stdin:
    asked = json.loads(line)
    found = [look(path) for path in asked["inputs"]]
    print(json.dumps({"id": asked["id"], "predictions": found}), flush=True)
"""


class Namer:
    """Says of every image its name."""

    name = "namer"

    def worker_argv(self, run: RunDir) -> list[str]:
        return [sys.executable, "-c", WORKER]


@pytest.fixture(autouse=True)
def framework() -> Iterator[None]:
    frameworks.add("namer", Namer)  # type: ignore[arg-type]
    yield
    frameworks._added.pop("namer")


@pytest.fixture
def run_id(live: Live) -> str:
    made = live.add_run(model="namer/one", dataset=None)
    live.move(made, "stopped")
    (live.services.settings.home.runs / made.id).mkdir(parents=True)
    return made.id


@pytest.fixture
def client(live: Live) -> Iterator[Client]:
    with Client(live.url, live.people["user"][1]) as made:
        yield made


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("1.png", "2.png", "bad.png"):
        Image.new("L", (4, 4)).save(folder / name)
    return folder


def test_everything_a_batch_can_be_asked(
    client: Client, run_id: str, photos: Path, tmp_path: Path
) -> None:
    seen: list[int] = []
    begun = begin_batch(client, run_id, photos, top_k=2)
    ended = client.wait_batch(run_id, begun.id, on_progress=lambda view: seen.append(view.done))
    assert (ended.status, ended.done, ended.failed, ended.top_k) == ("completed", 3, 1, 2)
    assert seen[-1] == 3
    answers = list(client.batch_results(run_id))
    assert [a.input for a in answers] == ["1.png", "2.png", "bad.png"]
    assert [bool(a.error) for a in answers] == [False, False, True]
    saved = client.download_batch(run_id, out=tmp_path, format="csv")
    assert saved.name == f"{begun.id}.csv"
    assert "it is cut off" in saved.read_text()
    client.delete_batch(run_id, begun.id)
    assert client.batches(run_id) == []
    with pytest.raises(NotFoundError, match="no batches"):
        client.batch(run_id)


def test_archives_and_lists(client: Client, run_id: str, photos: Path, tmp_path: Path) -> None:
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for image in photos.iterdir():
            file.write(image, f"deep/{image.name}")
    begun = begin_batch(client, run_id, archive, pattern="*/1.png")
    assert client.wait_batch(run_id, begun.id).total == 1

    listed = tmp_path / "list.txt"
    listed.write_text("# mine\nphotos/1.png\n\nphotos/nothing.png\n")
    view = Run(client, client.run(run_id)).predict_batch(listed, tmp_path / "out.csv")
    assert (view.done, view.failed) == (2, 1)
    assert "no such file" in (tmp_path / "out.csv").read_text()

    for text in ("http://example.org/a.png\nphotos/1.png\n", ""):
        listed.write_text(text)
        with pytest.raises(InvalidRequestError, match="lists"):
            begin_batch(client, run_id, listed)
    with pytest.raises(NotFoundError, match="no file or folder"):
        begin_batch(client, run_id, "./nothing")


def test_the_same_from_the_shell(live: Live, run_id: str, photos: Path, tmp_path: Path) -> None:
    env = os.environ | {
        "TRAINWRIGHT_URL": live.url,
        "TRAINWRIGHT_TOKEN": live.people["user"][1],
        "TRAINWRIGHT_HOME": str(tmp_path / "nowhere"),
    }
    shell = _shell(env)
    out = tmp_path / "results.csv"
    done = shell("predict", run_id, "--batch", str(photos), "--out", str(out))
    assert done.returncode == 2, done.stderr
    assert "completed, 3 of 3 inputs answered, 1 of them in error" in done.stdout
    assert out.read_text().count("\n") == 4

    done = shell("predict", run_id, "--batch", str(photos), "--pattern", "1.*", "--json")
    assert done.returncode == 0
    view = json.loads(done.stdout)
    assert (view["status"], view["total"]) == ("completed", 1)

    listed = json.loads(shell("batches", "list", run_id, "--json").stdout)
    assert listed[0]["id"] == view["id"]
    lines = tmp_path / "lines.jsonl"
    assert shell("batches", "results", run_id, "--out", str(lines)).returncode == 0
    assert json.loads(lines.read_text())["input"] == "1.png"
    refused = shell("batches", "cancel", run_id)
    assert refused.returncode == 2
    assert "already ended" in refused.stderr
    assert shell("batches", "delete", run_id, view["id"], "--yes").returncode == 0
    assert shell("predict", run_id, "--out", "x.csv").returncode == 2


def _shell(env: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trainwright", *argv],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_a_sample_of_the_catalogue_is_refused_with_a_command_that_can_be_typed(
    client: Client, run_id: str
) -> None:
    with pytest.raises(InvalidRequestError, match="sample of the catalogue") as refused:
        begin_batch(client, run_id, "digits")
    assert refused.value.mend == f"trainwright evaluate {run_id} --dataset digits"
