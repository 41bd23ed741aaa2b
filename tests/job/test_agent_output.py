"""Reading the log: however it was cut into reads and restarts, the result is the same."""

import json

from hypothesis import given
from hypothesis import strategies as st

from trainwright.job.output import Output
from trainwright.job.tail import LOG_BYTES, READ_BYTES, Tail, log_events

lines = st.one_of(
    st.builds(
        "step: {} loss: {}".format, st.integers(0, 99), st.floats(0, 9).map(lambda x: round(x, 3))
    ),
    st.text(max_size=20),
    st.sampled_from(
        [
            '::trainwright:: {"kind":"metrics","metrics":{"val/loss":1.5},"step":3}',
            '::trainwright:: {"kind":"checkpoint","path":"a.pt","metrics":{}}',
            "Epoch 2/5",
        ]
    ),
).map(str.encode)
ends = st.sampled_from([b"\n", b"\n", b"\r", b"\r\n"])
logs = st.lists(st.tuples(lines, ends), max_size=15).map(lambda x: b"".join(a + b for a, b in x))


def drain(output, *, at_end):
    """All that is to be read now, as (points, reports, log bytes, text)."""
    points, reports, text, size = [], [], "", 0
    while read := output.read(at_end=at_end) or (output.flush() if at_end else None):
        points += read.points
        reports += [dict(r.data) for r in read.reports]
        for log in read.logs:
            text += log.text
            size += log.size
    return points, reports, text, size


@given(logs, st.lists(st.integers(0, 300), max_size=6), st.binary(max_size=8), st.data())
def test_growing_and_restarting_change_nothing(run, log, cuts, tail, data):
    log += tail
    run.log.write_bytes(log)
    expected = drain(Output(run.log, 0), at_end=True)
    assert expected[3] == len(log)

    output, got = Output(run.log, 0), [[], [], "", 0]
    for cut in [*sorted(min(c, len(log)) for c in cuts), len(log)]:
        run.log.write_bytes(log[:cut])
        if data.draw(st.booleans()):  # another agent goes on from the cursor, as JSON keeps it
            output = Output.resumed(run.log, json.loads(json.dumps(output.cursor())))
        part = drain(output, at_end=cut == len(log))
        got = [a + b for a, b in zip(got, part, strict=True)]
    assert got[0] == expected[0]
    assert got[1] == expected[1]
    assert got[3] == expected[3]


def test_an_unfinished_line_waits(run):
    run.log.write_bytes(b"loss: 1\nloss: 2")
    output = Output(run.log, 0)
    assert [p.value for p in output.read().points] == [1.0]
    assert output.read() is None
    with run.log.open("ab") as file:
        file.write(b"5\n")
    assert [p.value for p in output.read().points] == [25.0]


def test_a_restart_within_a_line_longer_than_one_read(run):
    log = b"x" * (READ_BYTES + 10) + b" loss: 3\nloss: 4\n"
    run.log.write_bytes(log)
    output = Output(run.log, 0)
    first = output.read()
    assert sum(e.size for e in first.logs) == READ_BYTES
    output = Output.resumed(run.log, json.loads(json.dumps(output.cursor())))
    points, _, _, size = drain(output, at_end=True)
    assert [p.value for p in points] == [4.0], "the torn line's end is no line of its own"
    assert size == len(log) - READ_BYTES


def test_an_attempt_reads_its_own_share(run):
    run.log.write_bytes(b"loss: 1\nloss: 2\nloss: 3")
    old, new = Output(run.log, 0), Output(run.log, 8)
    assert [p.value for p in old.read(until=8, at_end=True).points] == [1.0]
    assert [p.value for p in new.read().points] == [2.0]


def test_there_is_no_log_yet(run):
    assert Tail(run.log).read(at_end=True) == b""


@given(st.binary(max_size=300), st.integers(0, 10**12))
def test_log_events_are_the_bytes(data, offset):
    at = offset
    for event in log_events(data, offset):
        assert event.offset == at
        at += event.size
    assert at == offset + len(data)


def test_long_text_is_cut_between_lines_and_never_inside_a_character():
    text = "가나다\n" * 20_000 + "라" * 50_000
    events = list(log_events(text.encode(), 0))
    assert "".join(e.text for e in events) == text
    assert all(e.size <= LOG_BYTES for e in events)
    assert events[0].text.endswith("\n")
