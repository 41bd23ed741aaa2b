"""Whatever a trainer prints, the agent turns it into events that can be written and read."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainwright.job.history import History
from trainwright.job.observer import Observer
from trainwright.job.output import Output
from trainwright.job.spool import Spool, read_lines
from trainwright.job.trainer import Trainer
from trainwright.spec.events import EventAdapter
from trainwright.spec.metrics import MAX_METRICS
from trainwright.spec.rundir import AgentConfig, Launch

LAUNCH = Launch(argv=["true"])
words = st.sampled_from(["loss", "", " ", "\ud800", "\0", "x" * 400, "a/b.pt", "\x1b[0m"])
numbers = st.sampled_from([0, -1, 2**70, -(10**400), 1e308, float("nan"), float("inf"), 0.5])
values = st.one_of(words, numbers, st.none(), st.booleans())
reports = st.fixed_dictionaries(
    {"kind": st.sampled_from(["metrics", "progress", "checkpoint", "resumed", "note", "other"])},
    optional={
        **dict.fromkeys(("step", "epoch", "epochs", "total", "eta_seconds", "phase"), values),
        "metrics": st.one_of(values, st.dictionaries(words, values, max_size=3)),
        "path": values,
        "text": values,
        "is_best": values,
    },
)


def observer_of(run):
    config = AgentConfig(run_id=run.run_id)
    parts = {"trainer": Trainer(run, LAUNCH), "history": History(), "output": Output(run.log, 0)}
    return Observer(run, LAUNCH, config, **parts)


def collect(run, raw):
    run.log.write_bytes(raw)
    observer = observer_of(run)
    run.events.unlink(missing_ok=True)
    spool = Spool(run.events, run.run_id)
    while entries := observer.collect_rest(len(raw)):
        spool.append(1, entries, observer.cursor())
    events = [EventAdapter.validate_python(line) for line, _ in read_lines(run.events)]
    for line in run.events.read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)
    return observer, events


@given(st.lists(reports, max_size=4), st.binary(max_size=40))
@example([{"kind": "checkpoint", "path": "\ud800"}, {"kind": "checkpoint", "path": "a\0"}], b"")
@example([{"kind": "checkpoint", "path": "a.pt", "metrics": {"\ud800": 1}}], b"")
@example([{"kind": "progress", "step": 2**70, "metrics": {"\ud800": 1}}], b"loss: 1")
@example([{"kind": "note", "text": "\ud800"}, {"kind": "resumed", "step": 2**70}], b"")
def test_hostile_reports_and_garbage(run, given_reports, garbage):
    lines = [b"::trainwright:: " + json.dumps(r).encode() for r in given_reports]
    raw = b"\n".join([*lines, garbage])
    _, events = collect(run, raw)
    assert sum(e.data.size for e in events if e.type == "log") == len(raw)


def test_long_names_are_cut_and_impossible_counts_left_out(run):
    report = {"kind": "metrics", "metrics": {"q" * 300: 1}, "step": 2**70}
    _, events = collect(run, b"::trainwright:: " + json.dumps(report).encode() + b"\n")
    (point,) = next(e for e in events if e.type == "metrics").data.points
    assert (len(point.name), point.step) == (200, None)


def test_many_points_are_cut_into_events(run):
    raw = b"".join(b"step: %d loss: 0.5 val_loss: 0.25\n" % i for i in range(1500))
    _, events = collect(run, raw)
    sizes = [len(e.data.points) for e in events if e.type == "metrics"]
    assert sum(sizes) == 3000
    assert max(sizes) <= 1000


def test_of_too_many_metrics_the_rest_is_left_out_and_it_is_said_once(run):
    lines = [
        json.dumps({"kind": "metrics", "metrics": {f"m{n}": n, "m0": n}, "step": n})
        for n in range(MAX_METRICS + 50)
    ]
    _, events = collect(run, "".join(f"::trainwright:: {line}\n" for line in lines).encode())
    points = [p for e in events if e.type == "metrics" for p in e.data.points]
    names = {p.name for p in points}
    assert (len(names), names - {f"m{n}" for n in range(MAX_METRICS)}) == (MAX_METRICS, set())
    assert [p.value for p in points if p.name == "m0"][-1] == MAX_METRICS + 49
    assert [e.data.code for e in events if e.type == "alert"] == ["too_many_metrics"]


def test_reported_checkpoints_wait_in_the_cursor(run):
    report = {"kind": "checkpoint", "path": "checkpoints/a.pt", "metrics": {"loss": float("nan")}}
    observer, _ = collect(run, b"::trainwright:: " + json.dumps(report).encode() + b"\n")
    ((line, _),) = read_lines(run.events)
    assert [r["path"] for r in line["cursor"]["reports"]] == ["checkpoints/a.pt"]
    assert observer.cursor()["reports"] == observer._reports
