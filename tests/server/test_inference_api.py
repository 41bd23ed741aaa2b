"""Trained models over HTTP, with a small framework that needs no training library."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from server_rig import Api, api_over

from trainwright.frameworks import registry as frameworks
from trainwright.spec.rundir import RunDir
from trainwright.store.models import Run

WORKER = """
import json, pathlib, sys
from PIL import Image
hello = {"ready": True, "model_version": "v1", "class_names": ["dark", "light"]}
print(json.dumps(hello), flush=True)
def look(path):
    with Image.open(path) as image:
        light = image.convert("L").getpixel((0, 0)) > 127
    label = {"class": ["dark", "light"][light], "class_id": int(light), "confidence": 1.0}
    return {"predictions": [label], "inference_time_ms": 1.0, "model_version": "v1", "input": path}
for line in sys.stdin:
    asked, found = json.loads(line), []
    for path in asked["inputs"]:
        try:
            found.append(look(path))
        except OSError:
            error = {"code": "bad_image", "message": pathlib.Path(path).name + ": it is cut off"}
            print(json.dumps({"id": asked["id"], "error": error}), flush=True)
            break
    else:
        print(json.dumps({"id": asked["id"], "predictions": found}), flush=True)
"""
WRITE = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"

WRITE_BOTH = f"{WRITE}; pathlib.Path(sys.argv[1] + '.json').write_text('{{}}')"


def png(shade: int, side: int = 8) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (side, side), shade).save(stream, "PNG")
    return stream.getvalue()


def bomb() -> bytes:
    """A small file that says it is a very large image."""
    start = b"\x89PNG\r\n\x1a\n"
    for name, data in (
        (b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)),
        (b"IDAT", b""),
    ):
        start += struct.pack(">I", len(data)) + name + data
        start += struct.pack(">I", zlib.crc32(name + data))
    return start


LIGHT, DARK, CUT = png(255), png(0), png(90, 64)[:60]


class LightMeter:
    """Tells light images from dark ones."""

    name = "lightmeter"
    formats = ("safetensors", "onnx")

    def worker_argv(self, run: RunDir) -> list[str]:
        return [sys.executable, "-c", WORKER]

    def evaluate_argv(self, run: RunDir, dataset: str | None, out: Path) -> list[str]:
        found = {"metrics": {"test/accuracy": 0.5}, "notes": [str(dataset)]}
        return [sys.executable, "-c", WRITE, str(out), json.dumps(found)]

    def export_argv(self, run: RunDir, format: str, out: Path) -> list[str]:  # noqa: A002
        return [sys.executable, "-c", WRITE_BOTH, str(out), f"a model in {format}"]


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
    files = [("files", ("b.png", LIGHT)), ("files", ("a.png", DARK))]
    found = predict(api, run, files=files)
    assert classes(found) == ["light", "dark"]
    assert [r["input"] for r in found["results"]] == ["b.png", "a.png"]
    assert found["predictions"][0]["class"] == "light"
    assert found["model_version"] == "v1"
    assert found["run_id"] == run.id


def test_one_unreadable_file_of_several_leaves_the_others_their_predictions(
    api: Api, run: Run
) -> None:
    told = {"a.png": LIGHT, "b.png": CUT, "c.png": DARK, "d.png": CUT, "e.png": DARK}
    found = predict(api, run, files=[("files", (name, told[name])) for name in told])
    assert [r["input"] for r in found["results"]] == list(told)
    errors = {r["input"]: r["error"]["message"] for r in found["results"] if r["error"]}
    assert errors == {n: f"{n}: it is cut off" for n in ("b.png", "d.png")}
    assert [bool(r["predictions"]) for r in found["results"]] == [True, False, True, False, True]
    assert found["error"] is None


def test_the_only_file_is_a_wrong_request_when_it_cannot_be_read(api: Api, run: Run) -> None:
    path = f"/api/v1/inference/{run.id}/predict"
    answer = api.call("POST", path, files={"files": ("x.png", CUT)})
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "x.png: it is cut off"


def test_base64_and_data_urls_are_predicted(api: Api, run: Run) -> None:
    text = base64.b64encode(LIGHT).decode()
    found = predict(api, run, json={"inputs": [text, f"data:image/png;base64,{text}"], "top_k": 1})
    assert classes(found) == ["light", "light"]


MIXED = {
    "fine.png": (LIGHT, None, None),
    "empty.png": (b"", "bad_input", "the file is empty"),
    "notes.png": (b"never an image", "bad_input", "not an image of a supported format"),
    "cut.png": (CUT, "bad_input", "it is cut off"),
    "bomb.png": (bomb(), "too_large", "too large|900000000|30000x30000"),
}


def test_each_bad_input_says_what_is_wrong_with_it_alone(api: Api, run: Run) -> None:
    found = predict(api, run, files=[("files", (name, MIXED[name][0])) for name in MIXED])
    for result, (name, (_, code, words)) in zip(found["results"], MIXED.items(), strict=True):
        assert result["input"] == name
        if code is None:
            assert result["predictions"][0]["class"] == "light"
        else:
            assert result["error"]["code"] == code
            assert result["error"]["message"].startswith(f"{name}: ")
            assert re.search(words, result["error"]["message"])


@pytest.mark.parametrize(("name", "status"), [("empty.png", 422), ("bomb.png", 413)])
def test_the_only_input_has_the_status_of_its_error(
    api: Api, run: Run, name: str, status: int
) -> None:
    path = f"/api/v1/inference/{run.id}/predict"
    answer = api.call("POST", path, files={"files": (name, MIXED[name][0])})
    assert answer.status_code == status
    assert answer.json()["error"]["details"]["field"] == "inputs"


def test_a_lone_text_that_is_no_image_is_refused(api: Api, run: Run) -> None:
    answer = api.call("POST", f"/api/v1/inference/{run.id}/predict", json={"inputs": ["%%%"]})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["details"]["field"] == "inputs"


def test_files_and_texts_of_one_form_keep_their_order(api: Api, run: Run) -> None:
    text = base64.b64encode(DARK).decode()
    form = [("inputs", (None, text)), ("files", ("b.png", LIGHT)), ("inputs", (None, "no+image"))]
    found = predict(api, run, files=form)
    assert [r["input"] for r in found["results"]] == ["inputs.0", "b.png", "inputs.2"]
    assert [bool(r["error"]) for r in found["results"]] == [False, False, True]
    assert classes({"results": found["results"][:2]}) == ["dark", "light"]


@pytest.mark.parametrize(
    "form", [[], [("image_url", (None, "http://x"))], [("inputs", (None, "a"))] * 257]
)
def test_forms_that_are_not_understood(api: Api, run: Run, form: list[Any]) -> None:
    boundary = {"Content-Type": "multipart/form-data; boundary=b"} if not form else {}
    content = {"content": b"--b--\r\n"} if not form else {"files": form}
    path = f"/api/v1/inference/{run.id}/predict"
    answer = api.call("POST", path, headers=boundary, **content)
    assert answer.status_code == 400, answer.text


class _Images(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(LIGHT if self.path == "/light.png" else b"<html>")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def images() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Images)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_no_url_leads_into_private_networks(api: Api, run: Run, images: str) -> None:
    path = f"/api/v1/inference/{run.id}/predict"
    alone = api.call("POST", path, json={"inputs": [f"{images}/light.png"]})
    assert alone.status_code == 403
    assert "private network" in alone.json()["error"]["message"]
    text = base64.b64encode(DARK).decode()
    urls = [f"{images}/light.png", "http://[::1]:9/x.png", "http://169.254.169.254/latest"]
    found = predict(api, run, json={"inputs": [*urls, "file:///etc/passwd", text]})
    errors = [r["error"] and r["error"]["code"] for r in found["results"]]
    assert errors == ["forbidden"] * 3 + ["invalid_request", None]
    assert [r["input"] for r in found["results"]][:3] == urls


def test_urls_are_fetched_where_a_setting_allows_it(
    home_path: Path, images: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINWRIGHT_FETCH_PRIVATE", "1")
    with api_over(home_path) as api:
        run = api.add_run(model="lightmeter/one", dataset=None)
        api.move(run, "stopped")
        (api.services.settings.home.runs / run.id).mkdir(parents=True)
        found = predict(api, run, json={"inputs": [f"{images}/light.png", f"{images}/page"]})
    assert classes({"results": found["results"][:1]}) == ["light"]
    assert found["results"][0]["input"] == f"{images}/light.png"
    assert "not an image" in found["results"][1]["error"]["message"]


def test_nothing_stays_in_the_temporary_folder(
    api: Api, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    predict(api, run, files=[("files", (name, MIXED[name][0])) for name in MIXED])
    path = f"/api/v1/inference/{run.id}/predict"
    assert api.call("POST", path, files={"files": ("x.png", CUT)}).status_code == 422
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/passwd", "a\\..\\b.png", "x" * 300, "."])
def test_a_files_name_is_only_a_label(api: Api, run: Run, name: str) -> None:
    before = sorted(p for p in api.services.settings.home.path.rglob("*evil*"))
    assert classes(predict(api, run, files={"files": (name, LIGHT)})) == ["light"]
    assert sorted(p for p in api.services.settings.home.path.rglob("*evil*")) == before


def test_other_people_cannot_use_the_model(api: Api, run: Run) -> None:
    path = f"/api/v1/inference/{run.id}/predict"
    files = {"files": ("a.png", LIGHT)}
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
    files = {"files": ("a.png", LIGHT)}
    answer = api.call("POST", f"/api/v1/inference/{run.id}/predict", files=files)
    assert answer.status_code == 404
    assert "gone" in answer.json()["error"]["message"]


def test_more_than_a_model_can_answer_is_told_to_come_again(fresh_api: Api) -> None:
    run = fresh_api.add_run(model="lightmeter/one", dataset=None)
    fresh_api.move(run, "stopped")
    (fresh_api.services.settings.home.runs / run.id).mkdir(parents=True)
    services, path = fresh_api.services, f"/api/v1/inference/{run.id}/predict"
    services.serving.gathering.max_waiting = 0
    busy = fresh_api.call("POST", path, files={"files": ("a.png", LIGHT)})
    services.max_queued = 0
    overloaded = fresh_api.call("POST", path, files={"files": ("a.png", LIGHT)})
    for answer, status, code in ((busy, 429, "busy"), (overloaded, 503, "overloaded")):
        assert answer.status_code == status
        assert answer.json()["error"]["code"] == code
        assert int(answer.headers["Retry-After"]) >= 1


def test_an_evaluation_is_told_line_by_line_and_kept(api: Api, run: Run) -> None:
    path = f"/api/v1/runs/{run.id}/evaluate"
    lines = {"Accept": "application/x-ndjson"}
    answer = api.call("POST", path, json={"dataset": "digits"}, headers=lines)
    assert answer.headers["content-type"] == "application/x-ndjson"
    *_, last = map(json.loads, answer.text.splitlines())
    assert last["evaluation"]["metrics"] == {"test/accuracy": 0.5}
    (kept,) = api.call("GET", f"/api/v1/runs/{run.id}/evaluations").json()["items"]
    assert (kept["dataset"], kept["metrics"]) == ("digits", {"test/accuracy": 0.5})
    stored = api.call("GET", f"/api/v1/runs/{run.id}/artifacts/{kept['artifact']}")
    assert stored.json()["created_at"] == kept["created_at"]
    answer = api.call("POST", path, json={"classes": {"a": "b"}}, headers=lines)
    (refused,) = map(json.loads, answer.text.splitlines())
    assert refused["error"]["code"] == "invalid_request"
    assert "other class names" in refused["error"]["message"]
    plain = api.call("POST", path, json={"classes": {"a": "b"}})
    assert plain.status_code == 400


def test_what_lies_beside_an_export_is_kept_too(api: Api, run: Run) -> None:
    path = f"/api/v1/runs/{run.id}/export"
    made = api.call("POST", path, json={"format": "onnx"})
    assert made.status_code == 201
    listed = api.call("GET", f"/api/v1/runs/{run.id}/artifacts").json()["items"]
    assert f"{made.json()['path']}.json" in [one["path"] for one in listed]
    refused = api.call("POST", path, json={"format": "onnx", "opset": 18})
    assert refused.status_code == 400
    assert "opset" in refused.json()["error"]["message"]
