"""Batches of predictions, with real workers and real crashes."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from trainwright.serving import Recipe, WorkerPool
from trainwright.serving.batch import Batches, from_folder, from_paths, from_texts
from trainwright.serving.batch.asking import Asker
from trainwright.serving.batch.folder import FOLDER, BatchFolder
from trainwright.serving.batch.job import Job
from trainwright.serving.batch.table import csv_blocks
from trainwright.spec import ConflictError, InvalidRequestError, NotFoundError
from trainwright.spec.api import BatchStatus, BatchView
from trainwright.spec.events import utc_now

MakeRecipe = Callable[..., Recipe]

WORKER = """
    import collections
    say({"ready": True, "model_version": "v7"})
    for r in requests():
        out = []
        for path in r["inputs"]:
            name = os.path.basename(path)
            if name.startswith("kill"): os._exit(3)
            if name.startswith("wait"): time.sleep(0.005)
            if name.startswith("bad"):
                out.append({"error": {"field": "inputs", "code": "bad_input", "message": "cut off"},
                            "predictions": []})
            else:
                out.append({"predictions": [{"class": name, "class_id": 1, "confidence": 0.5}],
                            "inference_time_ms": 1.0, "model_version": "v7"})
        say({"id": r["id"], "predictions": out})
"""


class House:
    """Batches over a folder of runs, with one run."""

    def __init__(self, root: Path, recipe: Recipe, pool: WorkerPool, **options: object) -> None:
        self.runs = root / "runs"
        (self.runs / "r1").mkdir(parents=True, exist_ok=True)
        self.batches = Batches(self.runs, lambda _: recipe, pool, **options)  # type: ignore[arg-type]
        self.batches.start()

    def begin(self, folder: Path, **kwargs: str) -> BatchView:
        source = from_folder(folder, "photos", **kwargs)
        place = self.batches.new_folder("r1")
        return self.batches.create("r1", place, source, owner_id=None, top_k=3)

    def ended(self, view: BatchView, seconds: float = 30) -> BatchView:
        deadline = time.monotonic() + seconds
        while not (now := self.batches.get("r1", view.id)).status.has_ended:
            assert time.monotonic() < deadline, now
            time.sleep(0.01)
        return now

    def lines(self, view: BatchView) -> list[dict[str, object]]:
        return list(self.batches.folder("r1", view.id).lines())


@pytest.fixture
def house(tmp_path: Path, recipe: MakeRecipe, pool: WorkerPool) -> Iterator[House]:
    made = House(tmp_path, recipe(WORKER), pool)
    yield made
    made.batches.close()


@pytest.fixture
def photos(tmp_path: Path) -> Callable[..., Path]:
    def make(*names: str) -> Path:
        root = tmp_path / "photos"
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(b"x")
        return root

    return make


def test_every_image_is_answered_in_natural_order(
    house: House, photos: Callable[..., Path]
) -> None:
    names = [f"{c}/img{n}.png" for c in ("cat", "dog") for n in range(1, 151)]
    view = house.ended(house.begin(photos(*names, "readme.md", ".hidden.png")))
    assert (view.status, view.total, view.done, view.failed) == ("completed", 300, 300, 0)
    assert (view.left_out, view.model_version) == (1, "v7")
    assert view.inputs_per_second is not None
    lines = house.lines(view)
    assert [line["input"] for line in lines] == names
    assert [line["index"] for line in lines] == list(range(300))


class SlowDisk(BatchFolder):
    """A disk that takes a second to be sure of anything."""

    def append(self, lines: Iterable[bytes]) -> None:
        time.sleep(1)
        super().append(lines)

    def save(self, view: BatchView) -> None:
        time.sleep(1)
        super().save(view)


def test_who_looks_at_a_batch_does_not_wait_for_the_disk(
    tmp_path: Path, photos: Callable[..., Path], recipe: MakeRecipe, pool: WorkerPool
) -> None:
    folder, source = SlowDisk(tmp_path / "batch"), from_folder(photos("a.png", "b.png"), "photos")
    total = folder.write_inputs(source.items)
    view = BatchView(
        id="b", run_id="r1", source="photos", top_k=1, total=total, created_at=utc_now()
    )
    folder.save(view)
    job = Job(folder)
    asker = Asker(pool, "r1", recipe(WORKER), 1, allow_private=False)
    worker = Thread(target=job.work, args=(asker, lambda: False))
    worker.start()
    longest, looks = 0.0, 0
    while worker.is_alive():
        began = time.monotonic()
        job.view()
        longest, looks = max(longest, time.monotonic() - began), looks + 1
        time.sleep(0.005)
    worker.join()
    assert (job.view().status, job.view().done) == ("completed", 2)
    assert looks > 10
    assert longest < 0.5


def test_what_cannot_be_read_has_its_error_and_harms_nobody(
    house: House, photos: Callable[..., Path]
) -> None:
    folder = photos(*(f"{n:03}.png" for n in range(40)), "bad1.png", "kill.png", "z.png")
    view = house.ended(house.begin(folder))
    assert (view.status, view.done, view.failed) == ("completed", 43, 2)
    errors = {line["input"]: line["error"] for line in house.lines(view) if "error" in line}
    assert errors.keys() == {"bad1.png", "kill.png"}
    assert errors["bad1.png"]["message"] == "cut off"  # type: ignore[index]
    assert "died" in errors["kill.png"]["message"]  # type: ignore[index]


def test_strange_answers_of_a_model_spoil_neither_file_nor_batch(
    tmp_path: Path, recipe: MakeRecipe, pool: WorkerPool, photos: Callable[..., Path]
) -> None:
    strange = recipe(r"""
        say({"ready": True})
        for r in requests():
            out = []
            for path in r["inputs"]:
                name = os.path.basename(path)
                label = {"class": "\udcff", "class_id": 0, "confidence": 0.5}
                if name == "nan.png": label = {"class": "a", "confidence": float("nan")}
                out.append("none" if name == "words.png" else {"predictions": [label]})
            say({"id": r["id"], "predictions": out})
    """)
    house = House(tmp_path, strange, pool)
    view = house.ended(house.begin(photos("a.png", "nan.png", "words.png", "z.png")))
    assert (view.status, view.done, view.failed) == ("completed", 4, 1)
    text = b"".join(house.batches.folder("r1", view.id).blocks()).decode()
    lines = [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]
    assert [line["input"] for line in lines] == ["a.png", "nan.png", "words.png", "z.png"]
    assert lines[0]["predictions"][0]["class"] == "?"
    assert lines[1]["predictions"][0]["confidence"] is None
    assert "did not answer each" in lines[2]["error"]["message"]
    house.batches.close()


def test_a_model_that_fails_for_everything_ends_the_batch(
    tmp_path: Path, recipe: MakeRecipe, pool: WorkerPool, photos: Callable[..., Path]
) -> None:
    dying = recipe("""
        say({"ready": True})
        for r in requests(): os._exit(5)
    """)
    house = House(tmp_path, dying, pool)
    view = house.ended(house.begin(photos(*(f"{n}.png" for n in range(200)))), 60)
    assert view.status is BatchStatus.FAILED
    assert view.error is not None
    assert "exit code 5" in view.error.message
    house.batches.close()


def test_a_model_that_does_not_start_ends_it_at_once_and_it_can_be_resumed(
    tmp_path: Path, recipe: MakeRecipe, pool: WorkerPool, photos: Callable[..., Path]
) -> None:
    gate = tmp_path / "weights"
    picky = recipe(
        """
        if not os.path.exists(sys.argv[1]):
            say({"error": {"code": "no_model", "message": "weights are gone"}})
            sys.exit()
        say({"ready": True})
        for r in requests(): say({"id": r["id"], "predictions": [{"predictions": []}]})
        """,
        str(gate),
    )
    house = House(tmp_path, picky, pool)
    view = house.ended(house.begin(photos("a.png")))
    assert view.status is BatchStatus.FAILED
    assert view.error is not None
    assert view.error.message == "weights are gone"
    gate.touch()
    again = None
    while again is None:
        try:
            again = house.batches.resume("r1", view.id)
        except ConflictError:  # it is still being let go
            time.sleep(0.01)
    assert house.ended(again).status is BatchStatus.COMPLETED
    with pytest.raises(ConflictError):
        house.batches.resume("r1", view.id)
    house.batches.close()


def test_a_batch_is_cancelled_and_what_was_answered_stays(
    house: House, photos: Callable[..., Path]
) -> None:
    view = house.begin(photos(*(f"wait{n}.png" for n in range(2_000))))
    while house.batches.get("r1", view.id).done == 0:
        time.sleep(0.01)
    now = house.batches.get("r1", view.id)
    assert now.eta_seconds is not None
    assert now.eta_seconds > 1
    cancelled = house.batches.cancel("r1", view.id)
    assert cancelled.status is BatchStatus.CANCELLED
    time.sleep(0.2)
    assert 0 < len(house.lines(view)) == house.batches.get("r1", view.id).done < 2_000
    with pytest.raises(ConflictError):
        house.batches.cancel("r1", view.id)
    house.batches.delete("r1", view.id)
    with pytest.raises(NotFoundError):
        house.batches.get("r1", view.id)
    assert house.batches.list("r1") == []


def test_batches_take_turns(
    tmp_path: Path, recipe: MakeRecipe, pool: WorkerPool, photos: Callable[..., Path]
) -> None:
    house = House(tmp_path, recipe(WORKER), pool, threads=2)
    folder = photos(*(f"wait{n}.png" for n in range(50)))
    views = [house.begin(folder) for _ in range(4)]
    assert [house.ended(view).done for view in views] == [50] * 4
    assert [v.id for v in house.batches.list("r1")] == [v.id for v in reversed(views)]
    house.batches.close()


@pytest.mark.parametrize("nonsense", ["..", "../r1", "/etc", "nothing", "a/b", "", "."])
def test_ids_of_strangers_lead_nowhere(house: House, nonsense: str) -> None:
    with pytest.raises(NotFoundError):
        house.batches.get("r1", nonsense)
    with pytest.raises(NotFoundError):
        house.batches.delete("r1", nonsense)
    assert (house.runs / "r1").is_dir()


def test_patterns_choose_files(house: House, photos: Callable[..., Path]) -> None:
    folder = photos("a.png", "b.jpg", "deep/c.jpg", "deep/d.png")
    view = house.ended(house.begin(folder, pattern="**/*.jpg"))
    assert [line["input"] for line in house.lines(view)] == ["b.jpg", "deep/c.jpg"]


def test_nothing_to_predict_is_refused_and_leaves_nothing(
    house: House, photos: Callable[..., Path]
) -> None:
    with pytest.raises(InvalidRequestError, match="no image"):
        house.begin(photos("notes.txt"))
    with pytest.raises(InvalidRequestError, match="not a folder"):
        house.begin(Path("/no/such/folder"))
    assert list((house.runs / "r1" / FOLDER).iterdir()) == []


class _Images(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(404 if "gone" in self.path else 200)
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _png() -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("L", (4, 4)).save(stream, "PNG")
    return stream.getvalue()


PNG = _png()


def test_urls_base64_and_files(
    tmp_path: Path, recipe: MakeRecipe, pool: WorkerPool, photos: Callable[..., Path]
) -> None:
    import base64

    house = House(tmp_path, recipe(WORKER), pool, allow_private=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Images)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    texts = [f"{url}/a.png", f"{url}/gone.png", base64.b64encode(PNG).decode(), "%%"]
    place = house.batches.new_folder("r1")
    source = from_texts(texts, place.files)
    made = house.batches.create("r1", place, source, owner_id=None, top_k=1)
    view = house.ended(made)
    server.shutdown()
    server.server_close()
    assert (view.done, view.failed) == (4, 2)
    lines = house.lines(view)
    assert [line["input"] for line in lines] == [*texts[:2], "inputs.2", "inputs.3"]
    assert ["error" in line for line in lines] == [False, True, False, True]

    os.mkfifo(tmp_path / "pipe.png")
    paths = [str(photos("a.png") / "a.png"), str(tmp_path / "pipe.png"), "/no/such.png"]
    place = house.batches.new_folder("r1")
    made = house.batches.create("r1", place, from_paths(paths), owner_id=None, top_k=1)
    assert house.ended(made).failed == 2
    with pytest.raises(InvalidRequestError, match="absolute"):
        from_paths(["here.png"])
    house.batches.close()


CRASHING = """
import sys, time
from pathlib import Path
from trainwright.serving import Recipe, WorkerPool
from trainwright.serving.batch import Batches, from_folder
root, script, begin = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "begin"
pool = WorkerPool(2**30)
recipe = Recipe((sys.executable, "-S", "-E", script))
batches = Batches(root / "runs", lambda _: recipe, pool)
batches.start()
if begin:
    folder = batches.new_folder("r1")
    source = from_folder(root / "photos", "photos")
    print(batches.create("r1", folder, source, owner_id=None, top_k=1).id, flush=True)
time.sleep(60)
"""


def test_after_a_kill_it_goes_on_without_a_repetition(
    tmp_path: Path, recipe: MakeRecipe, photos: Callable[..., Path]
) -> None:
    photos(*(f"wait{n}.png" for n in range(400)))
    (tmp_path / "runs" / "r1").mkdir(parents=True)
    script = recipe(WORKER).argv[-1]
    results: Path | None = None
    kills, ended = 0, False
    for attempt in range(4):
        argv = [sys.executable, "-c", CRASHING, str(tmp_path), script]
        process = subprocess.Popen(
            [*argv, "begin" if attempt == 0 else "go on"],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        if results is None:
            batch = process.stdout.readline().decode().strip()
            results = tmp_path / "runs" / "r1" / FOLDER / batch / "results.jsonl"
        record = results.with_name("batch.json")
        before = results.stat().st_size if results.exists() else 0
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            ended = json.loads(record.read_bytes())["status"] == "completed"
            grown = results.exists() and results.stat().st_size > before
            if ended or (grown and kills < 2):
                break
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if ended:
            break
        kills += 1
        with results.open("a") as file:  # what a power cut leaves half written
            file.write('{"index": 399, "inp')
    assert (kills, ended) == (2, True)
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert [line["index"] for line in lines] == list(range(400))
    assert len({line["input"] for line in lines}) == 400


def test_two_platforms_do_not_write_to_one_batch(
    house: House, recipe: MakeRecipe, pool: WorkerPool, photos: Callable[..., Path]
) -> None:
    view = house.begin(photos(*(f"wait{n}.png" for n in range(200))))
    second = House(house.runs.parent, recipe(WORKER), pool)
    assert house.ended(view).done == 200
    second.batches.close()
    assert [line["index"] for line in house.lines(view)] == list(range(200))


def test_a_run_that_is_deleted_takes_its_batches_along(
    house: House, photos: Callable[..., Path]
) -> None:
    import shutil

    view = house.begin(photos(*(f"wait{n}.png" for n in range(500))))
    while house.batches.get("r1", view.id).done == 0:
        time.sleep(0.01)
    deadline = time.monotonic() + 20
    while (house.runs / "r1").exists():  # results may be written while the folder is emptied
        assert time.monotonic() < deadline
        shutil.rmtree(house.runs / "r1", ignore_errors=True)
    while view.id in house.batches._jobs:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not (house.runs / "r1").exists()


def test_csv_has_a_line_a_prediction() -> None:
    lines = [
        {"index": 0, "input": 'a "b",\n.png', "predictions": [
            {"class": "cat", "class_id": 0, "confidence": 0.9, "box": [1, 2, 3, 4]},
            {"class": "dog", "class_id": 1, "confidence": 0.1},
        ]},
        {"error": {"message": "cut off"}, "index": 1, "input": "b.png", "predictions": []},
    ]  # fmt: skip
    text = b"".join(csv_blocks(lines)).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(r["index"], r["rank"], r["class"], r["x_max"], r["error"]) for r in rows] == [
        ("0", "1", "cat", "3", ""),
        ("0", "2", "dog", "", ""),
        ("1", "", "", "", "cut off"),
    ]
    assert rows[0]["input"] == 'a "b",\n.png'
