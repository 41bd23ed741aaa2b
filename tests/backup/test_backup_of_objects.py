"""What only the object store has of runs is in a backup, and comes back to any place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from backup_rig import Place, below, settings_of, write

from trainwright.backup import Part, create, restore
from trainwright.backup.mirrored import LEFT_OUT
from trainwright.settings import Settings
from trainwright.spec.result import Artifact
from trainwright.store import Database
from trainwright.store.mirror import key_of, open_mirror
from trainwright.store.objects import open_objects
from trainwright.store.objects.errors import ObjectStoreUnreachableError
from trainwright.store.repositories import Artifacts
from trainwright.store.repositories.mirror import Mirrored
from trainwright.testing.s3 import S3Server

MODEL = "artifacts/model.bin"
LARGE = "artifacts/large.bin"
LOST = {MODEL: b"the model", LARGE: bytes(range(256)) * 60_000}


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as found:
        yield found


def at(server: S3Server, home: Path, **others: str | None) -> Settings:
    return server.settings(trainwright_home=home, database_url=None, **others)


@pytest.fixture
def mirrored(place: Place, server: S3Server) -> Settings:
    """A home with a run whose files are in S3 and nowhere else."""
    settings, run_id = at(server, place.path), place.runs["completed"]
    folder = place.folder("completed")
    for name, data in LOST.items():
        write(folder / name, data)
    database = Database(settings.database)
    found = [
        Artifact(name=name, path=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        for name, data in LOST.items()
    ]
    with database.session() as session:
        Artifacts(session).put(run_id, found)
    mirror = open_mirror(settings, database)
    assert mirror is not None
    mirror.keep(run_id)
    database.dispose()
    for name in LOST:
        (folder / name).unlink()
    return settings


def files_of(settings: Settings, run_id: str) -> dict[str, bytes]:
    folder = settings.home.runs / run_id
    return {name: (folder / name).read_bytes() for name in LOST if (folder / name).exists()}


@pytest.mark.parametrize("name", ["backup.tar.zst", "folder"])
def test_files_that_only_s3_has_are_in_the_backup(
    place: Place, mirrored: Settings, tmp_path: Path, name: str
) -> None:
    created = create(mirrored, tmp_path / "out" / name)
    assert LEFT_OUT not in created.manifest.left_out
    assert {p.name for p in (tmp_path / "out").iterdir()} == {name}
    # a place that has never heard of S3
    restore(new := settings_of(tmp_path / "new"), created.path)
    assert files_of(new, place.runs["completed"]) == LOST


def test_a_bucket_that_lacks_them_is_given_them_again(
    place: Place, mirrored: Settings, server: S3Server, tmp_path: Path
) -> None:
    created, run_id = create(mirrored, tmp_path / "b.tar.zst"), place.runs["completed"]
    new = at(server, tmp_path / "new")
    assert new.s3_bucket != mirrored.s3_bucket
    restore(new, created.path)
    database = Database(new.database)
    with database.session(write=False) as session:
        assert run_id in Mirrored(session).due(10)
    mirror = open_mirror(new, database)
    assert mirror is not None
    mirror.keep(run_id)
    for name, data in LOST.items():
        (new.home.runs / run_id / name).unlink()
        assert open_objects(new).get(key_of(run_id, name)) == data
    mirror.bring_back(run_id)
    database.dispose()
    assert files_of(new, run_id) == LOST


def test_what_the_bucket_has_is_not_sent_again(
    place: Place, mirrored: Settings, server: S3Server, tmp_path: Path
) -> None:
    run_id = place.runs["completed"]
    restore(
        new := at(server, tmp_path / "new", s3_bucket=mirrored.s3_bucket),
        create(mirrored, tmp_path / "b.tar.zst").path,
    )
    database = Database(new.database)
    mirror = open_mirror(new, database)
    assert mirror is not None
    before = len(server.faults.seen)
    mirror.keep(run_id)
    database.dispose()
    asked = server.faults.seen[before:]
    assert asked
    assert not [one for one in asked if one.startswith(("PUT", "POST"))]


def test_checkpoints_come_from_there_when_they_are_asked_for(
    place: Place, mirrored: Settings, server: S3Server, tmp_path: Path
) -> None:
    run_id, path = place.runs["completed"], "checkpoints/9.pt"
    objects, database = open_objects(mirrored), Database(mirrored.database)
    stored = objects.put(key_of(run_id, path), b"the ninth")
    with database.session() as session:
        Mirrored(session).note(run_id, path, stored)
    database.dispose()
    plain = create(mirrored, tmp_path / "plain")
    assert f"home/runs/{run_id}/{path}" not in plain.manifest.members
    whole = create(mirrored, tmp_path / "whole", [Part.CHECKPOINTS])
    restore(new := settings_of(tmp_path / "new"), whole.path)
    assert (new.home.runs / run_id / path).read_bytes() == b"the ninth"


def test_what_stays_there_is_named(place: Place, mirrored: Settings, tmp_path: Path) -> None:
    created = create(mirrored, tmp_path / "b", objects=False)
    assert "2 files" in created.manifest.left_out[LEFT_OUT]
    assert not {one for one in below(created.path) if one.endswith(".bin")} & {MODEL}
    # and where nobody knows any more how to reach them
    forgotten = create(settings_of(place.path), tmp_path / "c")
    assert "S3_BUCKET" in forgotten.manifest.left_out[LEFT_OUT]


def test_one_that_is_damaged_there_is_named_and_the_rest_is_saved(
    place: Place, mirrored: Settings, tmp_path: Path
) -> None:
    run_id = place.runs["completed"]
    open_objects(mirrored).put(key_of(run_id, MODEL), b"something else")
    created = create(mirrored, tmp_path / "b.tar.zst")
    assert f"runs/{run_id}/{MODEL}" in created.manifest.left_out
    restore(new := settings_of(tmp_path / "new"), created.path)
    assert files_of(new, run_id) == {LARGE: LOST[LARGE]}


def test_no_backup_is_made_without_them_unasked(mirrored: Settings, tmp_path: Path) -> None:
    away = mirrored.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"})
    with pytest.raises(ObjectStoreUnreachableError) as refused:
        create(away, tmp_path / "out" / "b.tar.zst")
    assert "--no-objects" in str(refused.value.mend)
    assert list((tmp_path / "out").iterdir()) == []
