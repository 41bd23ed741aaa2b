"""Where the lines of long logs begin, without reading them from the start each time."""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections import OrderedDict
from pathlib import Path

_MOST_LOGS = 256


class LineIndex:
    """How many lines end in each whole block of a log; logs only grow, so that stays true.

    What is not remembered is counted again: about half a second for a gigabyte.

    Args:
        block: Bytes in a block.
    """

    def __init__(self, block: int) -> None:
        self._block = block
        self._lock = threading.Lock()
        self._ends: OrderedDict[Path, list[int]] = OrderedDict()

    def line_at(self, path: Path, offset: int) -> int:
        """The number of the line that holds the byte at `offset`, or the log's last."""
        with path.open("rb") as file:
            offset = min(offset, file.seek(0, os.SEEK_END))
            block = offset // self._block
            ends = self._counted(path, block)
            file.seek(block * self._block)
            head = file.read(offset - block * self._block)
        return (ends[block - 1] if block else 0) + head.count(b"\n") + 1

    def offset_of(self, path: Path, line: int) -> int:
        """Where a line begins; the end of the log for one that is not there."""
        if line <= 1:
            return 0
        size = path.stat().st_size
        ends = self._counted(path, size // self._block)
        block = bisect_left(ends, line - 1)
        left = line - 1 - (ends[block - 1] if block else 0)
        with path.open("rb") as file:
            file.seek(block * self._block)
            raw = file.read(self._block)
        place = -1
        for _ in range(left):
            place = raw.find(b"\n", place + 1)
            if place < 0:
                return size
        return block * self._block + place + 1

    def _counted(self, path: Path, blocks: int) -> list[int]:
        """Lines that end up to the end of each block, for so many blocks at least."""
        with self._lock:
            ends = self._ends.pop(path, [])
            if len(ends) * self._block > path.stat().st_size:
                ends = []  # another log of the same name
            self._ends[path] = ends
            while len(self._ends) > _MOST_LOGS:
                self._ends.popitem(last=False)
            if len(ends) < blocks:
                with path.open("rb") as file:
                    file.seek(len(ends) * self._block)
                    while len(ends) < blocks:
                        ends.append((ends[-1] if ends else 0) + file.read(self._block).count(b"\n"))
            return ends
