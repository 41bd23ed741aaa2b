"""Original files of public datasets: found in a folder, or downloaded once and checked."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from trainwright.files import sha256_of, storage_error
from trainwright.job import report
from trainwright.spec import DataError, UnavailableError

MIRROR_VARIABLE = "TRAINWRIGHT_DATASET_MIRROR"
_CHUNK = 1 << 20
_PROGRESS_SECONDS = 2.0


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
        return _local(file, Path(data_dir).expanduser())
    kept = folder / file.name
    if not (kept.is_file() and sha256_of(kept) == file.sha256):
        mirrors = os.environ.get(MIRROR_VARIABLE)
        if mirror is None and mirrors:
            # file names repeat between datasets, so each has its folder there
            mirror = f"{mirrors.rstrip('/')}/{folder.name}"
        _download(file, kept, [mirror] if mirror else list(bases))
    return kept.read_bytes()


def _local(file: RemoteFile, folder: Path) -> bytes:
    names = [file.name, file.name.removesuffix(".gz")]
    places = [folder / sub / name for sub in (".", "raw") for name in names]
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        raise DataError(
            f"{folder} has no {' or '.join(dict.fromkeys(names))}",
            field="overrides.data_dir",
            expected="the folder with the dataset's original files",
        )
    return found.read_bytes()


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
            errors.append(f"{url}: {error or type(error).__name__}")
        except OSError as error:
            raise storage_error(to, error) from error
    raise UnavailableError(
        f"{file.name} could not be downloaded: " + "; ".join(errors),
        expected="a connection, a mirror, or the original files on disk",
        mend="put the original files in a folder and add --set overrides.data_dir=FOLDER",
    )


def _fetch(url: str, file: RemoteFile, to: Path) -> None:
    """Download to `<name>.part`, going on where an earlier try ended; then check and rename."""
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(f"{to.name}.part")
    have = part.stat().st_size if part.exists() else 0
    if have < file.size:
        headers = {"Range": f"bytes={have}-"} if have else {}
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=30) as reply:
            reply.raise_for_status()
            if reply.status_code != httpx.codes.PARTIAL_CONTENT:
                have = 0
            _save(reply, part, have, file)
    if sha256_of(part) != file.sha256:
        part.unlink()
        raise DataError("what it gave has another checksum", expected=f"sha256 {file.sha256}")
    part.replace(to)


def _save(reply: httpx.Response, part: Path, have: int, file: RemoteFile) -> None:
    said = time.monotonic()
    with part.open("r+b" if have else "wb") as out:
        out.seek(have)
        # the raw bytes: the checksum is of the file, not of what a Content-Encoding makes of it
        for chunk in reply.iter_raw(_CHUNK):
            have += len(chunk)
            if have > file.size:
                out.truncate(0)
                raise DataError(f"it gives more than {file.size:,} bytes", expected="the original")
            out.write(chunk)
            if time.monotonic() - said > _PROGRESS_SECONDS:
                said = time.monotonic()
                report.note(f"downloading {file.name}: {have / file.size:.0%} of {file.size:,} B")
