"""A database of its own for each test, and the services that activities get."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwright.settings import Settings
from trainwright.store import Database
from trainwright.workflows.services import Services


@pytest.fixture
def database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "trainwright.db")
    database = Database(f"sqlite:///{tmp_path / 'trainwright.db'}")
    yield database
    database.dispose()


@pytest.fixture
def services(database: Database, home_path: Path) -> Services:
    return Services(Settings(trainwright_home=home_path), database)
