"""Cursors travel through other people's hands: whatever comes back is a place, or refused."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trainwright.spec import InvalidRequestError
from trainwright.store import Database
from trainwright.store.repositories import Chats, Datasets, RunQuery, Runs
from trainwright.store.repositories.base import decode_cursor, encode_cursor
from trainwright.testing.stores_runs import make_run

SORTS = ["-created_at", "started_at", "name", "status", "task", "priority"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("sort", SORTS)
def test_pages_in_every_order_hold_each_run_once(database: Database, sort: str) -> None:
    made = {make_run(database) for _ in range(5)}
    read: list[str] = []
    cursor: str | None = None
    with database.session(write=False) as session:
        while True:
            page = Runs(session).list(RunQuery(sort=sort, limit=2, cursor=cursor))
            read += [run.id for run in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(read) == 5
    assert set(read) == made


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(sort=st.sampled_from(SORTS), place=JSON, run_id=JSON)
@example("-created_at", {"x": 1}, "r")
@example("-created_at", "0001-01-01T00:00:00+23:59", "r")
@example("status", "no status", "r")
@example("priority", 1 << 70, "r")
@example("priority", float("inf"), "r")
@example("name", "\0", {"a": []})
@example("name", "\ud800", "r")
def test_a_made_up_place_is_a_place_or_refused(
    database: Database, sort: str, place: Any, run_id: Any
) -> None:
    cursor = encode_cursor(sort, place, run_id)
    with database.session(write=False) as session:
        try:
            page = Runs(session).list(RunQuery(sort=sort, cursor=cursor))
        except InvalidRequestError:
            return
    assert page.next_cursor is None


@pytest.mark.parametrize(
    "text", ["[" * 3000, "{}", "[1]", "[1, 2]", "[[], 2]", '["\\ud800", 1]', "nothing"]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    cursor = base64.urlsafe_b64encode(text.encode()).decode()
    with pytest.raises(InvalidRequestError, match="cursor"):
        decode_cursor(cursor, str, int)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(parts=st.lists(JSON, min_size=1, max_size=2))
@example(["2026-01-01T00:00:00", "s"])
@example(["0001-01-01T00:00:00+23:59", "s"])
@example([{"a": 1}])
def test_a_made_up_place_among_datasets_and_conversations(
    database: Database, parts: list[Any]
) -> None:
    cursor = encode_cursor(*parts)
    with database.session(write=False) as session:
        with suppress(InvalidRequestError):
            assert Datasets(session).list(cursor=cursor).items == []
        with suppress(InvalidRequestError):
            assert Chats(session).list("nobody", cursor=cursor).items == []


def test_a_name_with_a_nul_is_nobody(database: Database) -> None:
    with database.session(write=False) as session, pytest.raises(InvalidRequestError):
        Runs(session).resolve("a\0b")
