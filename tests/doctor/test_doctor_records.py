"""News that nobody took, and data that are gone, are told with what mends them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwright.doctor import Level
from trainwright.doctor.records import datasets, webhooks
from trainwright.settings import Settings
from trainwright.store import Database
from trainwright.store.repositories import Datasets, Notices, Users, Webhooks
from trainwright.store.repositories.webhooks import DEAD


@pytest.fixture
def settings(home_path: Path) -> Settings:
    home_path.mkdir()
    return Settings(trainwright_home=home_path)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    made = Database(settings.database)
    made.upgrade()
    yield made
    made.dispose()


def test_a_home_without_records_has_none(settings: Settings) -> None:
    found = [*webhooks(settings), *datasets(settings)]
    assert [finding.level for finding in found] == [Level.OK, Level.OK]


def test_news_that_was_given_up_is_told(settings: Settings, database: Database) -> None:
    with database.session() as session:
        owner = Users(session).add("kim").id
        good, bad = (
            Webhooks(session).add(owner, "https://example.org/", ["test"], "sealed")
            for _ in range(2)
        )
        Notices(session).put(good, "test", "still waits", {})
    assert [finding.level for finding in webhooks(settings)] == [Level.OK]
    with database.session() as session:
        Notices(session).put(session.merge(bad), "test", "given up", {}).status = DEAD
    (finding,) = webhooks(settings)
    assert finding.level is Level.WARN
    assert finding.mend == f"trainwright webhooks deliveries {bad.id} --status dead"


def test_data_that_are_gone_are_told(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    folders = {name: tmp_path / name for name in ("there", "moved", "uploaded")}
    with database.session() as session:
        for name, folder in folders.items():
            folder.mkdir()
            info = {"uploaded": True} if name == "uploaded" else {}
            Datasets(session).add(name, str(folder), info=info)
        Datasets(session).add("in-s3", "s3://bucket/prefix")
    assert [finding.level for finding in datasets(settings)] == [Level.OK]
    for name in ("moved", "uploaded"):
        shutil.rmtree(folders[name])
    messages = {finding.message.split()[0]: finding.message for finding in datasets(settings)}
    assert set(messages) == {"moved", "uploaded"}
    assert "is gone; bring the folder back" in messages["moved"]
    assert "add its archive again" in messages["uploaded"]
