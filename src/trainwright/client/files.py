"""Files on their way to the platform and back."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path

from trainwright.files import storage_error


class Watched(io.BufferedReader):
    """A file that tells how much of it has been read."""

    def __init__(self, raw: io.RawIOBase, told: Callable[[int], None]) -> None:
        super().__init__(raw)
        self._told = told

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._told(self.tell())
        return data


def save(pieces: Iterable[bytes], out: Path | str, name: str) -> Path:
    """Save a download as the file `out`, or as `name` in the folder `out`; whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    target = Path(out)
    if target.is_dir():
        target /= Path(name).name
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        part.replace(target)
    except OSError as error:
        raise storage_error(target, error) from error
    finally:
        part.unlink(missing_ok=True)
    return target
