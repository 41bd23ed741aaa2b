"""A batch on disk: what was asked, and line by line what was answered.

`<run directory>/batches/<batch id>/`: `batch.json` is written whole; `inputs.jsonl` once, before
it; `results.jsonl` grows by a line an input, in the inputs' order. How many whole lines it has is
how far the batch is, whatever else was lost.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from trainwright.files import storage_error, write_atomic
from trainwright.serving.batch.sources import Item
from trainwright.spec.api import BatchView
from trainwright.spec.errors import NotFoundError

FOLDER = "batches"

_BLOCK = 1 << 20


class Progress(NamedTuple):
    """What `results.jsonl` says: lines, and how many of them are errors."""

    done: int
    failed: int


class BatchFolder:
    """Files of one batch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.record = path / "batch.json"
        self.inputs = path / "inputs.jsonl"
        self.results = path / "results.jsonl"
        self.lock = path / "batch.lock"
        self.files = path / "files"
        """Inputs that were sent, rather than named."""

    def exists(self) -> bool:
        return self.record.exists()

    def write_inputs(self, items: Iterable[Item]) -> int:
        """Write the list of inputs; how many there are."""
        count = 0
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with self.inputs.open("w", encoding="utf-8") as file:
                for item in items:
                    count += 1
                    said = {k: v for k, v in item._asdict().items() if v is not None}
                    file.write(json.dumps(said) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise storage_error(self.inputs, error) from error
        return count

    def items(self, start: int) -> Iterator[Item]:
        """The inputs from place `start` on."""
        with self.inputs.open(encoding="utf-8") as file:
            for line in islice(file, start, None):
                yield Item(**json.loads(line))

    def save(self, view: BatchView) -> None:
        """Write the record, unless the folder is gone with its run.

        Raises:
            NotFoundError: It is.
            StorageError: It cannot be written.
        """
        if not self.path.is_dir():
            raise _gone(self.path.name)
        write_atomic(self.record, view.model_dump_json(indent=2))

    def load(self) -> BatchView:
        """The record.

        Raises:
            NotFoundError: There is no such batch, or its record is damaged.
        """
        try:
            return BatchView.model_validate_json(self.record.read_bytes())
        except (OSError, ValidationError):
            raise _gone(self.path.name) from None

    def mend(self) -> Progress:
        """Cut off what a crash left half written; how far the results are."""
        if not self.results.exists():
            return Progress(0, 0)
        done = failed = end = 0
        with self.results.open("r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                done, end = done + 1, end + len(line)
                failed += is_error(line)
            file.truncate(end)
        return Progress(done, failed)

    def append(self, lines: Iterable[bytes]) -> None:
        """Add results, so that no power cut takes them back."""
        try:
            with self.results.open("ab") as file:
                file.write(b"".join(lines))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise storage_error(self.results, error) from error

    def blocks(self) -> Iterator[bytes]:
        """The results as they are now, up to the last whole line."""
        if not self.results.exists():
            return
        with self.results.open("rb") as file:
            rest = b""
            while block := file.read(_BLOCK):
                whole, end, rest = (rest + block).rpartition(b"\n")
                yield whole + end

    def lines(self) -> Iterator[dict[str, Any]]:
        """The results, one by one."""
        rest = b""
        for block in self.blocks():
            *whole, rest = (rest + block).split(b"\n")
            yield from map(json.loads, whole)

    def remove(self) -> None:
        # the record first: without it the rest is nobody's
        self.record.unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)


def _gone(batch_id: str) -> NotFoundError:
    return NotFoundError(f"there is no batch {batch_id!r}", field="job")


def result_line(place: int, answer: dict[str, Any]) -> bytes:
    """One answer as a line; an error comes first, where `is_error` looks for it."""
    error = answer.pop("error", None)
    told = {"error": error} if error else {}
    told |= {"index": place} | answer
    try:
        return to_json(told, inf_nan_mode="null") + b"\n"
    except PydanticSerializationError:  # a name that is no text in any encoding
        return json.dumps(told, ensure_ascii=False).encode(errors="replace") + b"\n"


def is_error(line: bytes) -> bool:
    return line.startswith(b'{"error":')
