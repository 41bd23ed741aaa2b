"""Unpacking archives of strangers: into a new folder, whole or not at all, within a budget."""

from __future__ import annotations

import bz2
import gzip
import lzma
import math
import shutil
import stat
import tarfile
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, Self, cast

from trainwright.datasets.archive_names import name_in_tar, name_in_zip
from trainwright.datasets.formats.csv_labels import LABEL_FILES
from trainwright.datasets.formats.layout import not_an_image
from trainwright.datasets.formats.tree import children
from trainwright.files import storage_error
from trainwright.spec.errors import ConflictError, DataError

# zips in LZMA unpack all of a chunk at once, some seven thousand times its size
_CHUNK = 1 << 14
_FREE_BYTES = 64 << 20
_HEADER_BYTES = 1 << 18
_LIST_BYTES = 128 << 20
_PLAIN_FILES = frozenset((tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE))
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


_UNPACKERS: tuple[tuple[bytes, Callable[[IO[bytes]], _Readable]], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file)),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ", lzma.LZMAFile),
    (b"\x5d\x00\x00\x80", lzma.LZMAFile),
)
"""By how the file starts. They unpack as little as is asked for, however much would come."""


class ArchiveError(DataError):
    """An archive that is broken, or that looks like an attack.

    Attributes:
        reason: `not_an_archive`, `broken`, `encrypted`, `bad_name`, `not_a_file`, `listed_twice`,
            `too_many_files`, `too_large` or `bomb`.
    """

    code = "bad_archive"

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message, mend="unpack it yourself, and give the folder")
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """What unpacking may cost.

    Attributes:
        files: Files and folders.
        bytes: Of all files together, unpacked.
        ratio: Unpacked over packed size, beyond the first 64 MiB.
        depth: Folders inside folders.
    """

    files: int = 2_000_000
    bytes: int = 64 << 30
    ratio: float = 200.0
    depth: int = 32


DEFAULT_LIMITS = Limits()


def limits_within(room: int) -> Limits:
    """The usual limits, on a disk that has so many bytes of room."""
    return replace(DEFAULT_LIMITS, bytes=min(room, DEFAULT_LIMITS.bytes))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file or folder of an archive; `content` is read before the next entry is asked for."""

    name: str
    content: IO[bytes] | None


def is_archive(path: Path) -> bool:
    """Whether the file is a zip or tar archive, sound or not, by its content.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        try:
            _opened(file).close()
        except ArchiveError as error:
            return error.reason != "not_an_archive"
    return True


def extract(archive: Path, into: Path, limits: Limits = DEFAULT_LIMITS) -> int:
    """Unpack a zip or tar archive (plain, gzip, bzip2 or xz).

    Only files and folders are written, with plain permissions; an archive with anything else, or
    with a name that leads out, is refused whole. Archives inside are left as they are.

    Args:
        archive: The file.
        into: Folder to make; it appears only when everything is in it.
        limits: What it may cost; bytes are counted as they come, not as they are announced.

    Returns:
        Files written.

    Raises:
        ArchiveError: Broken, too large, or an attack; nothing is left behind.
        ConflictError: `into` exists.
        StorageError: It cannot be written.
        OSError: The archive cannot be read.
    """
    if into.exists() or into.is_symlink():
        raise ConflictError(f"{into} exists", expected="a new folder")
    packed = archive.stat().st_size
    with archive.open("rb") as file, _opened(file) as opened:
        try:
            into.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(dir=into.parent, prefix=f".{into.name}."))
        except OSError as error:
            raise storage_error(into, error) from error
        try:
            written = _write_all(_entries(opened, limits), staging, packed, limits)
            staging.chmod(0o755)
            staging.rename(into)
        except OSError as error:
            raise storage_error(into, error) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return written


def _write_all(entries: Iterator[_Entry], root: Path, packed: int, limits: Limits) -> int:
    allowed = min(limits.bytes, _FREE_BYTES + int(packed * limits.ratio))
    total = written = 0
    for number, entry in enumerate(_reported(entries), start=1):
        if number > limits.files:
            raise ArchiveError(f"it has more than {limits.files:,} entries", "too_many_files")
        path = root / safe_name(entry.name, limits.depth)
        try:
            if entry.content is None:
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                total += _copy(entry.content, file, allowed - total, limits)
        except (FileExistsError, NotADirectoryError):
            raise ArchiveError(f"it has {entry.name!r} twice", "listed_twice") from None
        written += 1
    return written


def _copy(source: IO[bytes], file: IO[bytes], allowed: int, limits: Limits) -> int:
    copied = 0
    while chunk := _read(source):
        copied += len(chunk)
        if copied > allowed:
            raise ArchiveError(
                f"it unpacks to more than {limits.bytes:,} bytes or {limits.ratio:.0f} times its "
                "size, as bombs do",
                "bomb",
            )
        file.write(chunk)
    return copied


def unwrapped(folder: Path) -> Path:
    """The folder with a label file, when only one folder after another leads there.

    Class folders are found by every scan itself, wherever they begin.
    """
    inner = Path()
    while True:
        folders, files = children(folder, inner, lambda _: None)
        if any(file.path.name.lower() in LABEL_FILES for file in files):
            return folder / inner
        if len(folders) != 1 or not all(map(not_an_image, files)):
            return folder
        inner /= folders[0]


def safe_name(name: str, depth: int = DEFAULT_LIMITS.depth) -> PurePosixPath:
    """A path from an archive, once it is known to stay inside.

    Raises:
        ArchiveError: It is absolute, leads upwards, names nothing or is not text.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    bad = (
        name.startswith(("/", "\\"))
        or ".." in parts
        or len(parts) > depth
        or any(len(part.encode(errors="surrogatepass")) > 255 or ":" in part[:2] for part in parts)
        or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name)
    )
    if bad:
        raise ArchiveError(f"it has the unsafe name {name!r}", "bad_name")
    return PurePosixPath(*parts)


def _opened(file: IO[bytes]) -> zipfile.ZipFile | _Tar:
    is_zip = file.read(4) in _ZIP_STARTS
    file.seek(0)
    try:
        return zipfile.ZipFile(cast(IO[bytes], _Listed(file))) if is_zip else _Tar(file)
    except ArchiveError:
        raise
    # see `_broken_is_said`
    except Exception as error:  # noqa: BLE001
        if is_zip:
            raise ArchiveError(f"it is broken, or cut off: {error}", "broken") from None
        raise ArchiveError("it is neither a zip nor a tar archive", "not_an_archive") from None


def _entries(archive: zipfile.ZipFile | _Tar, limits: Limits) -> Iterator[_Entry]:
    if isinstance(archive, zipfile.ZipFile):
        return _zip_entries(archive, limits)
    return archive.entries()


def _zip_entries(archive: zipfile.ZipFile, limits: Limits) -> Iterator[_Entry]:
    members = archive.infolist()
    if sum(member.file_size for member in members) > limits.bytes:
        raise ArchiveError(f"it unpacks to more than {limits.bytes:,} bytes", "too_large")
    for member in members:
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ArchiveError(f"{member.filename!r} is a link or a device", "not_a_file")
        if member.flag_bits & 1:
            raise ArchiveError("it is encrypted", "encrypted")
        if member.is_dir():
            yield _Entry(name_in_zip(member), None)
            continue
        with _content_in_zip(archive, member) as content:
            yield _Entry(name_in_zip(member), content)


def _content_in_zip(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    if member.compress_type != zipfile.ZIP_BZIP2:
        return archive.open(member)
    # the library unpacks at once all that it has read, and a kilobyte of bzip2 may hold a gigabyte
    packed = copy(member)
    packed.compress_type, packed.file_size = zipfile.ZIP_STORED, member.compress_size
    del packed.CRC  # of what is unpacked, whose blocks bzip2 checks itself
    return bz2.open(archive.open(packed))


class _Listed:
    """A zip archive's file; the library reads the list of its entries at once, however long."""

    def __init__(self, inner: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable = inner.seek, inner.tell, inner.seekable
        self._inner = inner

    def read(self, size: int = -1) -> bytes:
        if size > _LIST_BYTES:
            raise ArchiveError(
                f"its list of files has more than {_LIST_BYTES:,} bytes", "too_many_files"
            )
        return self._inner.read(size)


class _Metered:
    """A stream that refuses to be read beyond `left` bytes."""

    def __init__(self, inner: _Readable) -> None:
        self.left: float = _HEADER_BYTES
        self._inner = inner

    def read(self, size: int) -> bytes:
        data = self._inner.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise ArchiveError("it has a header of absurd length", "bomb")
        return data


class _Tar:
    """A tar archive read as a stream: never back, so that nothing is unpacked twice.

    The library keeps headers in memory whole, long names and maps of holes too, however long they
    claim to be; what it may read in search of an entry is bounded here.
    """

    def __init__(self, file: IO[bytes]) -> None:
        start = file.read(8)
        file.seek(0)
        unpack = next((how for magic, how in _UNPACKERS if start.startswith(magic)), None)
        self._stream = _Metered(unpack(file) if unpack else file)
        stream = cast(IO[bytes], self._stream)
        self._tar = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115 (closed by `close`)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._tar.close()

    def entries(self) -> Iterator[_Entry]:
        while (member := self._next()) is not None:
            if member.isdir():
                yield _Entry(name_in_tar(member), None)
                continue
            content = self._tar.extractfile(member) if member.type in _PLAIN_FILES else None
            if content is None or member.sparse is not None:
                raise ArchiveError(f"{member.name!r} is a link or a device", "not_a_file")
            yield _Entry(name_in_tar(member), content)

    def _next(self) -> tarfile.TarInfo | None:
        self._stream.left = _HEADER_BYTES
        member = self._tar.next()
        self._stream.left = math.inf  # whoever takes the content counts it
        return member


def _reported(entries: Iterator[_Entry]) -> Iterator[_Entry]:
    while True:
        with _broken_is_said():
            entry = next(entries, None)
        if entry is None:
            return
        yield entry


def _read(source: IO[bytes]) -> bytes:
    with _broken_is_said():
        return source.read(_CHUNK)


@contextmanager
def _broken_is_said() -> Iterator[None]:
    """Whatever reading an archive runs into is its fault, not the disk's nor ours."""
    try:
        yield
    except ArchiveError:
        raise
    # readers of hostile bytes raise whatever their parsing ran into
    except Exception as error:  # noqa: BLE001
        text = str(error) or type(error).__name__
        raise ArchiveError(f"it is broken: {text}", "broken") from None
