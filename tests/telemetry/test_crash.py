"""A process that applies events is killed without warning; replaying loses and doubles nothing."""

import random
import signal
import subprocess
import sys
import time

from trainwright.settings import Home
from trainwright.spec import RunSpec
from trainwright.spec.events import Event, EventData, Log, MetricPoint, Metrics, make_event
from trainwright.store import Database
from trainwright.store.repositories import Events, Runs
from trainwright.store.repositories import Metrics as StoredMetrics
from trainwright.telemetry import Ingest, LogStore

COUNT = 2000
BATCH = 10


def spool(run_id: str) -> list[Event]:
    data: list[EventData] = []
    for step in range(1, COUNT + 1, 2):
        text = f"step {step:06}\n"
        data.append(Metrics(points=[MetricPoint(name="loss", value=1 / step, step=step)]))
        data.append(Log(text=text, offset=step // 2 * 12, size=12))
    return [make_event(run_id, 1, seq, d) for seq, d in enumerate(data, 1)]


def send(database: Database, home: Home, run_id: str) -> None:
    """What an agent does: ask where to go on, and go on."""
    with database.session(write=False) as session:
        last = Events(session).last_agent_seq(run_id)
    events, ingest = spool(run_id), Ingest(database, home)
    while last < COUNT:
        last = ingest.apply(run_id, events[last : last + BATCH]).last_seq


def test_killed_at_random_moments(sqlite: Database, home: Home) -> None:
    with sqlite.session() as session:
        run_id = Runs(session).add(RunSpec(model="builtin/lenet5")).id

    def applied() -> int:
        with sqlite.session(write=False) as session:
            return Events(session).last_agent_seq(run_id)

    rng, killed = random.Random(7), 0
    for _ in range(2):
        before = applied()
        child = subprocess.Popen([sys.executable, __file__, str(home.path), run_id])
        deadline = time.monotonic() + 60
        wanted = before + rng.randint(1, COUNT // 5)
        while applied() < min(wanted, COUNT) and time.monotonic() < deadline:
            assert child.poll() in (None, 0)
        child.send_signal(signal.SIGKILL)
        killed += child.wait(10) == -signal.SIGKILL
    assert killed
    assert 0 < applied() < COUNT
    # a run's log may be ahead of the database, never behind it
    with sqlite.session(write=False) as session:
        assert LogStore(home.run_logs).size(run_id) >= Runs(session).get(run_id).log_size
    send(sqlite, home, run_id)

    with sqlite.session(write=False) as session:
        events = Events(session, LogStore(home.run_logs)).after(run_id, limit=COUNT * 2)
        steps = [p.step for p in StoredMetrics(session).series(run_id, "loss")]
    assert [e.seq for e in events] == list(range(1, COUNT + 2))
    assert [e.data for e in events[1:]] == [e.data for e in spool(run_id)]
    assert steps == list(range(1, COUNT + 1, 2))
    assert LogStore(home.run_logs).size(run_id) == COUNT // 2 * 12


if __name__ == "__main__":
    from pathlib import Path

    place = Home(Path(sys.argv[1]))
    send(Database(f"sqlite:///{place.database}"), place, sys.argv[2])
