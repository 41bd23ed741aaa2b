"""What every place for objects promises, and what they share: keys, checksums, atomic fetching."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from trainwright.files import storage_error, sync_folder
from trainwright.spec.errors import InvalidRequestError, NotFoundError, StorageError
from trainwright.store.objects.errors import ObjectDamagedError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 1 << 20
PARTIAL = ".partial-"
"""How the names of files begin that are being written."""
MAX_KEY = 1024
"""Bytes of a key, which is what S3 takes."""

Source = BinaryIO | Path | bytes


@dataclass(frozen=True)
class Stored:
    """What was put or fetched: its key, its size in bytes, and its SHA-256."""

    key: str
    size: int
    sha256: str


class ObjectStore(Protocol):
    """Keys are relative paths with forward slashes; an object is there whole or not at all.

    Where a `sha256` is given, content that has another one is refused with `ObjectDamagedError`.
    A store that is out of reach, refuses its credentials or lacks its bucket says so with an
    error of `trainwright.store.objects.errors`, whichever method is called.
    """

    def put(self, key: str, source: Source, *, sha256: str | None = None) -> Stored:
        """Keep `source` under `key`, in place of what was there.

        Raises:
            InvalidRequestError: The key is not a plain relative path.
            StorageError: The source cannot be read, or the store cannot be written.
        """
        ...

    def get(self, key: str, *, sha256: str | None = None) -> bytes:
        """The whole object; `NotFoundError` when there is none."""
        ...

    def open(self, key: str, *, sha256: str | None = None) -> BinaryIO:
        """The object as a stream, to be closed; `NotFoundError` when there is none.

        A checksum is known to be right once the stream has been read to its end.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove the object; one that is not there is no error."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Remove every object below a folder, which ends with a slash; says how many went."""
        ...

    def list(self, prefix: str = "") -> Iterator[str]:
        """Keys that begin with `prefix`, sorted."""
        ...

    def exists(self, key: str) -> bool: ...

    def size(self, key: str) -> int:
        """Bytes; `NotFoundError` when there is none."""
        ...

    def uri(self, key: str) -> str:
        """Where the object lies, as people write it."""
        ...

    def presign(self, key: str, seconds: int) -> str | None:
        """A URL from which anyone may download the object for so long; None where there is none."""
        ...


def check_key(key: str) -> None:
    """Raise `InvalidRequestError` unless `key` is a plain relative path."""
    parts = key.split("/")
    if any(p in ("", ".", "..") for p in parts) or any(c < " " or c in "\\\x7f" for c in key):
        raise InvalidRequestError(
            f"{key!r} is not a key", field="key", expected="a path such as runs/x/model.pt"
        )
    if len(key.encode()) > MAX_KEY:
        raise InvalidRequestError(
            f"a key of {len(key.encode())} bytes is too long",
            field="key",
            expected=f"at most {MAX_KEY} bytes",
        )
    if parts[-1].startswith(PARTIAL):
        raise InvalidRequestError(f"a key's name may not begin with {PARTIAL}", field="key")


def check_prefix(prefix: str) -> None:
    """Raise `InvalidRequestError` unless `prefix` names a folder: `a/b` would be also `a/bc`."""
    if not prefix.endswith("/"):
        raise InvalidRequestError(
            f"{prefix!r} is not a folder", field="prefix", expected="a path such as runs/x/"
        )
    check_key(prefix[:-1])


def missing(key: str) -> NotFoundError:
    """The error for an object that is not there."""
    return NotFoundError(f"there is no object {key!r}", field="key")


class Checked:
    """Chunks passing by, counted and hashed; at their end they are what they should be.

    Args:
        key: Of the object they belong to.
        chunks: Its content.
        sha256: What its checksum should be, if that is known.
        size: How many bytes it should have, if that is known.
    """

    def __init__(
        self, key: str, chunks: Iterable[bytes], sha256: str | None, size: int | None = None
    ) -> None:
        self._key = key
        self._chunks = chunks
        self._expected, self._expected_size = sha256, size
        self._digest = hashlib.sha256()
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._digest.update(chunk)
            self._size += len(chunk)
            yield chunk
        if self._expected_size not in (None, self._size):
            raise ObjectDamagedError(
                f"{self._key} has {self._size:,} bytes instead of {self._expected_size:,}"
            )
        if self._expected not in (None, self.stored.sha256):
            raise ObjectDamagedError(
                f"{self._key} is not what was kept: its SHA-256 is {self.stored.sha256}",
                expected=self._expected,
            )

    @property
    def stored(self) -> Stored:
        """What has passed so far."""
        return Stored(self._key, self._size, self._digest.hexdigest())


class _Stream(RawIOBase):
    """Chunks as a file to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        room = memoryview(buffer).cast("B")
        count = min(len(room), len(self._rest))
        room[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def as_file(chunks: Iterable[bytes]) -> BinaryIO:
    """Chunks as a file to read from."""
    return cast("BinaryIO", BufferedReader(_Stream(chunks), CHUNK))


def chunks_of(source: Source) -> Iterator[bytes]:
    """A source's content, piece by piece.

    Raises:
        NotFoundError: It is a file that is not there.
        StorageError: It cannot be read.
    """
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, Path):
        try:
            file = source.open("rb")
        except FileNotFoundError:
            raise NotFoundError(f"there is no file {source}") from None
        except OSError as error:
            raise _unreadable(source, error) from error
        with file:
            yield from chunks_of(file)
    else:
        while chunk := _read(source):
            yield chunk


def _read(source: BinaryIO) -> bytes:
    try:
        return source.read(CHUNK)
    except OSError as error:
        raise _unreadable(getattr(source, "name", "the source"), error) from error


def _unreadable(source: object, error: OSError) -> StorageError:
    return StorageError(f"cannot read {source}: {error.strerror or error}")


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file whole or not at all.

    Raises:
        StorageError: It cannot be written; a file that was there is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd, partial = tempfile.mkstemp(dir=path.parent, prefix=PARTIAL)
    except OSError as error:
        raise storage_error(path, error) from error
    try:
        with os.fdopen(fd, "wb") as file:
            for chunk in chunks:
                try:
                    file.write(chunk)
                except OSError as error:
                    raise storage_error(path, error) from error
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)
        sync_folder(path.parent)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def fetch(objects: ObjectStore, key: str, into: Path, *, sha256: str | None = None) -> Stored:
    """Write an object to a file, whole and checked or not at all.

    Raises:
        NotFoundError: There is no such object.
        ObjectDamagedError: It is not what was kept.
        StorageError: The file cannot be written.
    """
    with objects.open(key, sha256=sha256) as file:
        content = Checked(key, chunks_of(file), sha256)
        write_whole(into, content)
    return content.stored
