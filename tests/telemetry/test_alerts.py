"""Alerts from events to rows: opened once, kept over restarts, closed when they are over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from trainwright.settings import Home
from trainwright.spec.errors import NotFoundError
from trainwright.spec.events import (
    Alert,
    Event,
    EventData,
    MetricPoint,
    Metrics,
    Vitals,
    make_event,
)
from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import AlertRow, Delivery, Role, Webhook
from trainwright.store.repositories import (
    AlertQuery,
    Alerts,
    Events,
    Runs,
    Settings,
    Users,
)
from trainwright.telemetry import Ingest

START = datetime(2026, 1, 1, tzinfo=UTC)
ROAD = ("validating", "preparing", "queued", "allocating", "running")


class Agent:
    """Sends what a training says, in order."""

    def __init__(self, database: Database, home: Home, run_id: str) -> None:
        self.database, self.home, self.run_id = database, home, run_id
        self.seq = 0
        self.attempt = 1

    def send(self, *data: EventData, at: float = 0) -> None:
        events: list[Event] = []
        for item in data:
            self.seq += 1
            when = START + timedelta(seconds=at)
            events.append(make_event(self.run_id, self.attempt, self.seq, item, when))
        # a new one each time: nothing may live in the process alone
        Ingest(self.database, self.home).apply(self.run_id, events)

    def losses(self, values: Sequence[float], first: int = 0) -> None:
        points = [
            MetricPoint(name="train/loss", value=value, step=first + n)
            for n, value in enumerate(values)
        ]
        self.send(Metrics(points=points))

    def move(self, *statuses: str, error: RunError | None = None) -> None:
        with self.database.session() as session:
            for status in statuses:
                Runs(session).set_status(self.run_id, RunStatus(status), error=error)

    def alerts(self, state: str | None = None) -> list[AlertRow]:
        with self.database.session(write=False) as session:
            found = Alerts(session).list(AlertQuery(run_id=self.run_id, state=state)).items
        return [shown.row for shown in reversed(found)]

    def said(self) -> list[tuple[str, str | None]]:
        with self.database.session(write=False) as session:
            events = Events(session).after(self.run_id, types=["alert"])
            assert len(Events(session).after(self.run_id)) == Events(session).last_seq(self.run_id)
        return [(e.data.code, e.data.state) for e in events]


@pytest.fixture
def agent(database: Database, home: Home, run_id: str) -> Agent:
    return Agent(database, home, run_id)


@pytest.fixture
def local(sqlite: Database, home: Home, make_run) -> Agent:
    return Agent(sqlite, home, make_run(sqlite))


def test_no_number_opens_one_alert_that_is_brought_up_to_date(agent: Agent) -> None:
    agent.move(*ROAD)
    agent.losses([1.0, math.nan, math.nan])
    agent.losses([math.nan], first=3)
    (alert,) = agent.alerts()
    assert (alert.rule, alert.severity, alert.count) == ("nan_loss", "error", 3)
    assert alert.facts["step"] == 1
    assert alert.resolved_at is None
    assert agent.said() == [("nan_loss", "opened")]


def test_a_batch_sent_again_is_not_judged_again(agent: Agent) -> None:
    agent.move(*ROAD)
    agent.losses([math.nan])
    agent.seq = 0
    agent.losses([math.nan])
    assert [alert.count for alert in agent.alerts()] == [1]


def test_what_the_rules_remember_outlives_the_process(local: Agent) -> None:
    local.move(*ROAD)
    for n in range(40):
        local.losses([1.0 + 0.01 * (n % 3)], first=n)
    local.losses([30.0], first=40)
    (alert,) = local.alerts()
    assert alert.rule == "loss_spike"
    assert alert.facts["median"] == pytest.approx(1.01)
    for n in range(20):
        local.losses([1.0], first=41 + n)
    (alert,) = local.alerts()
    assert alert.resolution == "train/loss is 1, 16 points later"
    assert local.said() == [("loss_spike", "opened"), ("loss_spike", "resolved")]


def test_an_alert_that_comes_back_is_another_one(local: Agent) -> None:
    local.move(*ROAD)
    local.losses([1.0] * 30)
    for start in (30, 60):
        local.losses([30.0, *[1.0] * 20], first=start)
    assert [alert.rule for alert in local.alerts("resolved")] == ["loss_spike"] * 2


def test_what_the_agent_warns_of_is_an_alert_and_its_notes_are_not(local: Agent) -> None:
    local.move(*ROAD)
    local.send(
        Alert(code="note", severity="info", message="hello"),
        Alert(code="stall", message="no output for 5 minutes", hint="look"),
    )
    assert [(a.rule, a.message, a.hint) for a in local.alerts("open")] == [
        ("stall", "no output for 5 minutes", "look")
    ]
    local.send(Alert(code="stall_over", severity="info", message="it lives"))
    assert local.alerts("open") == []
    # its own words stand in the stream already
    assert local.said()[:2] == [("note", None), ("stall", None)]


def test_a_failure_is_open_until_seen_and_what_passes_ends_with_the_run(agent: Agent) -> None:
    agent.move(*ROAD)
    agent.send(Vitals(cpu_percent=1, memory_gb=1, disk_free_gb=0.5))
    error = RunError(code="oom", message="out of memory", exit_code=1)
    agent.move("failed", error=error)
    disk, failed = sorted(agent.alerts(), key=lambda alert: alert.rule)
    assert (disk.rule, disk.resolution) == ("disk_filling", "the run is failed")
    assert (failed.rule, failed.message, failed.resolved_at) == ("failed", "out of memory", None)
    assert failed.facts == {"code": "oom", "exit_code": 1}
    with agent.database.session() as session:
        user = Users(session).add("kim")
        Alerts(session).acknowledge(failed.id, user.id)
        Alerts(session).acknowledge(failed.id, user.id)
    with agent.database.session(write=False) as session:
        seen = Alerts(session).get(failed.id)
    assert seen.seen_by == "kim"
    assert seen.row.resolution == "seen by kim"
    assert [s for s in agent.said() if s[0] == "failed"] == [
        ("failed", "opened"),
        ("failed", "acknowledged"),
        ("failed", "resolved"),
    ]


def test_the_next_attempt_closes_what_the_last_one_left_and_is_judged_anew(local: Agent) -> None:
    local.move(*ROAD)
    local.losses([1.0] * 30 + [math.nan])
    local.move("failed")
    assert {alert.rule for alert in local.alerts("open")} == {"failed", "nan_loss"}
    with local.database.session() as session:
        Runs(session).new_attempt(local.run_id)
    local.move("queued", "allocating", "running")
    assert local.alerts("open") == []
    local.attempt = 2
    local.losses([50.0] * 3)
    assert local.alerts("open") == []


def test_a_run_out_of_sight_is_an_alert_until_it_is_seen_again(local: Agent) -> None:
    local.move(*ROAD, "lost")
    assert [(alert.rule, alert.facts) for alert in local.alerts("open")] == [("lost", {})]
    local.move("running")
    (alert,) = local.alerts()
    assert alert.resolution == "it was seen again"
    with local.database.session() as session:
        Runs(session).set_status(local.run_id, RunStatus("lost"), reason="its disk is gone")
    (alert,) = local.alerts("open")
    assert (alert.message, alert.facts) == ("its disk is gone", {"why": "its disk is gone"})


def test_what_comes_late_opens_nothing_that_only_passes(local: Agent) -> None:
    local.move(*ROAD, "completed")
    local.send(Vitals(cpu_percent=1, memory_gb=1, disk_free_gb=0.1))
    assert local.alerts() == []
    local.losses([math.nan])
    assert [alert.rule for alert in local.alerts()] == ["nan_loss"]


def test_an_agent_that_warns_without_end_is_not_listened_to_for_ever(local: Agent) -> None:
    local.move(*ROAD)
    local.send(*(Alert(code=f"a{n}", message="m") for n in range(300)))
    assert len(local.alerts("open")) <= 100


def test_thresholds_of_platform_project_and_owner(local: Agent) -> None:
    with local.database.session() as session:
        user = Users(session).add("lee")
        run = Runs(session).get(local.run_id)
        run.owner_id = user.id
        Settings(session).set("alerts", {"off": ["nan_loss"], "disk_free_gb": 10})
        Settings(session).set("alerts", {"disk_free_gb": 1}, user_id=user.id)
    local.move(*ROAD)
    local.losses([math.nan])
    local.send(Vitals(cpu_percent=1, memory_gb=1, disk_free_gb=5))
    assert local.alerts() == []
    with local.database.session() as session:
        # as another version may have kept it
        Settings(session).set("alerts", {"off": "nonsense", "spike_score": -1})
    local.send(Vitals(cpu_percent=1, memory_gb=1, disk_free_gb=1.5))
    assert [alert.rule for alert in local.alerts()] == ["disk_filling"]


def test_pages_of_alerts_and_unknown_ones(local: Agent) -> None:
    local.move(*ROAD)
    local.send(*(Alert(code=f"a{n}", message="m") for n in range(7)))
    with local.database.session(write=False) as session:
        alerts, cursor, seen = Alerts(session), None, []
        for _ in range(4):
            page = alerts.list(AlertQuery(run_id=local.run_id, limit=2, cursor=cursor))
            assert page.total == 7
            seen += [shown.row.rule for shown in page.items]
            cursor = page.next_cursor
        assert (len(set(seen)), cursor) == (7, None)
        assert alerts.list(AlertQuery(owner_id="nobody")).items == []
        with pytest.raises(NotFoundError):
            alerts.get("al0")


def test_webhooks_are_told_in_the_transaction_that_makes_it_true(agent: Agent) -> None:
    with agent.database.session() as session:
        owner = Users(session).add("park")
        other = Users(session).add("choi", role=Role.ADMIN)
        Runs(session).get(agent.run_id).owner_id = owner.id
        wanted = ["alert.opened", "run.failed"]
        for user, fields in ((owner, {}), (other, {}), (other, {"everyone": True})):
            session.add(
                Webhook(owner_id=user.id, url="http://x", events=wanted, secret="s", **fields)
            )
    agent.move(*ROAD)
    agent.losses([math.nan])
    agent.move("failed")
    with agent.database.session(write=False) as session:
        told = [(d.event, d.payload["text"]) for d in session.query(Delivery)]
    assert sorted(event for event, _ in told) == sorted(["alert.opened"] * 4 + ["run.failed"] * 2)
    assert any("train/loss is nan" in text for _, text in told)
