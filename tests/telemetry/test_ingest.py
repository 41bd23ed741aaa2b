"""Each event applied once, whatever is sent again, torn, or sent at the same time."""

import math
import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainwright.settings import Home
from trainwright.spec import InvalidRequestError, NotFoundError, RunStatus, StorageError
from trainwright.spec.events import (
    Alert,
    CheckpointSaved,
    Event,
    EventData,
    Log,
    LogEvent,
    MetricPoint,
    Metrics,
    StatusChanged,
    TrainingComplete,
    TrainingError,
    TrainingProgress,
    Vitals,
    make_event,
)
from trainwright.spec.metrics import MAX_METRICS
from trainwright.store import Database
from trainwright.store.repositories import Attempts, Checkpoints, CurveQuery, Events, Runs
from trainwright.store.repositories import Metrics as StoredMetrics
from trainwright.telemetry import Ingest, LogStore

MakeRun = Callable[[Database], str]


def spool(
    run_id: str, data: Sequence[EventData], *, first: int = 1, attempt: int = 1
) -> list[Event]:
    return [make_event(run_id, attempt, seq, d) for seq, d in enumerate(data, first)]


def losses(steps: Sequence[int], value: float = 0.5) -> Metrics:
    return Metrics(points=[MetricPoint(name="train/loss", value=value, step=s) for s in steps])


def some_events(run_id: str, count: int) -> list[Event]:
    """A spool of all kinds; step `i` is logged by event `i`."""
    data: list[EventData] = []
    offset = 0
    for i in range(1, count + 1):
        if i % 3 == 0:
            text = f"줄 {i}\n"
            data.append(Log(text=text, offset=offset, size=len(text.encode())))
            offset += len(text.encode())
        else:
            data.append(losses([i]))
    return spool(run_id, data)


def stored(database: Database, home: Home, run_id: str) -> tuple[list[Event], list[int | None]]:
    with database.session(write=False) as session:
        events = Events(session, LogStore(home.run_logs)).after(run_id, limit=100_000)
        steps = [p.step for p in StoredMetrics(session).series(run_id, "train/loss")]
    return events, steps


def check_exactly_once(database: Database, home: Home, run_id: str, count: int) -> None:
    events, steps = stored(database, home, run_id)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    sent = some_events(run_id, count)
    agent = [e for e in events if e.type in ("metrics", "log")]
    assert [e.data for e in agent] == [
        e.data.model_copy(update={"size": len(e.data.text.encode())}) if e.type == "log" else e.data
        for e in sent
    ]
    assert steps == [i for i in range(1, count + 1) if i % 3]
    text = "".join(e.data.text for e in sent if e.type == "log")
    assert LogStore(home.run_logs).read(run_id, 0, 10**6) == text


def test_a_batch_is_applied_once(database: Database, home: Home, run_id: str) -> None:
    ingest, events = Ingest(database, home), some_events(run_id, 10)
    first = ingest.apply(run_id, events)
    again = ingest.apply(run_id, events)
    assert (first.last_seq, first.applied, first.stream_seq) == (10, 10, 11)
    assert (again.last_seq, again.applied, again.stream_seq) == (10, 0, 11)
    check_exactly_once(database, home, run_id, 10)
    with database.session(write=False) as session:
        assert Events(session).last_agent_seq(run_id) == 10
        assert Runs(session).get(run_id).last_seen_at is not None


@settings(max_examples=30)
@given(data=st.data())
def test_any_replay_and_overlap_comes_to_the_same(
    sqlite: Database, home: Home, make_run: MakeRun, data: st.DataObject
) -> None:
    run_id = make_run(sqlite)
    ingest, events = Ingest(sqlite, home), some_events(run_id, 12)
    parts = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=12)
    highest = 0
    for start, end in data.draw(parts):
        if start <= highest < end:
            highest = end
        assert ingest.apply(run_id, events[start:end]).last_seq == highest
    ingest.apply(run_id, events[highest:])
    check_exactly_once(sqlite, home, run_id, 12)


def test_what_follows_a_gap_is_asked_for_again(database: Database, home: Home, run_id: str) -> None:
    ingest, events = Ingest(database, home), some_events(run_id, 10)
    applied = ingest.apply(run_id, [*events[:3], *events[5:]])
    assert (applied.last_seq, applied.applied) == (3, 3)
    ingest.apply(run_id, events[3:])
    check_exactly_once(database, home, run_id, 10)


def test_a_batch_with_a_foreign_event_is_refused_whole(
    database: Database, home: Home, run_id: str, make_run: MakeRun
) -> None:
    ingest, other = Ingest(database, home), make_run(database)
    foreign = spool(other, [losses([2])], first=2)
    for bad in (foreign, spool(run_id, [losses([2])], first=2, attempt=2)):
        with pytest.raises(InvalidRequestError):
            ingest.apply(run_id, [*spool(run_id, [losses([1])]), *bad])
    with pytest.raises(NotFoundError):
        ingest.apply("nothing", spool("nothing", [losses([1])]))
    assert stored(database, home, run_id)[1] == []


def test_what_events_do(database: Database, home: Home, run_id: str) -> None:
    checkpoint = CheckpointSaved(
        path="checkpoints/best.pt", step=3, size=9, sha256="a" * 64, is_best=True
    )
    progress = TrainingProgress(epoch=1, step=3, total=9, metrics={"loss": math.nan})
    Ingest(database, home).apply(
        run_id,
        spool(
            run_id,
            [
                progress,
                checkpoint,
                Vitals(cpu_percent=50, memory_gb=1, note="\0"),
                Alert(code="nan", message="loss is NaN"),
                StatusChanged(status=RunStatus.COMPLETED),
                TrainingError(code="exit", message="exit 3", exit_code=3),
            ],
        ),
    )
    events, _ = stored(database, home, run_id)
    with database.session(write=False) as session:
        run = Runs(session).get(run_id)
        assert run.status == RunStatus.CREATED
        assert run.progress is not None
        kept = TrainingProgress.model_validate(run.progress)
        assert (kept.step, kept.total) == (3, 9)
        assert math.isnan(kept.metrics["loss"])
        assert [c.is_best for c in Checkpoints(session).list(run_id)] == [True]
        assert Attempts(session).get(run_id, 1).exit_code == 3
    assert [e.type for e in events[1:]] == [
        "training_progress",
        "checkpoint_saved",
        "vitals",
        "alert",
        "status_changed",
        "training_error",
    ]


def test_special_values_survive(database: Database, home: Home, run_id: str) -> None:
    values = [math.nan, math.inf, -math.inf, 1e-300, 5.0]
    points = [MetricPoint(name="m", value=v, step=s) for s, v in enumerate(values)]
    Ingest(database, home).apply(run_id, spool(run_id, [Metrics(points=points)]))
    with database.session(write=False) as session:
        curve = StoredMetrics(session).series(run_id, "m")
        [_, event] = Events(session).after(run_id)
    assert [repr(p.value) for p in curve] == [repr(v) for v in values]
    assert [repr(p.value) for p in event.data.points] == [repr(v) for v in values]


def test_nonsense_from_a_log_does_not_stop_the_rest(
    database: Database, home: Home, run_id: str
) -> None:
    points = [
        MetricPoint(name="a\0b", value=1.0, step=1),
        MetricPoint(name="far", value=1e308, step=10**30, epoch=math.nan),
    ]
    checkpoint = CheckpointSaved(path="checkpoints/x.pt", step=-(10**30), size=1, sha256="b" * 64)
    applied = Ingest(database, home).apply(
        run_id,
        spool(
            run_id,
            [Metrics(points=points), checkpoint, Log(text="\0\x1b[0m\r", offset=0, size=6)],
        ),
    )
    assert applied.last_seq == 3
    with database.session(write=False) as session:
        assert [s.name for s in StoredMetrics(session).summaries(run_id)] == ["a�b", "far"]
        assert [p.step for p in StoredMetrics(session).series(run_id, "far")] == [None]
        assert [c.step for c in Checkpoints(session).list(run_id)] == [None]
    assert len(stored(database, home, run_id)[0]) == 4


FIRST_DAY = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
LAST_DAY = datetime(9999, 12, 31, tzinfo=timezone(timedelta(hours=-14)))
DIGEST = "a" * 64


@pytest.mark.parametrize(
    "data",
    [
        CheckpointSaved(path="p" * 5000, size=1, sha256=DIGEST),
        CheckpointSaved(path="p\0", size=1, sha256=DIGEST),
        CheckpointSaved(path="p", size=1 << 70, sha256=DIGEST),
        CheckpointSaved(path="p", size=1, sha256="a" * 1000),
        CheckpointSaved(path="p", size=1, sha256="\0", epoch=math.inf, metrics={"\0": math.nan}),
        TrainingError(code="\0", message="\0", exit_code=1 << 70, signal=-(1 << 70)),
        TrainingComplete(exit_code=1 << 31, duration_seconds=math.inf, metrics={"a": math.nan}),
        TrainingProgress(epoch=1 << 70, step=1 << 70, total=1 << 70, metrics={"\0": math.inf}),
        TrainingProgress(resumed_from=1 << 70),
        Alert(code="c" * 100_000, message="\0" * 1000),
        Metrics(points=[MetricPoint(name="m", value=1, timestamp=FIRST_DAY)]),
        Metrics(points=[MetricPoint(name="m", value=1, timestamp=LAST_DAY, epoch=math.inf)]),
        Log(text="x" * (1 << 20), offset=1 << 70, size=1 << 70),
    ],
    ids=lambda data: type(data).__name__,
)
def test_what_no_column_holds_does_not_stop_the_rest(
    database: Database, home: Home, run_id: str, data: EventData
) -> None:
    events = [
        make_event(run_id, 1, 1, data, FIRST_DAY),
        make_event(run_id, 1, 2, data, LAST_DAY),
        make_event(run_id, 1, 3, losses([1])),
    ]
    assert Ingest(database, home).apply(run_id, events).last_seq == 3
    with database.session(write=False) as session:
        assert len(Events(session, LogStore(home.run_logs)).after(run_id)) == 4
        assert len(StoredMetrics(session).series(run_id, "train/loss")) == 1
        StoredMetrics(session).series(run_id, "m")
        Checkpoints(session).list(run_id)
        Runs(session).get(run_id)


def begin_second_attempt(database: Database, run_id: str) -> None:
    with database.session() as session:
        runs = Runs(session)
        for status in ("validating", "preparing", "queued", "allocating", "running", "failed"):
            runs.set_status(run_id, RunStatus(status))
        runs.new_attempt(run_id)


def test_metrics_of_too_many_names_are_dropped_and_it_is_said_once(
    database: Database, home: Home, run_id: str
) -> None:
    ingest, seq = Ingest(database, home), 0

    def ship(*names: str) -> None:
        nonlocal seq
        seq += 1
        points = [MetricPoint(name=name, value=seq, step=seq) for name in names]
        ingest.apply(run_id, spool(run_id, [Metrics(points=points)], first=seq))

    ship(*(f"m{n}" for n in range(MAX_METRICS - 1)))
    ship("m0", "last", "beyond")
    ship("beyond", "m0", "last", *(f"far{n}" for n in range(40_000)))
    with database.session(write=False) as session:
        kept = StoredMetrics(session).summaries(run_id)
        assert len(kept) == MAX_METRICS
        assert {s.name: s.count for s in kept if s.count > 1} == {"m0": 3, "last": 2}
        alerts = Events(session).after(run_id, types=["alert"])
        assert [a.data.code for a in alerts] == ["too_many_metrics"]
        assert "'beyond'" in alerts[0].data.message
        seqs = [e.seq for e in Events(session).after(run_id)]
        assert seqs == [*range(1, len(seqs) + 1)]


def test_a_resumed_attempt_goes_on_where_it_says(
    database: Database, home: Home, run_id: str
) -> None:
    ingest = Ingest(database, home)
    ingest.apply(
        run_id,
        spool(run_id, [TrainingProgress(step=10, total=20), losses(range(1, 11), 0.5)]),
    )
    begin_second_attempt(database, run_id)
    resumed: list[EventData] = [TrainingProgress(resumed_from=6), losses(range(7, 9), 0.25)]
    ingest.apply(run_id, spool(run_id, resumed, first=3, attempt=2))
    with database.session(write=False) as session:
        curve = StoredMetrics(session).series(run_id, "train/loss")
        assert Attempts(session).get(run_id, 2).start_step == 6
        progress = TrainingProgress.model_validate(Runs(session).get(run_id).progress)
        assert (progress.step, progress.total, progress.resumed_from) == (6, 20, 6)
        assert StoredMetrics(session).best(run_id)["train/loss"].final == 0.25
    assert [(p.attempt, p.step) for p in curve] == [
        *((1, s) for s in range(1, 7)),
        *((2, s) for s in range(7, 9)),
    ]


def test_what_was_given_up_is_read_by_its_attempt(
    database: Database, home: Home, run_id: str
) -> None:
    ingest = Ingest(database, home)
    ingest.apply(run_id, spool(run_id, [losses(range(1, 11), 0.5)]))
    begin_second_attempt(database, run_id)
    resumed: list[EventData] = [TrainingProgress(resumed_from=6), losses(range(7, 9), 0.25)]
    ingest.apply(run_id, spool(run_id, resumed, first=2, attempt=2))

    def steps(attempt: int | None, **fields: int) -> list[int | None]:
        query = CurveQuery(["train/loss"], attempt=attempt, **fields)
        with database.session(write=False) as session:
            ((_, points),) = StoredMetrics(session).page(run_id, query).curves
        return [point.step for point in points]

    assert steps(None) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert steps(1) == [*range(1, 11)]
    assert steps(2) == [7, 8]
    assert steps(3) == []
    assert steps(1, buckets=5) == [2, 4, 6, 8, 10]
    assert steps(1, from_step=8) == [8, 9, 10]


def test_the_best_of_steps_that_were_given_up_is_the_best_no_more(
    database: Database, home: Home, run_id: str
) -> None:
    ingest = Ingest(database, home)
    saved = CheckpointSaved(path="best.pt", size=3, sha256="0" * 64, step=9, is_best=True)
    ingest.apply(run_id, spool(run_id, [saved]))
    begin_second_attempt(database, run_id)
    ingest.apply(run_id, spool(run_id, [TrainingProgress(resumed_from=6)], first=2, attempt=2))
    with database.session(write=False) as session:
        assert [row.is_best for row in Checkpoints(session).list(run_id)] == [False]


def test_an_attempt_that_says_nothing_starts_at_its_first_step(
    database: Database, home: Home, run_id: str
) -> None:
    ingest = Ingest(database, home)
    ingest.apply(run_id, spool(run_id, [losses(range(1, 11))]))
    begin_second_attempt(database, run_id)
    ingest.apply(run_id, spool(run_id, [losses([1]), losses([2, 3])], first=2, attempt=2))
    _, steps = stored(database, home, run_id)
    assert steps == [1, 2, 3]


def test_a_log_that_was_lost_does_not_stop_the_rest(
    database: Database, home: Home, run_id: str
) -> None:
    ingest, events = Ingest(database, home), some_events(run_id, 9)
    ingest.apply(run_id, events[:5])
    LogStore(home.run_logs).delete(run_id)
    ingest.apply(run_id, events[5:])
    texts = [e.data.text for e in stored(database, home, run_id)[0] if isinstance(e, LogEvent)]
    assert texts == ["", "줄 6\n", "줄 9\n"]


def test_a_log_that_cannot_be_written_applies_nothing(
    database: Database, home: Home, run_id: str
) -> None:
    ingest, events = Ingest(database, home), some_events(run_id, 9)
    home.run_logs.write_text("in the way")
    with pytest.raises(StorageError):
        ingest.apply(run_id, events)
    home.run_logs.unlink()
    assert ingest.apply(run_id, events).applied == 9
    check_exactly_once(database, home, run_id, 9)


def test_many_writers_of_one_stream(database: Database, home: Home, run_id: str) -> None:
    """Four agents' retries race with the platform's own events; the stream stays whole."""
    ingest, events = Ingest(database, home), some_events(run_id, 40)
    faults: list[BaseException] = []

    def send(seed: int) -> None:
        rng, last = random.Random(seed), 0
        try:
            while last < len(events):
                last = ingest.apply(run_id, events[last : last + rng.randint(1, 6)]).last_seq
        except BaseException as fault:  # noqa: BLE001 (seen by the test)
            faults.append(fault)

    def alert() -> None:
        try:
            for number in range(10):
                with database.session() as session:
                    Events(session).append(run_id, Alert(code=f"a{number}", message="m"))
        except BaseException as fault:  # noqa: BLE001
            faults.append(fault)

    threads = [threading.Thread(target=send, args=(seed,)) for seed in range(4)]
    threads += [threading.Thread(target=alert) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert faults == []
    check_exactly_once(database, home, run_id, 40)
    events_stored, _ = stored(database, home, run_id)
    assert sum(e.type == "alert" for e in events_stored) == 40


def test_many_writers_of_many_runs(database: Database, home: Home, make_run: MakeRun) -> None:
    ingest, ids = Ingest(database, home), [make_run(database) for _ in range(8)]

    def send(run_id: str) -> None:
        events = some_events(run_id, 20)
        for start in range(0, 20, 4):
            ingest.apply(run_id, events[start : start + 4])

    threads = [threading.Thread(target=send, args=(run_id,)) for run_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    for run_id in ids:
        check_exactly_once(database, home, run_id, 20)
