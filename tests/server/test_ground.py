"""What a platform needs below it: room, and a Temporal database that Temporal can start on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from trainwright.server.ground import set_aside_damaged, set_aside_unfinished


def make(path: Path, *statements: str) -> Path:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "temporal.db"


def test_a_database_in_use_stays(database: Path) -> None:
    make(database, "CREATE TABLE namespaces (id)", "INSERT INTO namespaces VALUES (1)")
    before = database.read_bytes()
    assert not set_aside_unfinished(database)
    assert database.read_bytes() == before


def test_none_is_none(database: Path) -> None:
    assert not set_aside_unfinished(database)
    assert not database.exists()


def test_one_that_another_program_holds_stays(database: Path) -> None:
    make(database, "CREATE TABLE namespaces (id)", "INSERT INTO namespaces VALUES (1)")
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert not set_aside_unfinished(database)
    holder.close()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_what_is_no_database_makes_way(database: Path, content: bytes) -> None:
    database.write_bytes(content)
    assert set_aside_unfinished(database)
    assert not database.exists()
    assert database.with_name("temporal.db.damaged").read_bytes() == content


def test_one_whose_making_was_cut_short_makes_way(database: Path) -> None:
    make(database, "CREATE TABLE shards (id)")
    assert set_aside_unfinished(database)
    make(database, "CREATE TABLE namespaces (id)")
    assert set_aside_unfinished(database)
    assert [p.name for p in database.parent.iterdir()] == ["temporal.db.damaged"]


def test_damage_in_the_middle_is_found_once_temporal_has_died(database: Path) -> None:
    make(database, "CREATE TABLE namespaces (id)", "INSERT INTO namespaces VALUES (1)")
    make(
        database,
        "CREATE TABLE executions (state)",
        *["INSERT INTO executions VALUES (randomblob(3000))"] * 30,
    )
    assert not set_aside_damaged(database)
    with database.open("r+b") as file:
        for page in range(4, 20):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    assert not set_aside_unfinished(database)  # the look before every start is a short one
    assert set_aside_damaged(database)
    assert not database.exists()
