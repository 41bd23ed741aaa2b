"""The spool: whole batches or nothing, whatever a crash leaves."""

import json
import math
import os
import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.job.journal import Journal
from trainwright.job.spool import Entry, Spool, read_lines
from trainwright.spec.events import Alert, EventAdapter, Log, MetricPoint, Metrics

LOG = Entry(Log(text="a\n", offset=0, size=2))


def texts(run):
    return [line["data"]["text"] for line, _ in read_lines(run.events)]


def entry(text):
    return Entry(Log(text=text, offset=0, size=len(text.encode())))


def test_a_line_is_the_event_and_the_cursor(run):
    spool = Spool(run.events, "r1")
    spool.append(2, [LOG, Entry(Alert(code="a", message="m"), {"stamp": [1, 2]})], {"log": 5})
    first, second = (json.loads(line) for line in run.events.read_text().splitlines())
    assert first["cursor"] == {"log": 5, "left": 1}
    assert second["cursor"] == {"log": 5, "stamp": [1, 2], "left": 0}
    event = EventAdapter.validate_python(second)
    assert (event.run_id, event.attempt, event.seq, event.type) == ("r1", 2, 2, "alert")


def test_opened_again_it_goes_on(run):
    Spool(run.events, "r1").append(1, [LOG, LOG], {"log": 7})
    spool = Spool(run.events, "r1")
    assert (spool.last_seq, spool.last_attempt, spool.cursor["log"]) == (2, 1, 7)
    spool.append(2, [LOG], {"log": 9})
    assert [line["seq"] for line, _ in read_lines(run.events)] == [1, 2, 3]


def test_numbers_that_are_none_survive(run):
    points = [MetricPoint(name="loss", value=v) for v in (math.nan, math.inf, -math.inf)]
    Spool(run.events, "r1").append(1, [Entry(Metrics(points=points))], {})
    ((line, _),) = read_lines(run.events)
    values = [p.value for p in EventAdapter.validate_python(line).data.points]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf]


@given(
    batches=st.lists(st.lists(st.text(max_size=5), min_size=1, max_size=4), min_size=1, max_size=5),
    data=st.data(),
)
def test_cut_anywhere_it_holds_whole_batches(run, batches, data):
    run.events.unlink(missing_ok=True)
    spool = Spool(run.events, "r1")
    ends = [0]
    for number, batch in enumerate(batches, 1):
        spool.append(1, [entry(text) for text in batch], {"log": number})
        ends.append(spool.size)
    cut = data.draw(st.integers(0, spool.size))
    os.truncate(run.events, cut)
    kept = sum(1 for end in ends[1:] if end <= cut)

    seen = []
    again = Spool(run.events, "r1", seen.append)
    assert run.events.stat().st_size == ends[kept]
    assert again.cursor.get("log", 0) == kept
    assert again.last_seq == sum(map(len, batches[:kept])) == len(seen)
    again.append(1, [entry("next")], {"log": 99})
    assert texts(run) == [t for batch in batches[:kept] for t in batch] + ["next"]


def test_a_hole_left_by_a_power_cut_is_cut_off(run):
    spool = Spool(run.events, "r1")
    spool.append(1, [LOG], {"log": 1})
    with run.events.open("ab") as file:
        file.write(b"\0" * 100 + b"\n")
    assert Spool(run.events, "r1").size == spool.size
    assert run.events.stat().st_size == spool.size


@pytest.fixture
def disk():
    """A disk that can be filled: files may grow no larger than told."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_on_a_full_disk_nothing_is_lost(run, disk):
    spool = Spool(run.events, "r1")
    written = []
    journal = Journal(spool, lambda: written.append(spool.last_seq))
    assert journal.write(1, [entry("before")], {"log": 1})
    whole = run.events.read_bytes()

    disk(len(whole) + 50)
    assert not journal.write(1, [entry("while"), entry("full")], {"log": 2})
    assert not journal.flush()
    assert run.events.read_bytes() == whole, "half a batch is cut off again"

    disk(10**9)
    journal._tried_at = 0
    assert journal.flush()
    lines = [line for line, _ in read_lines(run.events)]
    assert [line["data"].get("text") for line in lines] == ["before", "while", "full", None]
    assert lines[-1]["data"]["code"] == "spool_blocked"
    assert [line["cursor"]["log"] for line in lines] == [1, 2, 2, 2]
    assert written == [1, 4]
