"""The whole road, as a person walks it: from a sentence to a trained, tested model."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from house import House, eventually

from trainwright.spec import RunStatus
from trainwright.testing.images import make_messy_folder

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]

Cli = Callable[..., subprocess.CompletedProcess[str]]
SENTENCE = "Classify handwritten digits with LeNet-5, 5 epochs"


def last_json(done: subprocess.CompletedProcess[str]) -> dict:
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_the_demo_sentence_gives_a_tested_model(cli: Cli, home_path: Path) -> None:
    done = cli("train", SENTENCE, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in (
        "builtin/lenet5",
        "digits",
        "recommended for LeNet-5",
        "test/accuracy",
        "precision",
        "trainwright predict",
        "trainwright runs show",
        "trainwright up",
    ):
        assert words in done.stdout
    # it started a platform for itself, and stopped it
    assert not (home_path / "platform.json").exists()
    assert last_json(cli("status", "--json"))["running"] is False
    (run,) = (home_path / "runs").iterdir()
    result = json.loads((run / "result.json").read_text())
    assert result["metrics"]["test/accuracy"]["final"] >= 0.95
    left = {path.name for path in (run / "artifacts").iterdir()}
    assert {"model.safetensors", f"run_{run.name}_model.pth", "model_card.md"} <= left
    assert any(name.startswith(f"run_{run.name}_model_full.") for name in left)


def test_json_ends_with_the_result(ask: Cli) -> None:
    done = ask("train", SENTENCE, "--yes", "--json", "--set", "epochs=1", "--name", "quick one")
    assert done.returncode == 0, done.stdout + done.stderr
    result = last_json(done)
    assert (result["status"], result["name"], result["model"]) == (
        "completed",
        "quick one",
        "builtin/lenet5",
    )
    assert len(result["per_class"]) == 10
    assert sum(map(sum, result["confusion"]["matrix"])) == sum(
        row["support"] for row in result["per_class"]
    )
    assert all(len(artifact["sha256"]) == 64 for artifact in result["artifacts"])


def test_a_messy_folder_gives_a_good_model_and_a_clear_report(ask: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "내 사진"
    make_messy_folder(folder, seed=3)
    spec = tmp_path / "spec.yaml"
    spec.write_text(f"task: image_classification\ndataset: '{folder}'\nmodel: builtin/basic_cnn\n")
    shown = ask("train", str(spec), "--yes", timeout=240)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "left out" in shown.stdout
    result = json.loads(ask("runs", "show", "last", "--json").stdout)
    assert result["status"] == "completed"
    report = result["report"]
    reasons = {item["code"] for item in report["left_out"]}
    assert len(reasons) >= 2, report["left_out"]
    assert {"tiny_class"} & {finding["code"] for finding in report["findings"]}
    scores = json.loads(ask("evaluate", "last", "--json").stdout)
    assert scores["metrics"]["test/accuracy"] >= 0.8


def test_predict_export_and_evaluate(ask: Cli, tmp_path: Path) -> None:
    assert ask("train", SENTENCE, "--yes", "--json").returncode == 0
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    files = []
    for index in range(12):
        file = tmp_path / f"digit_{index}.png"
        Image.fromarray((digits.images[index] * 15.9).astype("uint8")).save(file)
        files.append(str(file))
    done = ask("predict", "last", *files, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    predictions = json.loads(done.stdout)["results"]
    right = [
        p["predictions"][0]["class"] == str(digits.target[i]) for i, p in enumerate(predictions)
    ]
    assert sum(right) >= 11
    for kind in ("safetensors", "pth", "torchscript", "onnx"):
        out = tmp_path / f"model.{kind}"
        done = ask("export", "last", "--format", kind, "--out", str(out))
        assert done.returncode == 0, done.stdout + done.stderr
        assert out.stat().st_size > 10_000
    scores = json.loads(ask("evaluate", "last", "--json").stdout)
    assert scores["metrics"]["test/accuracy"] >= 0.95


def test_a_detached_run_goes_on_and_is_watched_again(cli: Cli, house: House) -> None:
    done = cli("train", SENTENCE, "--yes", "--detach", "--json")
    assert done.returncode == 0, done.stderr
    run_id = last_json(done)["run_id"]
    assert house.healthy()
    assert last_json(cli("status", "--json"))["running"] is True
    assert cli("runs", "watch", run_id).returncode == 0
    assert house.client().run(run_id).status is RunStatus.COMPLETED
    assert last_json(cli("down", "--json")) == {"stopped": True}
    assert not house.healthy()


def test_a_users_own_script_is_a_run(shared_house: House, stepper: Path) -> None:
    client = shared_house.client()
    spec = {"model": f"script/{stepper}", "overrides": {"args": ["20", "0.01"]}}
    run = client.create_run(spec=spec)
    assert client.wait(run.id, timeout=60).status is RunStatus.COMPLETED
    (series,) = client.metrics(run.id, names=["train/loss"]).series
    assert [point.step for point in series.points] == list(range(1, 21))


def test_a_failed_script_is_exit_code_1_with_its_last_words(ask: Cli, tmp_path: Path) -> None:
    script = tmp_path / "bad.py"
    script.write_text("print('loss: 0.5')\nraise RuntimeError('the moon is full')\n")
    spec = tmp_path / "spec.yaml"
    spec.write_text(f"model: script/{script}\n")
    done = ask("train", str(spec), "--yes", "--json")
    assert done.returncode == 1
    error = last_json(done)["error"]
    assert error["exit_code"] == 1
    assert "the moon is full" in " ".join(error["log_tail"])


def test_stop_pause_and_resume(shared_house: House, stepper: Path) -> None:
    client = shared_house.client()
    spec = {"model": f"script/{stepper}", "overrides": {"args": ["400", "0.05"]}}
    run_id = client.create_run(spec=spec).id

    def reach(status: RunStatus) -> None:
        eventually(lambda: client.run(run_id).status is status, timeout=30)

    reach(RunStatus.RUNNING)
    client.pause(run_id)
    reach(RunStatus.PAUSED)
    client.resume(run_id)
    reach(RunStatus.RUNNING)
    client.stop(run_id, now=True)
    reach(RunStatus.STOPPED)
    assert client.run(run_id).attempt == 2
    assert not list(shared_house.home.runs.joinpath(run_id).glob(".*"))


def test_the_queue_shows_places_and_keeps_priorities(shared_house: House, stepper: Path) -> None:
    client = shared_house.client()
    cpus = client.hardware().cpus
    spec = {"model": f"script/{stepper}", "overrides": {"args": ["400", "0.05"]}, "cpus": cpus}
    first = client.create_run(spec=spec)
    eventually(lambda: client.run(first.id).status is RunStatus.RUNNING)
    low = client.create_run(spec=spec | {"priority": "low"})
    high = client.create_run(spec=spec | {"priority": "high"})
    eventually(lambda: client.run(low.id).queue_position == 2)
    assert client.run(high.id).queue_position == 1
    client.stop(first.id, now=True)
    eventually(lambda: client.run(high.id).status is RunStatus.RUNNING)
    assert client.run(low.id).status is RunStatus.QUEUED
    client.stop(low.id)
    eventually(lambda: client.run(low.id).status is RunStatus.STOPPED)
    client.stop(high.id, now=True)
