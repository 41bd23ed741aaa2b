from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trainwright.spec import events as ev
from trainwright.spec.status import RunStatus

number = st.floats(allow_nan=True, allow_infinity=True)
names = st.text(min_size=1, max_size=20)
metrics = st.dictionaries(names, number, max_size=4)
steps = st.none() | st.integers(0, 10**12)
data = st.one_of(
    st.builds(ev.StatusChanged, status=st.sampled_from(list(RunStatus)), reason=st.none() | names),
    st.builds(ev.TrainingProgress, step=steps, metrics=metrics, eta_seconds=st.none() | number),
    st.builds(
        ev.Metrics,
        points=st.lists(
            st.builds(ev.MetricPoint, name=names, value=number, step=steps), min_size=1
        ),
    ),
    st.builds(ev.CheckpointSaved, path=names, size=st.integers(0), sha256=names, metrics=metrics),
    st.builds(ev.Log, text=st.text(), offset=st.integers(0), size=st.integers(0)),
    st.builds(ev.Vitals, cpu_percent=st.floats(0, 800), memory_gb=st.floats(0, 100)),
    st.builds(ev.Alert, code=names, message=names),
    st.builds(ev.TrainingComplete, metrics=metrics),
    st.builds(ev.TrainingError, code=names, message=names, log_tail=st.lists(st.text())),
)


@given(data, st.integers(1, 10**9), st.integers(1, 100))
def test_an_event_survives_json(content: ev.EventData, seq: int, attempt: int) -> None:
    event = ev.make_event("r1", attempt, seq, content)
    line = ev.EventAdapter.dump_json(event)
    assert b"\n" not in line
    again = ev.EventAdapter.validate_json(line)
    assert type(again) is type(event)
    assert ev.EventAdapter.dump_json(again) == line


def test_nan_and_infinity_are_kept() -> None:
    points = [ev.MetricPoint(name="train/loss", value=v) for v in (math.nan, math.inf, -math.inf)]
    line = ev.EventAdapter.dump_json(ev.make_event("r1", 1, 1, ev.Metrics(points=points)))
    assert b'"NaN"' in line and b'"-Infinity"' in line
    again = ev.EventAdapter.validate_json(line)
    assert isinstance(again, ev.MetricsEvent)
    values = [p.value for p in again.data.points]
    assert math.isnan(values[0]) and values[1:] == [math.inf, -math.inf]


def test_the_union_covers_the_contract() -> None:
    types = {
        "status_changed", "training_progress", "metrics", "checkpoint_saved", "log", "vitals",
        "alert", "training_complete", "training_error",
    }  # fmt: skip
    assert {member.model_fields["type"].default for member in ev._EVENT_OF.values()} == types


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0},
        {"attempt": 0},
        {"type": "other"},
        {"timestamp": "2026-01-01T00:00:00"},
        {"data": {}},
    ],
)
def test_a_wrong_envelope_is_refused(change: dict[str, object]) -> None:
    good = {
        "type": "status_changed",
        "run_id": "r1",
        "attempt": 1,
        "seq": 1,
        "timestamp": datetime.now(UTC).isoformat(),
        "data": {"status": "running"},
    }
    ev.EventAdapter.validate_python(good)
    with pytest.raises(ValidationError):
        ev.EventAdapter.validate_python(good | change)
