"""Deliveries and alerts in the store, on every database."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from trainwright.spec import RunSpec
from trainwright.spec.errors import NotFoundError, TrainwrightError
from trainwright.spec.events import utc_now
from trainwright.store import Database
from trainwright.store.models import AlertRow, Webhook
from trainwright.store.repositories import (
    AlertQuery,
    Alerts,
    Deliveries,
    Notices,
    Runs,
    Trouble,
    Users,
    Webhooks,
)
from trainwright.store.repositories.events import lock_run
from trainwright.store.repositories.webhooks import DEAD, DELIVERED

LEASE = timedelta(seconds=60)


def hook(database: Database, name: str = "kim") -> Webhook:
    with database.session() as session:
        owner = Users(session).find(name) or Users(session).add(name)
        return Webhooks(session).add(owner.id, "https://x.example", ["test"], "sealed")


def put(database: Database, webhook: Webhook, count: int) -> list[str]:
    with database.session() as session:
        return [Notices(session).put(webhook, "test", f"{n}", {}).id for n in range(count)]


def claim(database: Database, limit: int = 8, each: int = 2) -> list[str]:
    with database.session() as session:
        return [delivery.id for delivery in Deliveries(session).claim(limit, each, LEASE)]


def test_of_each_webhook_a_few_are_claimed_at_a_time(database: Database) -> None:
    loud, quiet = hook(database), hook(database)
    put(database, loud, 6)
    (only,) = put(database, quiet, 1)
    first = claim(database)
    assert len(first) == 3
    assert only in first
    assert not {*first} & {*claim(database)}


def test_couriers_at_once_never_claim_the_same(database: Database) -> None:
    for webhook in [hook(database) for _ in range(5)]:
        put(database, webhook, 4)
    claimed: list[str] = []
    patience = time.monotonic() + 30

    def work() -> None:
        # a courier finds nothing while another one looks, so each looks again until all are taken
        while len(claimed) < 20 and time.monotonic() < patience:
            claimed.extend(claim(database, limit=3, each=1))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len({*claimed}) == 20


def test_what_ended_long_ago_is_forgotten_and_what_waits_is_not(database: Database) -> None:
    webhook = hook(database)
    ids = put(database, webhook, 3)
    with database.session() as session:
        for delivery_id, status in zip(ids, (DELIVERED, DEAD, "waiting"), strict=True):
            Deliveries(session).get(delivery_id).status = status
    with database.session() as session:
        Deliveries(session).forget_ended(utc_now() + timedelta(seconds=1))
        assert [d.id for d in Deliveries(session).list(webhook.id).items] == ids[2:]
        assert Deliveries(session).counts() == {(webhook.id, "waiting"): 1}


def test_deliveries_go_with_their_webhook_and_are_paged(database: Database) -> None:
    webhook = hook(database)
    ids = put(database, webhook, 5)
    with database.session() as session:
        page = Deliveries(session).list(webhook.id, limit=3)
        rest = Deliveries(session).list(webhook.id, limit=3, cursor=page.next_cursor)
        assert {d.id for d in [*page.items, *rest.items]} == {*ids}
        Webhooks(session).remove(Webhooks(session).get(webhook.id))
    with database.session(write=False) as session, pytest.raises(NotFoundError):
        Deliveries(session).get(ids[0])


@pytest.mark.parametrize("nonsense", ["", "\0", "x" * 5000, "한글"])
def test_nonsense_is_not_found(database: Database, nonsense: str) -> None:
    with database.session(write=False) as session:
        for find in (Webhooks(session).get, Deliveries(session).get, Alerts(session).get):
            with pytest.raises(TrainwrightError):
                find(nonsense)


def test_there_is_one_open_alert_of_a_run_and_rule(database: Database) -> None:
    with database.session() as session:
        run = Runs(session).add(RunSpec(model="builtin/lenet5"))
        for n in range(3):
            trouble = Trouble("stall", "warning", f"{n}\0", facts={"n": float("inf")})
            Alerts(session).report(lock_run(session, run.id), trouble)
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(
            AlertRow(run_id=run.id, attempt=1, rule="stall", severity="warning", message="m")
        )
    with database.session() as session:
        (shown,) = Alerts(session).list(AlertQuery(run_id=run.id, state="open")).items
        assert (shown.row.count, shown.row.message) == (3, "2\N{REPLACEMENT CHARACTER}")
        assert Alerts(session).count_open() == {"warning": 1}
        Alerts(session).resolve(lock_run(session, run.id), None, "done")
        assert Alerts(session).count_open() == {}
    with database.session() as session:
        Alerts(session).report(lock_run(session, run.id), Trouble("stall", "warning", "again"))
        assert len(Alerts(session).list(AlertQuery(run_id=run.id)).items) == 2
