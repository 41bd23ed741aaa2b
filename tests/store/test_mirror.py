"""The mirror of what runs leave: what goes there, and what comes back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwright.files import sha256_of
from trainwright.settings import Home
from trainwright.spec import NotFoundError, RunSpec, RunStatus
from trainwright.spec.events import CheckpointSaved
from trainwright.spec.result import Artifact
from trainwright.store import Database
from trainwright.store.mirror import Mirror, key_of, open_mirror
from trainwright.store.models import Run
from trainwright.store.objects import Bucket, LocalObjects, ObjectStore, S3Objects
from trainwright.store.objects.errors import ObjectDamagedError, ObjectStoreUnreachableError
from trainwright.store.repositories import Artifacts, Checkpoints, Runs
from trainwright.store.repositories.mirror import Mirrored
from trainwright.testing.s3 import S3Server

FILES = {
    "spec.yaml": "model: builtin/lenet5",
    "events.jsonl": "{}",
    "artifacts/model.safetensors": "weights",
    "artifacts/한글 100%.svg": "curve",
    "checkpoints/old.pt": "an old one",
    "checkpoints/best.pt": "the best",
    "checkpoints/last.pt": "the last",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture(params=["folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "folder":
        yield LocalObjects(tmp_path / "elsewhere")
        return
    with S3Server() as server:
        yield server.objects()


@pytest.fixture
def mirror(sqlite_database: Database, home: Home, objects: ObjectStore) -> Mirror:
    return Mirror(sqlite_database, home, objects)


@pytest.fixture
def run_id(sqlite_database: Database, home: Home) -> str:
    with sqlite_database.session() as session:
        run = Runs(session).add(RunSpec(model="builtin/lenet5", dataset="digits"), owner_id=None)
        run.status = RunStatus.STOPPED
        session.flush()
        leave(session, home, run, FILES)
        return run.id


def leave(session, home: Home, run: Run, files: dict[str, str]) -> None:
    """Write files and register them, as at the end of an attempt."""
    for step, (name, text) in enumerate(files.items()):
        path = home.runs / run.id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if name.startswith("checkpoints/"):
            saved = CheckpointSaved(
                path=name,
                sha256=sha256_of(path),
                size=len(text),
                step=step,
                is_best=name.endswith("best.pt"),
            )
            Checkpoints(session).save(run.id, 1, saved)
    found = [
        Artifact(name=Path(n).name, path=n, bytes=1, sha256=sha256_of(home.runs / run.id / n))
        for n in files
        if n.startswith("artifacts/")
    ]
    Artifacts(session).put(run.id, found)
    Mirrored(session).mark_due(run.id)


def is_due(database: Database, run_id: str) -> bool:
    with database.session(write=False) as session:
        return run_id in Mirrored(session).due(10)


def mirrored(objects: ObjectStore, run_id: str) -> set[str]:
    return {key.removeprefix(f"runs/{run_id}/") for key in objects.list(f"runs/{run_id}/")}


def test_what_matters_goes_there_and_comes_back(
    sqlite_database: Database, home: Home, mirror: Mirror, objects: ObjectStore, run_id: str
) -> None:
    assert is_due(sqlite_database, run_id)
    mirror.keep(run_id)
    assert not is_due(sqlite_database, run_id)
    wanted = FILES.keys() - {"checkpoints/old.pt", "artifacts/한글 100%.svg"}
    assert mirrored(objects, run_id) == wanted | {"artifacts/한글 100%25.svg"}
    assert mirror.bring_back(run_id) == 0

    shutil.rmtree(home.runs)
    assert mirror.bring_back(run_id, but="checkpoints/") == 4
    assert mirror.bring_file(run_id, "checkpoints/last.pt")
    assert not mirror.bring_file(run_id, "checkpoints/old.pt")
    assert mirror.bring_back(run_id) == 1
    for name in FILES.keys() - {"checkpoints/old.pt"}:
        assert (home.runs / run_id / name).read_text() == FILES[name]


def test_another_machine_gets_what_it_needs(
    sqlite_database: Database, mirror: Mirror, objects: ObjectStore, run_id: str, tmp_path: Path
) -> None:
    mirror.keep(run_id)
    other = Home(tmp_path / "another machine")
    assert Mirror(sqlite_database, other, objects).bring_back(run_id) == 6
    weights = other.runs / run_id / "artifacts/model.safetensors"
    assert weights.read_text() == "weights"


def test_a_checkpoint_may_be_a_folder(
    sqlite_database: Database, home: Home, mirror: Mirror, objects: ObjectStore, run_id: str
) -> None:
    folder = home.runs / run_id / "checkpoints/step-9"
    (folder / "shards").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "shards/1.bin").write_text("one")
    saved = CheckpointSaved(path="checkpoints/step-9", sha256="d" * 64, size=5, step=9)
    with sqlite_database.session() as session:
        Checkpoints(session).save(run_id, 1, saved)
    mirror.keep(run_id)
    inside = {"checkpoints/step-9/config.json", "checkpoints/step-9/shards/1.bin"}
    assert inside <= mirrored(objects, run_id)
    assert mirror.uris(run_id)["checkpoints/step-9", ""].endswith(f"{run_id}/checkpoints/step-9")
    shutil.rmtree(folder)
    mirror.keep(run_id)  # what is lost here is not void there
    assert mirror.bring_back(run_id) == 2
    assert (folder / "shards/1.bin").read_text() == "one"
    newer = {"checkpoints/last-2.pt": "newer"}
    with sqlite_database.session() as session:
        leave(session, home, Runs(session).get(run_id), newer)
    mirror.keep(run_id)
    assert not inside & mirrored(objects, run_id)


def test_only_what_is_new_is_sent_and_what_is_void_goes(
    sqlite_database: Database, home: Home, mirror: Mirror, objects: ObjectStore, run_id: str
) -> None:
    mirror.keep(run_id)
    objects.put(key_of(run_id, "artifacts/model.safetensors"), b"another")
    better = {"checkpoints/best-2.pt": "better", "artifacts/model.onnx": "exported"}
    with sqlite_database.session() as session:
        run = Runs(session).get(run_id)
        leave(session, home, run, better)
        rows = {row.path: row for row in Checkpoints(session).list(run_id)}
        Checkpoints(session).mark_best(run_id, rows["checkpoints/best-2.pt"].id)
    mirror.keep(run_id)
    there = mirrored(objects, run_id)
    assert better.keys() <= there
    assert "checkpoints/best.pt" not in there
    assert objects.get(key_of(run_id, "artifacts/model.safetensors")) == b"another"


def test_what_came_meanwhile_is_still_due(
    sqlite_database: Database, home: Home, mirror: Mirror, run_id: str
) -> None:
    class Interrupted(LocalObjects):
        def put(self, key, source, *, sha256=None):
            if key.endswith("model.safetensors"):
                with sqlite_database.session() as session:
                    run = Runs(session).get(run_id)
                    leave(session, home, run, {"artifacts/export.onnx": "e"})
            return super().put(key, source, sha256=sha256)

    interrupted = Mirror(sqlite_database, home, Interrupted(home.path / "elsewhere"))
    interrupted.keep(run_id)
    assert is_due(sqlite_database, run_id)
    interrupted.keep(run_id)
    assert not is_due(sqlite_database, run_id)


def test_files_that_changed_or_went_are_left_out(
    home: Home, mirror: Mirror, objects: ObjectStore, run_id: str
) -> None:
    (home.runs / run_id / "artifacts/model.safetensors").write_text("not what was hashed")
    (home.runs / run_id / "checkpoints/best.pt").unlink()
    mirror.keep(run_id)
    there = mirrored(objects, run_id)
    assert "spec.yaml" in there
    assert not there & {"artifacts/model.safetensors", "checkpoints/best.pt"}


def test_a_change_in_the_object_store_is_refused(
    home: Home, mirror: Mirror, objects: ObjectStore, run_id: str
) -> None:
    mirror.keep(run_id)
    objects.put(key_of(run_id, "checkpoints/best.pt"), b"tampered")
    file = home.runs / run_id / "checkpoints/best.pt"
    file.unlink()
    with pytest.raises(ObjectDamagedError):
        mirror.bring_back(run_id)
    assert not file.exists()


def test_out_of_reach_nothing_is_lost(
    sqlite_database: Database, home: Home, mirror: Mirror, run_id: str
) -> None:
    away = S3Objects(Bucket("models", endpoint="http://127.0.0.1:9", patience=0.5))
    unreachable = Mirror(sqlite_database, home, away)
    with pytest.raises(ObjectStoreUnreachableError):
        unreachable.keep(run_id)
    assert is_due(sqlite_database, run_id)
    mirror.keep(run_id)
    assert unreachable.bring_back(run_id) == 0  # nobody has to be asked
    (home.runs / run_id / "spec.yaml").unlink()
    with pytest.raises(ObjectStoreUnreachableError):
        unreachable.bring_back(run_id)


def test_a_run_that_is_deleted_meanwhile_leaves_nothing(
    sqlite_database: Database, home: Home, run_id: str
) -> None:
    class Deleted(LocalObjects):
        def put(self, key, source, *, sha256=None):
            stored = super().put(key, source, sha256=sha256)
            with sqlite_database.session() as session:
                session.delete(Runs(session).get(run_id))
            return stored

    objects = Deleted(home.path / "elsewhere")
    with pytest.raises(NotFoundError):
        Mirror(sqlite_database, home, objects).keep(run_id)
    assert list(objects.list()) == []


def test_there_is_a_mirror_only_elsewhere(sqlite_database: Database, tmp_path: Path) -> None:
    from trainwright.settings import Settings

    def opened(**given: object) -> Mirror | None:
        return open_mirror(
            Settings.model_validate({"trainwright_home": tmp_path} | given), sqlite_database
        )

    assert opened() is None
    assert opened(s3_endpoint="http://127.0.0.1:9") is None
    assert opened(s3_bucket="models") is not None
    assert opened(trainwright_objects=tmp_path / "share") is not None


def test_keys_of_odd_names_are_keys(tmp_path: Path) -> None:
    objects = LocalObjects(tmp_path)
    keys = [key_of("r1", f"artifacts/{name}") for name in ("a\nb", "a%0Ab", "a\\b", "a b", "é")]
    for key in keys:
        objects.put(key, b"x")
    assert len(set(keys)) == 5
    assert keys[-1] == "runs/r1/artifacts/é"
