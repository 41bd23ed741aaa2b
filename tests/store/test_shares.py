"""Links to runs in the store, on every database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from trainwright.spec import RunSpec
from trainwright.spec.errors import ConflictError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.repositories import Deletions, Runs, Shares, Users
from trainwright.store.repositories.sharing import MOST


@pytest.fixture
def run_and_user(database: Database) -> tuple[str, str]:
    with database.session() as session:
        user = Users(session).add("kim")
        run = Runs(session).add(RunSpec(model="builtin/lenet5"), owner_id=user.id)
        return run.id, user.id


def share(database: Database, run_id: str, user_id: str, hours: float = 1) -> str:
    with database.session() as session:
        end = utc_now() + timedelta(hours=hours)
        return Shares(session).add(run_id, user_id, expires_at=end, with_log=False).id


def test_good_links_are_listed_the_newest_first(
    database: Database, run_and_user: tuple[str, str]
) -> None:
    run_id, user_id = run_and_user
    first, second, ended = (share(database, run_id, user_id, hours) for hours in (1, 2, -1))
    gone = share(database, run_id, user_id)
    with database.session() as session:
        Shares(session).revoke(run_id, gone)
        Shares(session).revoke(run_id, gone)
    with database.session(write=False) as session:
        found = [one.id for one in Shares(session).list(run_id)]
        known = Shares(session).find(ended)
    assert set(found) == {first, second}
    assert known is not None
    assert (known.run.id, known.user.id) == run_and_user


def test_a_link_is_revoked_with_its_own_run_only(
    database: Database, run_and_user: tuple[str, str]
) -> None:
    run_id, user_id = run_and_user
    with database.session() as session:
        other = Runs(session).add(RunSpec(model="builtin/mlp"), owner_id=user_id).id
    link = share(database, run_id, user_id)
    with pytest.raises(NotFoundError), database.session() as session:
        Shares(session).revoke(other, link)
    with database.session() as session:
        assert Shares(session).revoke_all(other) == 0
        assert Shares(session).revoke_all(run_id) == 1
        assert list(Shares(session).list(run_id)) == []


def test_a_run_has_only_so_many_links_that_are_good(
    database: Database, run_and_user: tuple[str, str]
) -> None:
    run_id, user_id = run_and_user
    for _ in range(MOST):
        share(database, run_id, user_id)
    with pytest.raises(ConflictError, match="links"):
        share(database, run_id, user_id)
    with database.session() as session:
        Shares(session).revoke(run_id, Shares(session).list(run_id)[0].id)
    share(database, run_id, user_id)


def test_links_go_with_their_run(database: Database, run_and_user: tuple[str, str]) -> None:
    run_id, user_id = run_and_user
    link = share(database, run_id, user_id)
    with database.session() as session:
        Runs(session).set_status(run_id, RunStatus.STOPPED)
        Deletions(session).mark(run_id)
        while Deletions(session).remove_some(run_id):
            pass
    with database.session(write=False) as session:
        assert Shares(session).find(link) is None
