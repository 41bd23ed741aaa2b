"""Reading a backup that somebody else may have made: nothing in it is believed."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

import zstandard
from pydantic import ValidationError

from trainwright.backup.manifest import (
    DATABASE,
    FORMAT,
    HOME,
    MANIFEST,
    MANIFEST_BYTES,
    BackupError,
    Manifest,
    Member,
)
from trainwright.backup.sinks import new_file
from trainwright.files import storage_error
from trainwright.spec.errors import DiskFullError, NotFoundError, TrainwrightError

_CHUNK = 1 << 20
_HEADER_BYTES = 1 << 18
_WINDOW = 1 << 27
_MOST = 5_000_000


@dataclass(frozen=True)
class Entry:
    """A file of a backup; `content` is read before the next entry is asked for."""

    name: str
    size: int
    content: BinaryIO


def verify(path: Path, room: int) -> Manifest:
    """Read a backup from end to end without writing anything.

    Args:
        path: The archive or folder.
        room: Bytes that may be unpacked.

    Raises:
        NotFoundError: There is none.
        BackupError: It is damaged, cut off, made by hand or none at all.
        DiskFullError: It holds more than there is room for.
    """
    found: dict[str, Member] = {}
    manifest, total = None, 0
    for entry in entries(path):
        if entry.name in found or manifest is not None or len(found) == _MOST:
            raise BackupError(f"{path.name} has {entry.name!r} where it does not belong")
        total += entry.size
        if total > room:
            raise DiskFullError(
                f"{path.name} holds more than the {room / 2**30:.1f} GiB that are free",
                expected="a home on a disk with more room",
            )
        if entry.name == MANIFEST:
            manifest = _manifest(path, entry)
        else:
            found[entry.name] = _hashed(path, entry)
    if manifest is None:
        raise BackupError(f"{path.name} was cut off: it has no end", expected="a whole backup")
    _check_members(path, manifest.members, found)
    return manifest


def unpack(path: Path, manifest: Manifest, into: Path) -> None:
    """Write every member of a verified backup below an empty folder of one's own.

    Raises:
        BackupError: It is not what was verified any more.
        StorageError: The folder cannot be written.
    """
    for entry in entries(path):
        if entry.name == MANIFEST:
            break  # it is the last one
        known = manifest.members.get(entry.name)
        target = into / entry.name
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with new_file(target, 0o700 if known and known.executable else 0o600) as file:
                found = _hashed(path, entry, file)
                file.flush()
                os.fsync(file.fileno())
            if known is not None:
                os.utime(target, ns=(known.mtime_ns, known.mtime_ns))
        except OSError as error:
            raise storage_error(target, error) from error
        if known is None or (known.sha256, known.bytes) != (found.sha256, found.bytes):
            raise BackupError(f"{path.name} changed while it was read")


def entries(path: Path) -> Iterator[Entry]:
    """The files of a backup, each under a name that stays below the folder it is put in.

    Raises:
        NotFoundError: There is no backup.
        BackupError: It cannot be read, or has something in it that no backup has.
    """
    if not path.exists():
        raise NotFoundError(f"there is no backup {path}", field="path")
    with _said_plainly(path):
        for entry in _of_folder(path) if path.is_dir() else _of_archive(path):
            _check_name(path, entry.name)
            yield entry


def _of_folder(root: Path) -> Iterator[Entry]:
    """The manifest comes last, as in an archive."""
    paths = [Path(folder, name) for folder, _, names in os.walk(root) for name in names]
    for path in sorted(paths, key=lambda one: (one == root / MANIFEST, one)):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise BackupError(f"{path} is a link, or no plain file")
        with path.open("rb") as file:
            yield Entry(path.relative_to(root).as_posix(), path.stat().st_size, file)


def _of_archive(path: Path) -> Iterator[Entry]:
    with path.open("rb") as file:
        unpacked = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(file)
        stream = _Metered(unpacked)
        with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as tar:
            while (member := stream.header(tar)) is not None:
                content = tar.extractfile(member) if member.type == tarfile.REGTYPE else None
                if content is None or member.sparse is not None:
                    raise BackupError(f"{path.name} has a link or a device in it: {member.name!r}")
                yield Entry(member.name, member.size, cast(BinaryIO, content))


class _Metered:
    """A stream whose headers are bounded: the library keeps them in memory, however long."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self._left: int | None = _HEADER_BYTES  # the library reads the first one when it opens

    def header(self, tar: tarfile.TarFile) -> tarfile.TarInfo | None:
        """The next header; what is skipped on the way to it has been read already."""
        self._left = _HEADER_BYTES
        member = tar.next()
        self._left = None
        return member

    def read(self, size: int) -> bytes:
        data = self._inner.read(size)
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise BackupError("it has a header of absurd length")
        return data


def _check_name(path: Path, name: str) -> None:
    inside = PurePosixPath(name)
    plain = str(inside) == name and not inside.is_absolute() and ".." not in inside.parts
    known = name in (MANIFEST, DATABASE) or name.startswith(HOME)
    if not (plain and known and name.isprintable()):
        raise BackupError(f"{path.name} has the unsafe name {name!r} in it")


def _manifest(path: Path, entry: Entry) -> Manifest:
    if entry.size > MANIFEST_BYTES:
        raise BackupError(f"the manifest of {path.name} is of absurd length")
    try:
        manifest = Manifest.model_validate_json(_read(path, entry.content, MANIFEST_BYTES))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BackupError(f"the manifest of {path.name} is damaged: {first['msg']}") from None
    if manifest.format != FORMAT:
        raise BackupError(
            f"{path.name} has format {manifest.format}, of trainwright {manifest.version}",
            expected=f"format {FORMAT}",
            mend="pip install --upgrade trainwright",
        )
    return manifest


def _check_members(path: Path, said: Mapping[str, Member], found: Mapping[str, Member]) -> None:
    if DATABASE not in found:
        raise BackupError(f"{path.name} has no database in it")
    for name in sorted(said.keys() | found.keys()):
        wanted, got = said.get(name), found.get(name)
        if wanted is None or got is None:
            what = "is in it, but not of it" if wanted is None else "is missing"
            raise BackupError(f"{path.name} is damaged: {name} {what}")
        if (wanted.sha256, wanted.bytes) != (got.sha256, got.bytes):
            raise BackupError(f"{path.name} is damaged: {name} is not what was backed up")


def _hashed(path: Path, entry: Entry, into: BinaryIO | None = None) -> Member:
    digest, size = hashlib.sha256(), 0
    while chunk := _read(path, entry.content):
        digest.update(chunk)
        size += len(chunk)
        if into is not None:
            into.write(chunk)
    return Member(bytes=size, sha256=digest.hexdigest())


def _read(path: Path, content: BinaryIO, size: int = _CHUNK) -> bytes:
    with _said_plainly(path):
        return content.read(size)


@contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    """Whatever reading a stranger's bytes runs into is the backup's fault, not ours."""
    try:
        yield
    except TrainwrightError:
        raise
    except Exception as error:  # noqa: BLE001
        text = str(error) or type(error).__name__
        raise BackupError(f"{path} cannot be read as a backup: {text}") from None
