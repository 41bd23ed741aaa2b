"""Logs by offset: written idempotently, read by range, from the end, and by words."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.spec import InvalidRequestError, StorageError
from trainwright.telemetry import LogGapError, LogStore

TEXTS = st.text(alphabet=st.sampled_from("ab\n\r한🙂é "), max_size=200)


@pytest.fixture
def logs(tmp_path: Path) -> LogStore:
    return LogStore(tmp_path / "run-logs")


def test_the_same_write_twice_is_one(logs: LogStore) -> None:
    assert logs.write("r1", 0, b"one\n") == 4
    assert logs.write("r1", 4, b"two\n") == 8
    assert logs.write("r1", 0, b"one\n") == 4
    assert (logs.size("r1"), logs.read("r1", 0, 100)) == (8, "one\ntwo\n")


def test_a_gap_is_refused_with_the_offset_wanted(logs: LogStore) -> None:
    logs.write("r1", 0, b"one\n")
    with pytest.raises(LogGapError) as caught:
        logs.write("r1", 10, b"late\n")
    assert caught.value.wanted == 4
    assert caught.value.details["wanted"] == 4
    assert logs.read("r1", 0, 100) == "one\n"


def test_lost_text_can_be_skipped(logs: LogStore) -> None:
    logs.write("r1", 0, b"one\n")
    logs.skip_to("r1", 10)
    logs.skip_to("r1", 2)
    logs.write("r1", 10, b"late\n")
    assert (logs.size("r1"), logs.read("r1", 0, 100)) == (15, "one\nlate\n")


def test_a_run_without_a_log_has_an_empty_one(logs: LogStore) -> None:
    assert (logs.size("r1"), logs.read("r1", 0, 10), logs.tail("r1").text) == (0, "", "")
    assert logs.search("r1", "x").found == []
    assert logs.read_lines("r1", 5).text == ""
    assert logs.read_chunk("r1").total == 0
    logs.delete("r1")


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", ".", "a\0", "-x"])
def test_an_id_never_leads_outside(logs: LogStore, run_id: str) -> None:
    with pytest.raises(InvalidRequestError):
        logs.write(run_id, 0, b"x")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        LogStore(tmp_path / "file").write("r1", 0, b"x")


@given(text=TEXTS, lines=st.integers(0, 12), block=st.integers(1, 9))
def test_the_tail_is_the_last_lines(text: str, lines: int, block: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        logs = LogStore(Path(folder), block=block)
        logs.write("r1", 0, text.encode())
        chunk = logs.tail("r1", lines)
        expected = text.split("\n")
        kept = [line + "\n" for line in expected[:-1]] + [expected[-1]] * bool(expected[-1])
        assert chunk.text == "".join(kept[-lines:] if lines else [])
        assert chunk.end == chunk.total == len(text.encode())
        assert chunk.offset == chunk.total - len(chunk.text.encode())


@given(text=TEXTS, lines=st.integers(1, 12), limit=st.integers(1, 30))
def test_a_tail_is_no_longer_than_its_limit(text: str, lines: int, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        logs = LogStore(Path(folder), block=7)
        logs.write("r1", 0, text.encode())
        chunk, whole = logs.tail("r1", lines, limit), logs.tail("r1", lines)
        assert whole.text.endswith(chunk.text)
        assert len(chunk.text.encode()) > min(limit, len(whole.text.encode())) - 4
        assert len(chunk.text.encode()) == chunk.end - chunk.offset <= limit


def test_there_is_nothing_beyond_the_end(logs: LogStore) -> None:
    logs.write("r1", 0, b"one\n")
    for offset in (4, 5, 2**63 - 1):
        assert logs.read("r1", offset, 10) == ""
        assert logs.read_chunk("r1", offset).end == offset


def test_a_log_that_cannot_be_read_says_so(logs: LogStore) -> None:
    (logs.root / "r1.log").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot read"):
        logs.read("r1", 0, 10)


@given(text=TEXTS, limit=st.integers(1, 20))
def test_chunks_add_up_to_the_whole_and_cut_no_character(text: str, limit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        logs = LogStore(Path(folder))
        logs.write("r1", 0, text.encode())
        read, offset = "", 0
        while (chunk := logs.read_chunk("r1", offset, limit)).end < chunk.total:
            assert chunk.end > offset
            read, offset = read + chunk.text, chunk.end
        assert read + chunk.text == text
