"""The logs of runs as they were ingested: one file a run, written and read by byte offset."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trainwright.files import storage_error
from trainwright.spec.errors import ConflictError, InvalidRequestError, StorageError

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_LONGEST_LINE = 1 << 16
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
class Match:
    """A line that was searched for, with the byte offset where it begins."""

    offset: int
    line: str


class LogStore:
    """Logs of all runs.

    Args:
        root: Their folder, `Home.run_logs`.
        block: Bytes read at a time when looking for lines from the end.
    """

    def __init__(self, root: Path, *, block: int = 1 << 16) -> None:
        self.root = root
        self._block = block

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

    def search(self, run_id: str, words: str, *, limit: int = 100, after: int = 0) -> list[Match]:
        """Lines that contain `words`, whatever the case, from byte `after` on."""
        wanted = words.casefold()
        found: list[Match] = []
        for offset, line in self._lines(run_id, after):
            if wanted in line.casefold():
                found.append(Match(offset, line))
                if len(found) == limit:
                    break
        return found

    def delete(self, run_id: str) -> None:
        self._path(run_id).unlink(missing_ok=True)

    def _lines(self, run_id: str, after: int) -> Iterator[tuple[int, str]]:
        try:
            file = self._path(run_id).open("rb")
        except FileNotFoundError:
            return
        with file:
            file.seek(after)
            offset = after
            # progress bars can make lines of megabytes
            while raw := file.readline(_LONGEST_LINE):
                yield offset, _decode(raw).rstrip("\r\n")
                offset += len(raw)

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
