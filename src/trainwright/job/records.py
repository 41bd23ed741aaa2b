"""Reading and writing the JSON records of a run directory."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from trainwright.files import write_atomic

R = TypeVar("R", bound=BaseModel)


def read_record(path: Path, shape: type[R]) -> R | None:
    """The record, or `None` when it is absent or is not one.

    Raises:
        OSError: The file cannot be read for another reason than its absence.
    """
    try:
        return shape.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None


def write_record(path: Path, record: BaseModel, *, mode: int = 0o644) -> None:
    """Replace the record whole.

    Raises:
        StorageError: The disk is full, read-only or gone.
    """
    write_atomic(path, record.model_dump_json(indent=1) + "\n", mode=mode)
