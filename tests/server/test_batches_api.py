"""Batches of predictions over HTTP, with a small framework that needs no training library."""

from __future__ import annotations

import base64
import csv
import io
import json
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from server_rig import Live

from trainwright.frameworks import registry as frameworks
from trainwright.spec.rundir import RunDir
from trainwright.store.models import Run
from trainwright.store.repositories import Datasets

WORKER = """
import json, sys
from PIL import Image
print(json.dumps({"ready": True, "model_version": "v1"}), flush=True)
def look(path):
    try:
        with Image.open(path) as image:
            shade = image.convert("L").getpixel((0, 0))
    except OSError as error:
        fault = {"field": "inputs", "code": "bad_input", "message": "it is cut off"}
        return {"error": fault, "predictions": [], "inference_time_ms": 0, "model_version": ""}
    label = {"class": "light" if shade > 127 else "dark", "class_id": 0, "confidence": 1.0}
    return {"predictions": [label], "inference_time_ms": 1.0, "model_version": "v1"}
for line in sys.stdin:
    asked = json.loads(line)
    found = [look(path) for path in asked["inputs"]]
    print(json.dumps({"id": asked["id"], "predictions": found}), flush=True)
"""


def png(shade: int, side: int = 8) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (side, side), shade).save(stream, "PNG")
    return stream.getvalue()


LIGHT, DARK, CUT = png(255), png(0), png(90, 64)[:60]


class LightMeter:
    """Tells light images from dark ones."""

    name = "batchmeter"

    def worker_argv(self, run: RunDir) -> list[str]:
        return [sys.executable, "-c", WORKER]


@pytest.fixture(scope="module", autouse=True)
def framework() -> Iterator[None]:
    frameworks.add("batchmeter", LightMeter)  # type: ignore[arg-type]
    yield
    frameworks._added.pop("batchmeter")


@pytest.fixture
def run(live: Live) -> Run:
    made = live.add_run(model="batchmeter/one", dataset=None)
    live.move(made, "stopped")
    (live.services.settings.home.runs / made.id).mkdir(parents=True)
    return made


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for name, data in {"a.png": LIGHT, "b/c.png": DARK, "b/d.png": CUT, "notes.md": b"x"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


class Batch:
    """Talks about the batches of one run, over a real port."""

    def __init__(self, live: Live, run: Run) -> None:
        self.run = run
        self.http = httpx.Client(
            base_url=f"{live.url}/api/v1/inference/{run.id}", headers=live.header("user")
        )

    def begin(self, **kwargs: Any) -> dict[str, Any]:
        answer = self.http.post("/batch", **kwargs)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.json()["id"])

    def ended(self, job: str) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while True:
            view: dict[str, Any] = self.http.get(f"/batch/{job}").json()
            if view["status"] not in ("queued", "running"):
                return view
            assert time.monotonic() < deadline, view
            time.sleep(0.02)

    def lines(self, job: str) -> list[dict[str, Any]]:
        answer = self.http.get(f"/batch/{job}/results")
        assert answer.headers["content-type"] == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def batch(live: Live, run: Run) -> Iterator[Batch]:
    made = Batch(live, run)
    yield made
    made.http.close()


def test_a_folder_is_predicted_and_the_results_are_downloaded(batch: Batch, photos: Path) -> None:
    view = batch.begin(json={"dataset": str(photos), "top_k": 1})
    assert (view["status"], view["total"], view["done"], view["failed"]) == ("completed", 3, 3, 1)
    assert (view["left_out"], view["model_version"]) == (1, "v1")
    lines = batch.lines(view["id"])
    assert [line["input"] for line in lines] == ["a.png", "b/c.png", "b/d.png"]
    assert lines[0]["predictions"][0]["class"] == "light"
    assert lines[2]["error"]["message"] == "it is cut off"
    answer = batch.http.get(f"/batch/{view['id']}/results", params={"format": "csv"})
    assert answer.headers["content-disposition"] == f'attachment; filename="{view["id"]}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["class"] for row in rows] == ["light", "dark", ""]


def test_a_registered_dataset_and_a_pattern(live: Live, batch: Batch, photos: Path) -> None:
    with live.services.database.session() as session:
        Datasets(session).add("holiday", str(photos), owner_id=None)
    view = batch.begin(json={"dataset": "holiday", "pattern": "b/c*"})
    assert view["source"] == "holiday, b/c*"
    assert [line["input"] for line in batch.lines(view["id"])] == ["b/c.png"]


def test_files_and_texts(batch: Batch, photos: Path) -> None:
    view = batch.begin(json={"files": [str(photos / "a.png"), "/no/such.png"]})
    assert (view["done"], view["failed"]) == (2, 1)
    text = base64.b64encode(DARK).decode()
    view = batch.begin(json={"inputs": [text, "http://127.0.0.1:9/a.png", "%"]})
    lines = batch.lines(view["id"])
    assert [line["input"] for line in lines] == ["inputs.0", "http://127.0.0.1:9/a.png", "inputs.2"]
    assert lines[1]["error"]["code"] == "forbidden"


def test_an_uploaded_archive_and_an_uploaded_image(batch: Batch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("deep/1.png", LIGHT)
        archive.writestr("deep/2.png", DARK)
    form = {"file": ("../../my photos.zip", stream.getvalue())}
    view = batch.begin(files=form, data={"top_k": "1"})
    assert (view["source"], view["top_k"]) == ("my photos.zip", 1)
    assert [line["input"] for line in batch.lines(view["id"])] == ["deep/1.png", "deep/2.png"]
    view = batch.begin(files={"file": ("a.png", LIGHT)})
    assert [line["input"] for line in batch.lines(view["id"])] == ["a.png"]


def test_attacks_on_the_archive_are_refused_and_leave_nothing(live: Live, batch: Batch) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("../../../out.png", LIGHT)
    answer = batch.http.post("/batch", files={"file": ("a.zip", stream.getvalue())})
    assert answer.json()["error"]["code"] == "bad_archive"
    for name in ("..", "/etc/passwd", ".hidden.png", "a\0b"):
        view = batch.begin(files={"file": (name, LIGHT)})
        assert view["failed"] == 0
    batches = live.services.settings.home.runs / batch.run.id / "batches"
    assert not [p for p in batches.iterdir() if not (p / "batch.json").exists()]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 422, "one of dataset, files and inputs"),
        ({"dataset": "/tmp", "files": ["/a"]}, 422, "dataset and files"),
        ({"files": ["here.png"]}, 400, "absolute"),
        ({"files": ["/a.png"], "pattern": "*"}, 422, "pattern"),
        ({"dataset": "no-such-data"}, 404, "no-such-data"),
        ({"dataset": "digits"}, 400, "sample of the catalogue"),
        ({"dataset": "/no/such/folder"}, 400, "not a folder"),
        ({"files": ["/a.png"], "top_k": 0}, 422, "top_k"),
    ],
)
def test_what_cannot_be_asked_is_explained(
    batch: Batch, body: dict[str, Any], status: int, words: str
) -> None:
    answer = batch.http.post("/batch", json=body)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"]["message"]
    assert batch.http.get("/batch").json()["items"] == []


def test_batches_are_listed_and_deleted(batch: Batch, photos: Path) -> None:
    views = [batch.begin(json={"dataset": str(photos)}) for _ in range(2)]
    listed = batch.http.get("/batch").json()["items"]
    assert [view["id"] for view in listed] == [view["id"] for view in reversed(views)]
    assert batch.http.post(f"/batch/{views[0]['id']}/cancel").status_code == 409
    assert batch.http.post(f"/batch/{views[0]['id']}/resume").status_code == 409
    assert batch.http.delete(f"/batch/{views[0]['id']}").status_code == 204
    assert batch.http.get(f"/batch/{views[0]['id']}").status_code == 404
    assert batch.http.get(f"/batch/{views[0]['id']}/results").status_code == 404


def test_a_run_without_a_model_has_no_batches(live: Live) -> None:
    run = live.add_run(model="batchmeter/one", dataset=None)
    answer = live.call("POST", f"/api/v1/inference/{run.id}/batch", json={"files": ["/a.png"]})
    assert answer.status_code == 409
