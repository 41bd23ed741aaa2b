"""Objects: files kept by key, behind one small interface."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from trainwright.files import contained, storage_error
from trainwright.spec.errors import InvalidRequestError, NotFoundError

_CHUNK = 1 << 20
_PARTIAL = ".partial-"


@dataclass(frozen=True)
class Stored:
    """What was put: its key, its size in bytes, and its SHA-256."""

    key: str
    size: int
    sha256: str


class ObjectStore(Protocol):
    """Keys are relative paths with forward slashes; an object is there whole or not at all."""

    def put(self, key: str, source: BinaryIO | Path | bytes) -> Stored:
        """Keep `source` under `key`, in place of what was there.

        Raises:
            InvalidRequestError: The key is not a plain relative path.
            StorageError: The store cannot be written.
        """
        ...

    def get(self, key: str) -> bytes:
        """The whole object; `NotFoundError` when there is none."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The object as a stream, to be closed; `NotFoundError` when there is none."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; one that is not there is no error."""
        ...

    def list(self, prefix: str = "") -> Iterator[str]:
        """Keys that begin with `prefix`, sorted."""
        ...

    def exists(self, key: str) -> bool: ...

    def size(self, key: str) -> int:
        """Bytes; `NotFoundError` when there is none."""
        ...


class LocalObjects:
    """Objects as files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, source: BinaryIO | Path | bytes) -> Stored:
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fd, partial = tempfile.mkstemp(dir=path.parent, prefix=_PARTIAL)
            try:
                with os.fdopen(fd, "wb") as file:
                    size, digest = _copy(source, file)
                    file.flush()
                    os.fsync(file.fileno())
                Path(partial).replace(path)
            except BaseException:
                Path(partial).unlink(missing_ok=True)
                raise
        except OSError as error:
            if isinstance(source, Path) and not source.exists():
                raise NotFoundError(f"there is no file {source}") from error
            raise storage_error(path, error) from error
        return Stored(key, size, digest)

    def get(self, key: str) -> bytes:
        with self.open(key) as file:
            return file.read()

    def open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise _missing(key) from None

    def delete(self, key: str) -> None:
        path = self._path(key)
        if not path.is_file():
            return
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.root or any(folder.iterdir()):
                break
            folder.rmdir()

    def list(self, prefix: str = "") -> Iterator[str]:
        keys = (
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file() and not path.name.startswith(_PARTIAL)
        )
        yield from sorted(key for key in keys if key.startswith(prefix))

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def size(self, key: str) -> int:
        if not self.exists(key):
            raise _missing(key)
        return self._path(key).stat().st_size

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if "\\" in key or "\0" in key or any(p in ("", ".", "..") for p in parts):
            raise InvalidRequestError(
                f"{key!r} is not a key", field="key", expected="a path such as runs/x/model.pt"
            )
        if parts[-1].startswith(_PARTIAL):
            raise InvalidRequestError(f"a key's name may not begin with {_PARTIAL}", field="key")
        return contained(self.root, key)


def _copy(source: BinaryIO | Path | bytes, into: BinaryIO) -> tuple[int, str]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _copy(file, into)
    digest, size = hashlib.sha256(), 0
    chunks = [source] if isinstance(source, bytes) else iter(lambda: source.read(_CHUNK), b"")
    for chunk in chunks:
        digest.update(chunk)
        into.write(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _missing(key: str) -> NotFoundError:
    return NotFoundError(f"there is no object {key!r}", field="key")
