"""Original files of public datasets: found in a folder, or downloaded once and checked."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx
from filelock import FileLock

from trainwright.files import expanded, sha256_of, storage_error
from trainwright.job import report
from trainwright.spec import DataError, UnavailableError

MIRROR_VARIABLE = "TRAINWRIGHT_DATASET_MIRROR"
_PROGRESS_SECONDS = 2.0
_TRIES = 3
_PAUSE_SECONDS = 0.5
_INTERRUPTIONS = (httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError)
"""What may well be over a moment later; a source that cannot be reached at all is given up."""


@dataclass(frozen=True)
class RemoteFile:
    """One original file.

    Attributes:
        name: Its file name, also below every base URL.
        size: Bytes; no more than this is ever read.
        sha256: Of the file as it is downloaded.
    """

    name: str
    size: int
    sha256: str


def read_original(
    file: RemoteFile,
    *,
    folder: Path,
    bases: Iterable[str],
    data_dir: str | None,
    mirror: str | None,
) -> bytes:
    """The file's content, as it is stored or downloaded; see `unpack` for gzip.

    Args:
        file: Which.
        folder: Where downloads are kept; its name is the dataset's.
        bases: Base URLs that are known to have it, best first.
        data_dir: Folder of the user with the original files; then nothing is downloaded.
        mirror: Base URL to use instead of `bases`. Default: the folder of the dataset's name below
            `TRAINWRIGHT_DATASET_MIRROR`, if that is set.

    Raises:
        DataError: `data_dir` lacks the file.
        UnavailableError: No source gave the file with the right checksum.
    """
    if data_dir:
        return _local(file, expanded(data_dir))
    kept = folder / file.name
    if not _is_whole(file, kept):
        mirrors = os.environ.get(MIRROR_VARIABLE)
        if mirror is None and mirrors:
            # file names repeat between datasets, so each has its folder there
            mirror = f"{mirrors.rstrip('/')}/{folder.name}"
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(kept.with_name(f".{kept.name}.lock")):
                if not _is_whole(file, kept):  # unless another process has fetched it meanwhile
                    _download(file, kept, [mirror] if mirror else list(bases))
        except OSError as error:
            raise storage_error(kept, error) from error
    return kept.read_bytes()


def _is_whole(file: RemoteFile, path: Path) -> bool:
    return path.is_file() and sha256_of(path) == file.sha256


def _local(file: RemoteFile, folder: Path) -> bytes:
    plain = file.name.removesuffix(".gz")
    # MNIST's files are also passed on with a dot before their kind
    names = dict.fromkeys([file.name, plain, plain.replace("-idx", ".idx")])
    places = [folder / sub / name for sub in (".", "raw") for name in names]
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        raise DataError(
            f"{folder} has no {' or '.join(names)}",
            field="overrides.data_dir",
            expected="the folder with the dataset's original files",
        )
    try:
        return found.read_bytes()
    except OSError as error:
        raise DataError(
            f"{found} cannot be read: {error.strerror}", field="overrides.data_dir"
        ) from None


def unpack(data: bytes, *, limit: int, name: str) -> bytes:
    """Gunzip if it is gzip, to no more than `limit` bytes.

    Raises:
        DataError: It is broken, or unpacks to more.
    """
    if data[:2] != b"\x1f\x8b":
        return data
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        out = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise DataError(f"{name} is a broken gzip file: {error}", expected="the original") from None
    if len(out) > limit:
        raise DataError(f"{name} unpacks to more than {limit:,} bytes", expected="the original")
    if not unpacker.eof:
        raise DataError(f"{name} is cut off", expected="the whole file")
    return out


def _download(file: RemoteFile, to: Path, bases: list[str]) -> None:
    errors = []
    for base in bases:
        url = f"{base.rstrip('/')}/{file.name}"
        try:
            _fetch(url, file, to)
            return
        except (httpx.HTTPError, httpx.InvalidURL, DataError) as error:
            errors.append(f"{url}: {_words(error)}")
    raise UnavailableError(
        f"{file.name} could not be downloaded: " + "; ".join(errors),
        expected="a connection, a mirror, or the original files on disk",
        mend="put the original files in a folder and add --set overrides.data_dir=FOLDER",
    )


def _words(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered {error.response.status_code} {error.response.reason_phrase}"
    return str(error) or type(error).__name__


def _fetch(url: str, file: RemoteFile, to: Path) -> None:
    """Download to `<name>.part`, going on where an earlier try ended; then check and rename."""
    part = to.with_name(f"{to.name}.part")
    patience, is_fresh = _TRIES, not part.exists()
    while True:
        began_with = _size(part)
        try:
            if began_with < file.size:
                _get(url, file, part)
        except _INTERRUPTIONS:
            patience = _TRIES if _size(part) > began_with else patience - 1
            if not patience:
                raise
            time.sleep(_PAUSE_SECONDS)
            continue
        if sha256_of(part) == file.sha256:
            part.replace(to)
            return
        part.unlink()
        if is_fresh:
            raise DataError("what it gave has another checksum", expected=f"sha256 {file.sha256}")
        is_fresh = True  # the part was of something else: once more, from the start


def _get(url: str, file: RemoteFile, part: Path) -> None:
    have = _size(part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=30) as reply:
        if have and reply.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # shorter there than the part is: its checksum will tell
        reply.raise_for_status()
        if reply.status_code != httpx.codes.PARTIAL_CONTENT:
            have = 0
        _save(reply, part, have, file)
    if (got := _size(part)) < file.size:
        raise httpx.RemoteProtocolError(f"it ended after {got:,} of {file.size:,} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _save(reply: httpx.Response, part: Path, have: int, file: RemoteFile) -> None:
    said = time.monotonic()
    with part.open("r+b" if have else "wb") as out:
        out.seek(have)
        # the raw bytes: the checksum is of the file, not of what a Content-Encoding makes of it
        for chunk in reply.iter_raw():
            have += len(chunk)
            if have > file.size:
                out.truncate(0)
                raise DataError(f"it gives more than {file.size:,} bytes", expected="the original")
            out.write(chunk)
            if time.monotonic() - said > _PROGRESS_SECONDS:
                said = time.monotonic()
                report.note(f"downloading {file.name}: {have / file.size:.0%} of {file.size:,} B")
