"""The logs of runs as they were ingested: one file a run, written and read by byte offset."""

from __future__ import annotations

import os
import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from trainwright.files import storage_error
from trainwright.spec.errors import ConflictError, InvalidRequestError, StorageError
from trainwright.telemetry.line_index import LineIndex
from trainwright.telemetry.scan import Found
from trainwright.telemetry.search import scan_pattern, scan_words

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_LONGEST_CHARACTER = 4
_CONTINUATION = bytes(range(0x80, 0xC0))


class LogGapError(ConflictError):
    """A chunk does not touch what is stored.

    Attributes:
        wanted: The offset from which the log is missing.
    """

    code = "log_gap"

    def __init__(self, run_id: str, offset: int, wanted: int) -> None:
        super().__init__(
            f"the log of run {run_id} ends at byte {wanted}; a chunk at {offset} leaves a gap",
            field="offset",
            expected=f"at most {wanted}",
            details={"wanted": wanted},
        )
        self.wanted = wanted


@dataclass(frozen=True)
class Chunk:
    """A part of a log: whole characters, from `offset` to `end` (bytes), of `total`."""

    text: str
    offset: int
    end: int
    total: int


@dataclass(frozen=True)
class Matches:
    """Lines that were searched for.

    Attributes:
        found: The lines, in order.
        next_line: The line from which to search on.
        end: The byte where that begins.
        total: Bytes in the log.
    """

    found: list[Found]
    next_line: int
    end: int
    total: int


class LogStore:
    """Logs of all runs.

    Args:
        root: Their folder, `Home.run_logs`.
        block: Bytes read at a time when looking for lines.
    """

    def __init__(self, root: Path, *, block: int = 1 << 16) -> None:
        self.root = root
        self._block = block
        self._index = LineIndex(block)

    def size(self, run_id: str) -> int:
        """Bytes stored; 0 for a run without a log."""
        try:
            return self._path(run_id).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return 0

    def write(self, run_id: str, offset: int, data: bytes) -> int:
        """Write `data` at `offset`; the same write again changes nothing.

        Returns:
            The offset after `data`.

        Raises:
            LogGapError: `offset` lies beyond the end; `wanted` says where to go on.
            StorageError: The disk is full, read-only or gone.
        """
        path, total = self._path(run_id), self.size(run_id)
        if offset > total:
            raise LogGapError(run_id, offset, total)
        self._write_at(path, offset, data)
        return offset + len(data)

    def skip_to(self, run_id: str, offset: int) -> None:
        """Fill up to `offset` with NUL bytes, in place of text that is lost for good."""
        path, total = self._path(run_id), self.size(run_id)
        if total < offset:
            self._write_at(path, total, b"")
            os.truncate(path, offset)

    def read(self, run_id: str, offset: int, size: int) -> str:
        """The text of `size` bytes at `offset`; bytes that are no UTF-8 are replaced."""
        return _decode(self._bytes(run_id, offset, size))

    def read_chunk(self, run_id: str, offset: int = 0, limit: int = 1 << 20) -> Chunk:
        """A part of the log for a reader who goes on at its `end`; no character is cut in two."""
        total = self.size(run_id)
        # with room for less than a character the reader would never get on
        raw = self._bytes(run_id, offset, max(limit, _LONGEST_CHARACTER))
        if offset + len(raw) < total:
            raw = _whole_characters(raw)
        return Chunk(_decode(raw), offset, offset + len(raw), total)

    def tail(self, run_id: str, lines: int = 100, limit: int = 1 << 20) -> Chunk:
        """The last lines, or of longer ones the last `limit` bytes."""
        total = self.size(run_id)
        start, least, breaks = total, max(total - limit, 0), 0
        blocks: deque[bytes] = deque()
        # the break that ends the line before the first one wanted, and the last line's own
        while start > least and breaks <= lines:
            step = min(self._block, start - least)
            start -= step
            blocks.appendleft(self._bytes(run_id, start, step))
            breaks += blocks[0].count(b"\n")
        raw = b"".join(blocks)
        kept = b"".join(_LINE.findall(raw)[-lines:]) if lines > 0 else b""
        if start > 0 and len(kept) == len(raw):
            kept = kept.lstrip(_CONTINUATION)  # the limit may have cut a character
        return Chunk(_decode(kept), total - len(kept), total, total)

    def read_lines(
        self, run_id: str, first: int, count: int | None = None, limit: int = 1 << 20
    ) -> Chunk:
        """The lines from the `first` (from 1) on, at most `count` of them or `limit` bytes."""
        path = self._existing(run_id)
        if path is None:
            return Chunk("", 0, 0, 0)
        start = self._index.offset_of(path, first)
        end = start + limit
        if count is not None:
            end = min(end, self._index.offset_of(path, max(first, 1) + count))
        raw = self._bytes(run_id, start, max(end - start, 0))
        if len(raw) == limit:
            raw = _whole_characters(raw)
        return Chunk(_decode(raw), start, start + len(raw), self.size(run_id))

    def line_at(self, run_id: str, offset: int) -> int:
        """The number (from 1) of the line that holds the byte at `offset`."""
        path = self._existing(run_id)
        return 1 if path is None else self._index.line_at(path, offset)

    def search(
        self,
        run_id: str,
        wanted: str,
        *,
        regex: bool = False,
        first: int = 1,
        offset: int = 0,
        limit: int = 100,
    ) -> Matches:
        """Lines that contain `wanted`, whatever the case and the colours.

        At most some 64 MiB are looked through: the answer says where to go on, and at its `end`
        whether there is more.

        Args:
            run_id: The run.
            wanted: Words as they are, or a regular expression.
            regex: Which of the two.
            first: The line from which to search on, from 1.
            offset: The byte from which on, where that is further.
            limit: Lines to find, at most.

        Raises:
            InvalidRequestError: The expression is none, or takes too long.
        """
        path = self._existing(run_id)
        if path is None:
            return Matches([], 1, 0, 0)
        total = self.size(run_id)
        start = (first, self._index.offset_of(path, first))
        if offset > start[1]:
            start = (self._index.line_at(path, offset), offset)
        if start[1] >= total:
            return Matches([], start[0], total, total)
        look = scan_pattern if regex else scan_words
        seen = look(path, wanted, line=start[0], offset=start[1], limit=limit)
        return Matches(seen.found, seen.line, seen.offset, max(total, seen.offset))

    def delete(self, run_id: str) -> None:
        self._path(run_id).unlink(missing_ok=True)

    def _existing(self, run_id: str) -> Path | None:
        path = self._path(run_id)
        return path if path.is_file() else None

    def _bytes(self, run_id: str, offset: int, size: int) -> bytes:
        if offset < 0 or size < 0:
            raise InvalidRequestError("a log has no such bytes", field="offset", expected="≥ 0")
        path = self._path(run_id)
        try:
            with path.open("rb") as file:
                # file systems refuse to look far beyond the end
                if offset >= os.fstat(file.fileno()).st_size:
                    return b""
                file.seek(offset)
                return file.read(size)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise StorageError(
                f"cannot read {path}: {error.strerror}", mend="trainwright doctor"
            ) from error

    def _write_at(self, path: Path, offset: int, data: bytes) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(fd, "r+b") as file:
                file.seek(offset)
                file.write(data)
        except OSError as error:
            raise storage_error(path, error) from error

    def _path(self, run_id: str) -> Path:
        if not _RUN_ID.fullmatch(run_id):
            raise InvalidRequestError(f"{run_id!r} is not the id of a run", field="run")
        return self.root / f"{run_id}.log"


def _decode(raw: bytes) -> str:
    return raw.replace(b"\0", b"").decode("utf-8", "replace")


def _whole_characters(raw: bytes) -> bytes:
    """`raw` without the beginning of a character at its end."""
    for back in range(1, min(4, len(raw)) + 1):
        byte = raw[-back]
        if byte & 0xC0 == 0x80:
            continue
        needs = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
        return raw[:-back] if needs > back else raw
    return raw
