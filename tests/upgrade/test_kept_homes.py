"""Every version opens the homes and the backups of those before it.

Each folder of `homes/` is named after a version, and was made by `scripts/keep-home`.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zstandard
from PIL import Image

from trainwright.backup import create, restore
from trainwright.client import Client
from trainwright.platform import start_platform
from trainwright.settings import Settings
from trainwright.store import Database
from trainwright.store.migrations import HEAD

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(240)]

HOMES = sorted(path for path in (Path(__file__).parent / "homes").iterdir() if path.is_dir())
EPOCHS = 60


def unpacked(archive: Path, into: Path) -> Settings:
    """A home as an older version left it."""
    with zstandard.open(archive, "rb") as file, tarfile.open(fileobj=file, mode="r|") as tar:
        tar.extractall(into, filter="data")
    return Settings(trainwright_home=into, database_url=None)


@contextmanager
def running(settings: Settings) -> Iterator[Client]:
    platform = start_platform(settings)
    try:
        with Client(home=settings.home) as client:
            yield client
    finally:
        platform.stop()


def check_all_is_there(client: Client, picture: Path) -> None:
    """The finished run is as it was and its model works; the paused one goes on to its end."""
    runs = {run.name: run for run in client.runs()}
    assert {name: run.status.value for name, run in runs.items()} == {
        "finished": "completed",
        "paused": "paused",
    }
    finished, paused = runs["finished"], runs["paused"]
    assert client.result(finished.id).metrics["test/accuracy"].final > 0
    assert client.metrics(finished.id, ["train/loss"]).series[0].points
    assert "epoch" in "".join(client.logs(finished.id)).lower()
    assert client.predict(finished.id, [picture])[0].predictions
    before = client.metrics(paused.id, ["val/loss"]).series[0].points
    client.resume(paused.id)
    assert client.wait(paused.id, 150).status == "completed"
    points = client.metrics(paused.id, ["val/loss"]).series[0].points
    assert len(points) == EPOCHS
    assert [p.value for p in points[: len(before)]] == [p.value for p in before]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "digit.png"
    Image.new("L", (8, 8), 200).save(path)
    return path


@pytest.mark.parametrize("kept", HOMES, ids=lambda path: path.name)
def test_a_home_is_opened(kept: Path, tmp_path: Path, picture: Path) -> None:
    settings = unpacked(kept / "home.tar.zst", tmp_path / "home")
    with running(settings) as client:
        check_all_is_there(client, picture)
        backup = create(settings, tmp_path / "now.tar.zst")
    assert backup.manifest.schema_revision == HEAD


@pytest.mark.parametrize("kept", HOMES, ids=lambda path: path.name)
def test_a_backup_is_restored(kept: Path, tmp_path: Path, picture: Path) -> None:
    settings = Settings(trainwright_home=tmp_path / "home", database_url=None)
    restored = restore(settings, kept / "backup.tar.zst")
    assert restored.manifest.runs == 2
    database = Database(settings.database)
    assert database.current() == HEAD
    database.dispose()
    with running(settings) as client:
        check_all_is_there(client, picture)
