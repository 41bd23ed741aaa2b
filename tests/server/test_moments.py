"""What many are told at once is never older than the last commit, and never somebody else's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from server_rig import Api, Live, batch_of, events_of

from trainwright.server.moments import MOST_BYTES, Answer, Moments
from trainwright.spec.events import Log, utc_now
from trainwright.store import Database
from trainwright.store.models import Role, Token, User
from trainwright.store.repositories import Tokens, Users
from trainwright.store.repositories.runs import hash_token

LONG = 3600.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'a.db'}")
    found.upgrade()
    yield found
    found.dispose()


def commit(database: Database, name: str) -> None:
    with database.session() as session:
        Users(session).add(name)


def test_a_moment_lasts_until_something_is_committed(database: Database) -> None:
    moments = Moments(database, LONG)

    async def look() -> None:
        first = await moments.now()
        with database.session(write=False) as session:
            Users(session).list()
        assert await moments.now() is first
        commit(database, "a")
        second = await moments.now()
        assert second is not first
        assert await moments.now() is second

    asyncio.run(look())


def test_a_moment_ends_by_itself_and_with_its_loop(database: Database) -> None:
    short, long = Moments(database, 0.01), Moments(database, LONG)

    async def look() -> None:
        first = await short.now()
        await asyncio.sleep(0.02)
        assert await short.now() is not first

    asyncio.run(look())
    assert asyncio.run(long.now()) is not asyncio.run(long.now())


class Remote(Database):
    """One that is asked over a network."""

    is_local = False
    asked = 0

    def version(self) -> Hashable | None:
        self.asked += 1
        time.sleep(0.01)
        return super().version()


def test_a_database_that_is_far_is_asked_once_for_many_but_never_before_they_came(
    tmp_path: Path,
) -> None:
    database = Remote(f"sqlite:///{tmp_path / 'a.db'}")
    database.upgrade()
    moments = Moments(database, LONG)

    async def look() -> None:
        first = await asyncio.gather(*(moments.now() for _ in range(50)))
        assert all(moment is first[0] for moment in first)
        assert database.asked == 1
        asking = asyncio.create_task(moments.now())
        await asyncio.sleep(0.005)  # it is on its way, and may have looked already
        commit(database, "a")
        assert await moments.now() is not first[0]
        await asking
        assert database.asked == 3

    asyncio.run(look())
    database.dispose()


def test_without_a_version_nothing_is_shared(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'a.db'}")
    (tmp_path / "nowhere").write_text("no folder")
    moments = Moments(database, LONG)

    async def look() -> None:
        assert database.version() is None
        assert await moments.now() is not await moments.now()

    asyncio.run(look())


def test_one_makes_the_answer_and_all_who_wait_are_given_it(database: Database) -> None:
    made = 0

    async def make() -> Answer:
        nonlocal made
        made += 1
        await asyncio.sleep(0.01)
        return Answer(b"1", None)

    async def ask() -> list[Answer | None]:
        moment = await Moments(database, LONG).now()
        first = await asyncio.gather(*(moment.answer("q", make) for _ in range(20)))
        return [*first, await moment.answer("q", make), await moment.answer("other", make)]

    assert asyncio.run(ask()) == [Answer(b"1", None)] * 22
    assert made == 2


def test_what_fails_or_is_too_large_is_nobody_elses(database: Database) -> None:
    async def fail() -> Answer:
        await asyncio.sleep(0)
        raise ValueError

    async def make_much() -> Answer:
        return Answer(bytes(MOST_BYTES + 1), None)

    async def make() -> Answer:
        return Answer(b"2", None)

    async def ask() -> None:
        moment = await Moments(database, LONG).now()
        told = await asyncio.gather(
            moment.answer("q", fail), moment.answer("q", make), return_exceptions=True
        )
        assert isinstance(told[0], ValueError)
        assert told[1] is None
        assert await moment.answer("q", make_much) is not None
        assert await moment.answer("q", make) == Answer(b"2", None)

    asyncio.run(ask())


@pytest.fixture
def slow(fresh_api: Api) -> Api:
    """Moments that only a commit ends, so that nothing is right by waiting."""
    fresh_api.services.moments = Moments(fresh_api.services.database, LONG)
    with fresh_api.http as entered:  # one event loop for all requests
        fresh_api.http = entered
        yield fresh_api


def test_a_revoked_token_and_a_disabled_user_are_refused_at_once(slow: Api) -> None:
    database, run = slow.services.database, slow.add_run()
    paths = ["/api/v1/runs", *(f"/api/v1/runs/{run.id}{part}" for part in ("", "/events", "/logs"))]

    def told(person: str) -> set[int]:
        return {slow.call("GET", path, person).status_code for path in paths}

    assert told("user") == told("admin") == {200}
    with database.session() as session:
        token = session.query(Token).filter_by(token_hash=hash_token(slow.people["user"][1])).one()
        Tokens(session).revoke(token.id)
    assert (told("user"), told("admin")) == ({401}, {200})
    with database.session() as session:
        session.get_one(User, slow.people["admin"][0]).disabled = True
    assert told("admin") == {401}


def test_a_token_expires_within_a_moment(slow: Api) -> None:
    user_id, until = slow.people["user"][0], utc_now() + timedelta(seconds=0.5)
    with slow.services.database.session() as session:
        slow.people["user"] = (
            user_id,
            Tokens(session).create(user_id, "short", expires_at=until)[1],
        )
    assert slow.call("GET", "/api/v1/runs").status_code == 200
    time.sleep((until - utc_now()).total_seconds() + 0.01)
    assert slow.call("GET", "/api/v1/runs").status_code == 401


def test_another_role_sees_more_at_once(slow: Api) -> None:
    slow.add_run("other")
    assert slow.call("GET", "/api/v1/runs").json()["total"] == 0
    with slow.services.database.session() as session:
        session.get_one(User, slow.people["user"][0]).role = Role.VIEWER
    assert slow.call("GET", "/api/v1/runs").json()["total"] == 1


def test_everyone_is_told_what_is_theirs(slow: Api) -> None:
    mine, theirs = slow.add_run(), slow.add_run("other")
    for _ in range(2):
        for person, run, seen in (("user", mine, 1), ("other", theirs, 1), ("admin", theirs, 2)):
            page = slow.call("GET", "/api/v1/runs?limit=5", person).json()
            assert page["total"] == seen
            last = slow.call("GET", "/api/v1/runs/last", person).json()
            assert last["id"] == run.id
        assert slow.call("GET", f"/api/v1/runs/{theirs.id}").status_code == 404


def test_what_was_written_is_read_at_once(slow: Api) -> None:
    run = slow.add_run()
    path = f"/api/v1/runs/{run.id}"
    assert slow.call("GET", path).json()["name"] == run.name
    changed = slow.call("PATCH", path, json={"name": "another"})
    assert changed.status_code == 200
    assert slow.call("GET", path).json()["name"] == "another"
    assert slow.call("GET", f"{path}/logs").json()["size"] == 0
    said = batch_of(events_of(run.id, Log(text="hello\n", offset=0, size=6)))
    token = {"X-Internal-Auth": slow.agent_token(run)}
    told = f"/api/v1/internal/runs/{run.id}/events"
    assert slow.call("POST", told, None, headers=token, json=said).status_code == 200
    assert slow.call("GET", f"{path}/logs").json()["text"] == "hello\n"
    assert slow.call("GET", f"{path}/events").json()["items"][-1]["data"]["text"] == "hello\n"


def test_each_answer_has_its_own_id_and_errors_are_made_anew(slow: Api) -> None:
    slow.add_run()
    for path, status in (("/api/v1/runs", 200), ("/api/v1/runs/none", 404)):
        first, second = slow.call("GET", path), slow.call("GET", path)
        assert first.status_code == second.status_code == status
        assert first.headers["x-request-id"] != second.headers["x-request-id"]
        assert len(second.headers.get_list("x-request-id")) == 1
        if status == 404:
            assert second.json()["error"]["request_id"] == second.headers["x-request-id"]
        else:
            assert first.content == second.content
            assert first.headers["content-type"] == second.headers["content-type"]


def test_the_kind_of_an_answer_is_part_of_the_question(live: Live) -> None:
    run = live.add_run()
    path = f"/api/v1/runs/{run.id}/logs"
    for _ in range(2):
        assert live.call("GET", f"{path}?format=text").headers["content-type"].startswith("text/p")
        assert live.call("GET", path).headers["content-type"] == "application/json"
