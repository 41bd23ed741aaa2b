"""Trained models over HTTP, with a small framework that needs no training library."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from server_rig import Api

from trainwright.frameworks import registry as frameworks
from trainwright.spec.rundir import RunDir
from trainwright.store.models import Run

WORKER = """
import json, pathlib, sys
hello = {"ready": True, "model_version": "v1", "class_names": ["dark", "light"]}
print(json.dumps(hello), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    found = []
    bad = [p for p in map(pathlib.Path, asked["inputs"]) if p.read_bytes() == b"bad"]
    if bad:
        error = {"code": "bad_image", "message": f"{bad[0].name}: it is not an image"}
        print(json.dumps({"id": asked["id"], "error": error}), flush=True)
        continue
    for path in map(pathlib.Path, asked["inputs"]):
        light = path.read_bytes() == b"light"
        label = {"class": ["dark", "light"][light], "class_id": int(light), "confidence": 1.0}
        found.append({"predictions": [label][: asked["top_k"]], "inference_time_ms": 1.0,
                      "model_version": "v1", "input": str(path)})
    print(json.dumps({"id": asked["id"], "predictions": found}), flush=True)
"""
WRITE = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"


class LightMeter:
    """Tells files that say `light` from all others."""

    name = "lightmeter"
    formats = ("safetensors", "onnx")

    def worker_argv(self, run: RunDir) -> list[str]:
        return [sys.executable, "-c", WORKER]

    def evaluate_argv(self, run: RunDir, dataset: str | None, out: Path) -> list[str]:
        found = {"metrics": {"test/accuracy": 0.5}, "notes": [str(dataset)]}
        return [sys.executable, "-c", WRITE, str(out), json.dumps(found)]

    def export_argv(self, run: RunDir, format: str, out: Path) -> list[str]:  # noqa: A002
        return [sys.executable, "-c", WRITE, str(out), f"a model in {format}"]


@pytest.fixture(scope="module", autouse=True)
def framework() -> Iterator[None]:
    frameworks.add("lightmeter", LightMeter)  # type: ignore[arg-type]
    yield
    frameworks._added.pop("lightmeter")


@pytest.fixture
def run(api: Api) -> Run:
    made = api.add_run(model="lightmeter/one", dataset=None)
    api.move(made, "stopped")
    (api.services.settings.home.runs / made.id).mkdir(parents=True)
    return made


def predict(api: Api, run: Run, **kwargs: Any) -> dict[str, Any]:
    answer = api.call("POST", f"/api/v1/inference/{run.id}/predict", **kwargs)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def classes(found: dict[str, Any]) -> list[str]:
    return [result["predictions"][0]["class"] for result in found["results"]]


def test_uploaded_files_are_predicted_in_order(api: Api, run: Run) -> None:
    files = [("files", ("b.png", b"light")), ("files", ("a.png", b"no"))]
    found = predict(api, run, files=files)
    assert classes(found) == ["light", "dark"]
    assert [r["input"] for r in found["results"]] == ["b.png", "a.png"]
    assert found["predictions"][0]["class"] == "light"
    assert found["model_version"] == "v1"
    assert found["run_id"] == run.id


def test_one_unreadable_file_of_several_leaves_the_others_their_predictions(
    api: Api, run: Run
) -> None:
    told = {"a.png": b"light", "b.png": b"bad", "c.png": b"no", "d.png": b"bad", "e.png": b"no"}
    found = predict(api, run, files=[("files", (name, told[name])) for name in told])
    assert [r["input"] for r in found["results"]] == list(told)
    errors = {r["input"]: r["error"]["message"] for r in found["results"] if r["error"]}
    assert errors == {n: f"{n}: it is not an image" for n in ("b.png", "d.png")}
    assert [bool(r["predictions"]) for r in found["results"]] == [True, False, True, False, True]
    assert found["error"] is None


def test_the_only_file_is_a_wrong_request_when_it_cannot_be_read(api: Api, run: Run) -> None:
    path = f"/api/v1/inference/{run.id}/predict"
    answer = api.call("POST", path, files={"files": ("x.png", b"bad")})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "x.png: it is not an image"


def test_base64_and_data_urls_are_predicted(api: Api, run: Run) -> None:
    text = base64.b64encode(b"light").decode()
    found = predict(api, run, json={"inputs": [text, f"data:image/png;base64,{text}"], "top_k": 1})
    assert classes(found) == ["light", "light"]


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/passwd", "a\\..\\b.png", "x" * 300, "."])
def test_a_files_name_is_only_a_label(api: Api, run: Run, name: str) -> None:
    before = sorted(p for p in api.services.settings.home.path.rglob("*evil*"))
    assert classes(predict(api, run, files={"files": (name, b"light")})) == ["light"]
    assert sorted(p for p in api.services.settings.home.path.rglob("*evil*")) == before


def test_other_people_cannot_use_the_model(api: Api, run: Run) -> None:
    path = f"/api/v1/inference/{run.id}/predict"
    files = {"files": ("a.png", b"light")}
    assert api.call("POST", path, "other", files=files).status_code == 404
    assert api.call("POST", path, "viewer", files=files).status_code == 403
    assert api.call("POST", path, "admin", files=files).status_code == 200


def test_evaluation_names_its_data(api: Api, run: Run) -> None:
    answer = api.call("POST", f"/api/v1/runs/{run.id}/evaluate", json={"dataset": "digits"})
    assert answer.json()["metrics"] == {"test/accuracy": 0.5}
    assert answer.json()["dataset"] == "digits"
    assert answer.json()["notes"] == ["digits"]


def test_an_export_becomes_an_artifact_that_can_be_downloaded(api: Api, run: Run) -> None:
    path = f"/api/v1/runs/{run.id}"
    made = api.call("POST", f"{path}/export", json={"format": "onnx"})
    assert made.status_code == 201
    name = made.json()["name"]
    assert name == f"run_{run.id}.onnx"
    assert name in [a["name"] for a in api.call("GET", f"{path}/artifacts").json()["items"]]
    assert api.call("GET", f"{path}/artifacts/{name}").text == "a model in onnx"


@pytest.mark.parametrize("name", ["xyz", "../../x", "onnx/../../y", "", "a b"])
def test_unknown_formats_are_refused_and_write_nothing(api: Api, run: Run, name: str) -> None:
    answer = api.call("POST", f"/api/v1/runs/{run.id}/export", json={"format": name})
    assert answer.status_code in (400, 422)
    assert not list((api.services.settings.home.runs / run.id).rglob("*.*"))


def test_a_run_of_an_absent_framework_says_so(api: Api) -> None:
    run = api.add_run(model="gone/model", dataset=None)
    api.move(run, "stopped")
    (api.services.settings.home.runs / run.id).mkdir(parents=True)
    files = {"files": ("a.png", b"light")}
    answer = api.call("POST", f"/api/v1/inference/{run.id}/predict", files=files)
    assert answer.status_code == 404
    assert "gone" in answer.json()["error"]["message"]
