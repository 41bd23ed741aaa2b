"""Where a backup is written to: a compressed archive or a folder, there whole or not at all."""

from __future__ import annotations

import glob
import hashlib
import io
import os
import shutil
import socket
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

import psutil
import zstandard

from trainwright.backup.manifest import MANIFEST, Manifest, Member
from trainwright.backup.selection import unreadable
from trainwright.files import storage_error
from trainwright.spec.errors import ConflictError, InvalidRequestError, StorageError

ARCHIVE_SUFFIX = ".tar.zst"
_CHUNK = 1 << 20
_IN_MEMORY = 8 << 20
_LEVEL = 3
_UNFINISHED = ".unfinished"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    """Takes files one after the other."""

    def write(self, name: str, size: int, content: Readable) -> None:
        """Keep `size` bytes of `content` under a name."""
        ...


def is_archive(path: Path) -> bool:
    """Whether a backup of this name is an archive; else it is a folder.

    Raises:
        InvalidRequestError: It has the name of another kind of archive.
    """
    if path.name.endswith(ARCHIVE_SUFFIX):
        return True
    if path.suffix in (".tar", ".gz", ".tgz", ".xz", ".bz2", ".zip", ".zst"):
        raise InvalidRequestError(
            f"{path.name} is no name for a backup",
            field="path",
            expected=f"a file NAME{ARCHIVE_SUFFIX}, or a folder",
        )
    return False


@contextmanager
def opened(path: Path) -> Iterator[Sink]:
    """A place for a new backup, which appears at `path` when all is written.

    Raises:
        ConflictError: There is something at `path`.
        StorageError: It cannot be written.
    """
    archive = is_archive(path)
    if path.is_symlink() or (path.exists() and (archive or any(path.iterdir()))):
        raise ConflictError(
            f"{path} is there already",
            field="path",
            expected="a new file" if archive else "a new or empty folder",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = fresh(path)
        with _archive(staging) if archive else _folder(staging) as sink:
            yield sink
        staging.replace(path)
        sync(path.parent)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        discard(beside(path))


def beside(path: Path) -> Path:
    """Where this process puts together what is to appear at `path`."""
    return path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}{_UNFINISHED}")


def fresh(path: Path) -> Path:
    """`beside`, once what was left there by processes that were killed is gone."""
    ours = f"{socket.gethostname()}-"
    for left in path.parent.glob(f".{glob.escape(path.name)}.{ours}*{_UNFINISHED}"):
        pid = left.name.removesuffix(_UNFINISHED).rpartition("-")[2]
        if pid.isdecimal() and (int(pid) == os.getpid() or not psutil.pid_exists(int(pid))):
            discard(left)
    return beside(path)


def sync(path: Path) -> None:
    """Have the disk keep what a folder lists, or a file holds."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def discard(path: Path) -> None:
    """Remove what was not finished, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


class Recorder:
    """Puts files into a sink, and keeps what the manifest says of them."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.members: dict[str, Member] = {}

    def add(self, name: str, path: Path, *, growing: bool = False) -> None:
        """Take a file along as it is now; one that is gone is no error.

        Args:
            name: In the backup.
            path: The file.
            growing: Somebody may be writing to it: it is copied first.

        Raises:
            StorageError: It shrank while it was read, or the sink cannot be written.
        """
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return
        except OSError as error:
            raise unreadable(path, error) from error
        with file, tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as steady:
            about = os.fstat(file.fileno())
            size = about.st_size
            if growing:
                shutil.copyfileobj(file, steady, _CHUNK)
                size = steady.tell()
                steady.seek(0)
            read = _Read(steady if growing else file, name)
            self._sink.write(name, size, read)
            self.members[name] = Member(
                bytes=size,
                sha256=read.digest.hexdigest(),
                mtime_ns=about.st_mtime_ns,
                executable=bool(about.st_mode & stat.S_IXUSR),
            )

    def end(self, manifest: Manifest) -> None:
        """Write the manifest, without which a backup is none."""
        data = manifest.model_dump_json(indent=1).encode()
        self._sink.write(MANIFEST, len(data), io.BytesIO(data))


class _Read:
    """A file that is hashed while it is read, and must have as much in it as was said."""

    def __init__(self, inner: Readable, name: str) -> None:
        self._inner, self._name = inner, name
        self.digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        data = self._inner.read(size)
        if not data:
            raise StorageError(
                f"{self._name} shrank while it was read", expected="try again in a moment"
            )
        self.digest.update(data)
        return data


@contextmanager
def _archive(path: Path) -> Iterator[Sink]:
    with new_file(path) as file:
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        with (
            compressor.stream_writer(file, closefd=False) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            yield _TarSink(tar)
        file.flush()
        os.fsync(file.fileno())


def new_file(path: Path, mode: int = 0o600) -> BinaryIO:
    """A file that was not there before, for its owner only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


class _TarSink:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def write(self, name: str, size: int, content: Readable) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._tar.addfile(info, cast(IO[bytes], content))


@contextmanager
def _folder(path: Path) -> Iterator[Sink]:
    path.mkdir(mode=0o700)
    yield _FolderSink(path)


class _FolderSink:
    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, name: str, size: int, content: Readable) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_file(path) as file:
            left = size
            while left:
                left -= file.write(content.read(min(left, _CHUNK)))
            file.flush()
            os.fsync(file.fileno())
