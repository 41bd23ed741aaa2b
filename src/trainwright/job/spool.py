"""The spool: `events.jsonl`, append-only, the truth at the source.

A batch of events is written with one system call, and each of its lines says how many lines of
the batch follow. What a crash left torn, be it a line or a batch, is cut off when the spool is
opened again, together with the reading that led to it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from trainwright.spec.events import (
    CheckpointSaved,
    EventData,
    TrainingComplete,
    TrainingError,
    make_event,
)

SYNC_SECONDS = 1.0

Line = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """What one line of the spool is to say."""

    data: EventData
    note: Mapping[str, Any] = field(default_factory=dict)
    """Added to the cursor of this line only."""

    @property
    def sync(self) -> bool:
        """Too dear to be lost in a power cut."""
        return isinstance(self.data, CheckpointSaved | TrainingComplete | TrainingError)


class Spool:
    """One writer's view of the spool of a run.

    Attributes:
        last_seq: Number of the last event, 0 in an empty spool.
        size: Bytes of whole batches; readers go no further.
        synced: Bytes of them that a power cut cannot take back.
    """

    def __init__(
        self, path: Path, run_id: str, visit: Callable[[Line], None] | None = None
    ) -> None:
        """Open the spool and cut off what is torn.

        Args:
            path: The file; made if absent.
            run_id: Put on every event.
            visit: Shown each line that is kept.

        Raises:
            OSError: The file cannot be opened or cut.
        """
        self.path = path
        self._run_id = run_id
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self.size, last = _whole(path, visit)
        self.last_seq = int(last["seq"]) if last else 0
        self.last_attempt = int(last["attempt"]) if last else 0
        self.cursor: dict[str, Any] = last["cursor"] if last else {}
        os.ftruncate(self._fd, self.size)
        os.fsync(self._fd)  # whoever wrote it may have been killed before it did
        self._synced_at = time.monotonic()
        self.synced = self.size

    def append(
        self,
        attempt: int,
        entries: Sequence[Entry],
        cursor: Mapping[str, Any],
        *,
        sync: bool = False,
    ) -> None:
        """Write a batch whole or not at all.

        Args:
            attempt: The attempt the events belong to.
            entries: In order; they get the next numbers.
            cursor: The state from which reading goes on after the batch.
            sync: Wait until the disk has it.

        Raises:
            OSError: Nothing was written; the same batch may be tried again.
        """
        lines = []
        for place, entry in enumerate(entries, 1):
            event = make_event(self._run_id, attempt, self.last_seq + place, entry.data)
            mark = {**cursor, **entry.note, "left": len(entries) - place}
            head = event.model_dump_json(exclude_none=True)[:-1]
            # NaN as in events, so that any program can read the line
            tail = to_json(mark, inf_nan_mode="strings").decode()
            lines.append(f'{head},"cursor":{tail}}}\n')
        self._write("".join(lines).encode())
        self.last_seq += len(entries)
        self.last_attempt = attempt
        self.cursor = dict(cursor)
        self.sync(at_once=sync)

    def sync(self, *, at_once: bool = False) -> None:
        """Have the disk keep what was written, at most once a second unless `at_once`."""
        size = self.size  # another thread may append while this one waits for the disk
        due = at_once or time.monotonic() - self._synced_at >= SYNC_SECONDS
        if due and self.synced < size:
            os.fsync(self._fd)
            self._synced_at = time.monotonic()
            self.synced = size

    def close(self) -> None:
        """Let go of the file; nothing is synced."""
        os.close(self._fd)

    def _write(self, raw: bytes) -> None:
        try:
            written = os.write(self._fd, raw)
            while written < len(raw):
                written += os.write(self._fd, raw[written:])
        except OSError:
            os.ftruncate(self._fd, self.size)  # a batch cut short is worse than none
            raise
        self.size += len(raw)


def read_lines(path: Path, start: int = 0, end: int | None = None) -> Iterator[tuple[Line, int]]:
    """Whole lines from byte `start` on, each with the offset just after it.

    Args:
        path: The spool.
        start: Offset of a line's first byte.
        end: Read no further than this offset; default: the end of the file.
    """
    with path.open("rb") as file:
        file.seek(start)
        offset = start
        for raw in file:
            offset += len(raw)
            if not raw.endswith(b"\n") or (end is not None and offset > end):
                return
            try:
                line = json.loads(raw)
            except ValueError:
                return  # a hole left by a power cut: nothing after it can be trusted
            yield line, offset


def _whole(path: Path, visit: Callable[[Line], None] | None) -> tuple[int, Line | None]:
    """Bytes of whole batches, and the last line of the last one."""
    size, last = 0, None
    batch: list[Line] = []
    for line, offset in read_lines(path):
        batch.append(line)
        if line["cursor"]["left"] == 0:
            size, last = offset, line
            if visit:
                for kept in batch:
                    visit(kept)
            batch.clear()
    return size, last
