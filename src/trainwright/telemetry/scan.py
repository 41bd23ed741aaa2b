"""Looks for lines in a log, a block at a time. Needs nothing but the standard library.

Patterns of strangers may take for ever, and nothing in Python stops `re`: run as a program, this
file searches in a process of its own, which can be ended.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

BLOCK = 1 << 20
BUDGET = 64 * BLOCK
"""Bytes looked through at once; who asks goes on from where that ended."""

MEMORY = 1 << 30
"""What the process may take, as an expression may need any amount."""

LONGEST_SHOWN = 2_000
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,512}(?:\x07|\x1b\\)|[@-_])"
)


class Found(NamedTuple):
    """A line that was looked for.

    Attributes:
        line: Its number, from 1.
        offset: The byte where it begins.
        text: What it says, without escape sequences; of a long one the part that was looked for.
    """

    line: int
    offset: int
    text: str


class Scan(NamedTuple):
    """What was found from one place on.

    Attributes:
        found: The lines, in order.
        line: The number of the line to go on with.
        offset: The byte where that begins.
    """

    found: list[Found]
    line: int
    offset: int


def plain(raw: bytes) -> str:
    """Bytes of a log as text without escape sequences; it has the lines that the bytes have."""
    text = raw.replace(b"\0", b"").decode("utf-8", "replace")
    return _ESCAPE.sub("", text) if "\x1b" in text else text


def folded(text: str) -> str:
    """Text as it is compared: whatever its case, and however its letters are composed."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


class Query:
    """What is looked for within a line, whatever the case.

    Args:
        wanted: Words as they are, or a regular expression.
        regex: Which of the two.

    Raises:
        re.error: The expression is none.
    """

    def __init__(self, wanted: str, *, regex: bool = False) -> None:
        self._words = None if regex else folded(wanted)
        self._pattern = re.compile(wanted, re.IGNORECASE) if regex else None

    def may_be_in(self, block: bytes) -> bool:
        """Whether to look at the lines of a block; an expression may ask for a line's ends."""
        return self._words is None or self._words in folded(plain(block))

    def shown(self, raw: bytes) -> str | None:
        """What to show of a line that has it."""
        text = plain(raw).rstrip("\r")
        if self._place(text) is None:
            return None
        # a progress bar writes over itself: what it said then is meant, not all it ever said
        parts = text.split("\r") if "\r" in text else ()
        text = next((part for part in parts if self._place(part) is not None), text)
        if len(text) <= LONGEST_SHOWN:
            return text
        start = max(0, (self._place(text) or 0) - LONGEST_SHOWN // 2)
        return text[start : start + LONGEST_SHOWN]

    def _place(self, text: str) -> int | None:
        if self._pattern is not None:
            found = self._pattern.search(text)
            return found.start() if found else None
        place = folded(text).find(self._words or "")
        return place if place >= 0 else None


def scan(
    path: Path, query: Query, *, line: int, offset: int, limit: int, block_size: int = BLOCK
) -> Scan:
    """Look through a log from the beginning of a line on.

    Args:
        path: The log.
        query: What to look for.
        line: The number of the line that begins at `offset`.
        offset: Where to begin.
        limit: Lines to find, at most.
        block_size: Bytes read at a time.
    """
    found: list[Found] = []
    end = offset + BUDGET
    with path.open("rb") as file:
        file.seek(offset)
        while offset < end and (block := _read_block(file, block_size)):
            if query.may_be_in(block):
                for passed, at in enumerate(_lines(block)):
                    text = query.shown(block[at.start : at.stop])
                    if text is None:
                        continue
                    found.append(Found(line + passed, offset + at.start, text))
                    if len(found) == limit:
                        more = at.stop < len(block)
                        return Scan(found, line + passed + more, offset + at.stop + more)
            line += block.count(b"\n")
            offset += len(block)
    return Scan(found, line, offset)


def main() -> None:
    """Search as standard input says, and print what was found."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    said = json.load(sys.stdin)
    try:
        query = Query(said["wanted"], regex=True)
    except (re.error, OverflowError, RecursionError, MemoryError) as error:
        json.dump({"error": str(error)}, sys.stdout)
        return
    found = scan(
        Path(said["path"]),
        query,
        line=said["line"],
        offset=said["offset"],
        limit=said["limit"],
    )
    json.dump(found, sys.stdout)


def _read_block(file: BinaryIO, size: int) -> bytes:
    """About a block of whole lines; of a line that is far longer, a piece."""
    block = file.read(size)
    return block if block.endswith(b"\n") else block + file.readline(size)


def _lines(block: bytes) -> Iterator[slice]:
    start = 0
    while start < len(block):
        stop = block.find(b"\n", start)
        stop = len(block) if stop < 0 else stop
        yield slice(start, stop)
        start = stop + 1


if __name__ == "__main__":
    main()
