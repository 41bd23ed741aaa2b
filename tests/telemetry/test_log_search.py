"""Logs by line and by words, however long they are and whatever colours they have."""

import re
import tempfile
import time
import tracemalloc
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainwright.spec import InvalidRequestError
from trainwright.telemetry import LogStore, scan
from trainwright.telemetry.line_index import LineIndex
from trainwright.telemetry.search import scan_pattern

MEBIBYTE = 1 << 20
TEXTS = st.text(alphabet=st.sampled_from("ab\n\r한🙂ÉéßK \x1b[m0"), max_size=120)


@pytest.fixture
def logs(tmp_path: Path) -> LogStore:
    return LogStore(tmp_path / "run-logs")


def found(logs: LogStore, words: str, **where: int | bool) -> list[tuple[int, str]]:
    return [(m.line, m.text) for m in logs.search("r1", words, **where).found]


def test_words_are_found_with_their_lines_whatever_their_case(logs: LogStore) -> None:
    logs.write("r1", 0, "Epoch 1\nERROR: straße\n정확도 0.9\nerror again".encode())
    assert found(logs, "error") == [(2, "ERROR: straße"), (4, "error again")]
    assert found(logs, "STRASSE") == [(2, "ERROR: straße")]
    assert found(logs, "정확도") == [(3, "정확도 0.9")]
    assert found(logs, unicodedata.normalize("NFD", "정확")) == [(3, "정확도 0.9")]
    assert found(logs, "error", first=3) == [(4, "error again")]
    assert found(logs, "error", offset=12) == [(4, "error again")]
    assert found(logs, "straße", offset=12) == [(2, "R: straße")]
    assert found(logs, "nothing") == []
    first = logs.search("r1", "error", limit=1)
    assert (first.found[0].offset, first.next_line, first.end) == (8, 3, 23)
    last = logs.search("r1", "error", first=first.next_line)
    assert (last.found[0].line, last.end) == (4, last.total)


def test_letters_composed_in_parts_are_found(logs: LogStore) -> None:
    logs.write("r1", 0, unicodedata.normalize("NFD", "검증 손실 0.5\n").encode())
    assert [line for line, _ in found(logs, "손실")] == [1]


def test_colours_and_progress_bars_do_not_hide_words(logs: LogStore) -> None:
    bar = "\r".join(f"{n}% loss {n / 10}" for n in range(100))
    log = f"\x1b[31mER\x1b[1mROR\x1b[0m: no\n{bar}\nplain\r\n\x1b]0;title\x07done\n"
    logs.write("r1", 0, log.encode())
    assert found(logs, "error: no") == [(1, "ERROR: no")]
    assert found(logs, "loss 5.7") == [(2, "57% loss 5.7")]
    assert found(logs, "plain$", regex=True) == [(3, "plain")]
    assert found(logs, "title") == []
    assert found(logs, "done") == [(4, "done")]


def test_expressions_are_searched_and_wrong_ones_refused(logs: LogStore) -> None:
    logs.write("r1", 0, "step 1 loss=0.5\nstep 2 Loss=NaN\n손실=12\n".encode())
    assert found(logs, r"loss=(nan|inf)", regex=True) == [(2, "step 2 Loss=NaN")]
    assert found(logs, r"^손실=\d+$", regex=True) == [(3, "손실=12")]
    assert found(logs, r"\d", regex=True, limit=1) == [(1, "step 1 loss=0.5")]
    for wrong in ("(", "a{2,1}", "[z-a]", "(?P<x>a)(?P<x>b)"):
        with pytest.raises(InvalidRequestError, match="regular expression"):
            logs.search("r1", wrong, regex=True)


def test_an_expression_that_takes_for_ever_is_ended(logs: LogStore) -> None:
    logs.write("r1", 0, b"a" * 50 + b"!\n")
    began = time.monotonic()
    with pytest.raises(InvalidRequestError, match=r"more than 0\.5 s"):
        scan_pattern(logs.root / "r1.log", "(a|aa)+$", line=1, offset=0, limit=1, seconds=0.5)
    assert time.monotonic() - began < 5


@settings(max_examples=150)
@given(text=TEXTS, words=st.text(alphabet=st.sampled_from("abÉ한ßK "), min_size=1, max_size=2))
def test_what_is_found_is_what_every_line_shows(text: str, words: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        logs = LogStore(Path(folder))
        logs.write("r1", 0, text.encode())
        lines = text.split("\n")
        wanted = [
            number
            for number, line in enumerate(lines, 1)
            if scan.folded(words) in scan.folded(scan.plain(line.encode()))
        ]
        assert [m.line for m in logs.search("r1", words).found] == wanted
        for match in logs.search("r1", words).found:
            assert text.encode()[: match.offset].count(b"\n") == match.line - 1


def test_lines_are_counted_over_any_blocks(tmp_path: Path) -> None:
    lines = ["", "a", "0123456", "01234567", "x" * 40, "", "", "한글 줄", "last"]
    for ending in ("", "\n"):
        logs = LogStore(tmp_path / f"logs{len(ending)}", block=8)
        raw = ("\n".join(lines) + ending).encode()
        logs.write("r1", 0, raw)
        starts = [0, *(m.end() for m in re.finditer(b"\n", raw)), len(raw) + 1]
        for number, (start, end) in enumerate(pairwise(starts), 1):
            assert logs.read_lines("r1", number, 1).text.encode() == raw[start:end]
            for offset in range(start, min(end, len(raw))):
                assert LineIndex(8).line_at(logs.root / "r1.log", offset) == number
        assert logs.read_lines("r1", 3, 2).text == "0123456\n01234567\n"
        assert logs.read_lines("r1", 8).text.startswith("한글 줄")
        assert logs.read_lines("r1", 8, limit=4).text == "한"
        assert logs.read_lines("r1", 100, 5).text == ""
        assert found(logs, "x", limit=1) == [(5, "x" * 40)]
        assert found(logs, "last", first=6) == [(9, "last")]


@given(st.lists(st.sampled_from(["", "needle", "x" * 20, "한글 needle", "n"])), st.integers(1, 40))
def test_lines_are_searched_over_any_blocks(lines: list[str], size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        # a line longer than two blocks is searched in pieces
        kept = [line for line in lines if len(line.encode()) <= size]
        path.write_text("\n".join(kept))
        seen = scan.scan(path, scan.Query("NEEDLE"), line=1, offset=0, limit=99, block_size=size)
        assert [f.line for f in seen.found] == [
            number for number, line in enumerate(kept, 1) if "needle" in line
        ]


def test_a_log_that_grows_is_counted_on(logs: LogStore) -> None:
    size = 0
    for part in range(4):
        raw = b"".join(b"line %d of part %d\n" % (n, part) for n in range(30_000))
        size = logs.write("r1", size, raw)
        assert found(logs, f"line 29999 of part {part}") == [
            ((part + 1) * 30_000, f"line 29999 of part {part}")
        ]
    assert logs.read_lines("r1", 90_001, 1).text == "line 0 of part 3\n"


def test_a_long_log_is_searched_in_portions_and_in_little_memory(logs: LogStore) -> None:
    line = b"step 1234 train/loss=0.125 lr=0.001 some more words to fill a line with\n"
    block = line * (MEBIBYTE // len(line))
    logs.root.mkdir()
    with (logs.root / "r1.log").open("wb") as file:
        for _ in range(150):
            file.write(block)
        file.write(b"needle\n")
    offset, searches, matches = 0, 0, []
    tracemalloc.start()
    while True:
        part = logs.search("r1", "NEEDLE", offset=offset)
        matches += part.found
        searches += 1
        if part.end >= part.total:
            break
        offset = part.end
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [m.line for m in matches] == [150 * (MEBIBYTE // len(line)) + 1]
    assert searches == 3
    assert peak < 16 * MEBIBYTE
    assert logs.tail("r1", 1).text == "needle\n"


def test_of_a_line_without_end_what_was_looked_for_is_shown(logs: LogStore) -> None:
    logs.write("r1", 0, b"x" * 3 * MEBIBYTE + b" here " + b"y" * MEBIBYTE)
    [(line, text)] = found(logs, "HERE")
    assert line == 1
    assert " here " in text
    assert len(text) <= scan.LONGEST_SHOWN
