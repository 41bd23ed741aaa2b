"""Registered datasets where no platform runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainwright.api.fields import resolve_registered
from trainwright.settings import load
from trainwright.store import Database
from trainwright.store.repositories import Datasets


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "home"


def test_a_registered_dataset_is_found_by_id_and_name(home: Path) -> None:
    home.mkdir()
    database = Database(load().database)
    database.upgrade()
    with database.session() as session:
        dataset_id = Datasets(session).add("shapes", "/data/shapes").id
    database.dispose()
    for ref in ("shapes", dataset_id):
        assert resolve_registered({"dataset": ref, "epochs": 1}) == {
            "dataset": "/data/shapes",
            "epochs": 1,
        }
    assert resolve_registered({"dataset": "shpes"}) == {"dataset": "shpes"}


def test_a_home_without_records_has_none_and_gets_none(home: Path) -> None:
    assert resolve_registered({"dataset": "shapes"}) == {"dataset": "shapes"}
    assert not home.exists()


def test_records_that_cannot_be_read_are_no_answer(home: Path) -> None:
    home.mkdir()
    (home / "trainwright.db").write_bytes(b"this is no database, " * 100)
    assert resolve_registered({"dataset": "shapes"}) == {"dataset": "shapes"}
