"""Decoding every image once, in threads, and remembering the outcome until the file changes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from trainwright.datasets.formats.images import BadImageError, inspect
from trainwright.datasets.formats.tree import FoundFile
from trainwright.files import write_atomic
from trainwright.spec.errors import StorageError

T = TypeVar("T")

CHUNK = 512
"""Files in flight at once; bounds memory on folders of any size."""


class Verdict(NamedTuple):
    """What decoding one file said.

    Attributes:
        size: Bytes of the file that was decoded.
        mtime_ns: Its time of change.
        pixels: Width and height as stored, when it is sound.
        mode: Pillow's mode as stored, when it is sound.
        brightest: As `Header` has it, when it is sound.
        sha256: Of the file, when it is sound.
        code: Why it cannot be used, in one word; `None` when it is sound.
        reason: The same in words.
    """

    size: int
    mtime_ns: int
    pixels: tuple[int, int] | None = None
    mode: str | None = None
    brightest: int | None = None
    sha256: str | None = None
    code: str | None = None
    reason: str | None = None


_VERDICTS: TypeAdapter[dict[str, Verdict]] = TypeAdapter(dict[str, Verdict])


def verify(
    root: Path,
    items: Iterable[tuple[T, FoundFile]],
    *,
    cache: Path | None = None,
    workers: int | None = None,
) -> Iterator[tuple[tuple[T, FoundFile], Verdict]]:
    """Decode files fully, in order.

    Args:
        root: Folder the files' paths are relative to.
        items: Files with what the caller knows of them. Streamed; at most `CHUNK` are held at once.
        cache: Folder for verdicts of earlier calls; an unwritable one is done without.
        workers: Threads; default: one a core, at most 8.

    Yields:
        Each item with its verdict, in the order given.
    """
    place = _cache_file(root, cache)
    known = _load(place)
    kept: dict[str, Verdict] = {}
    stream = iter(items)
    with ThreadPoolExecutor(workers or min(8, os.cpu_count() or 1)) as pool:
        while chunk := list(islice(stream, CHUNK)):
            new = [file for _, file in chunk if not _known(file, known)]
            verdicts = pool.map(lambda file: _verdict(root, file), new)
            for item in chunk:
                verdict = _known(item[1], known) or next(verdicts)
                if place:
                    kept[item[1].path.as_posix()] = verdict
                yield item, verdict
    if place and kept != known:
        _save(place, kept)


def _known(file: FoundFile, known: dict[str, Verdict]) -> Verdict | None:
    old = known.get(file.path.as_posix())
    return old if old and (old.size, old.mtime_ns) == (file.size, file.mtime_ns) else None


def _verdict(root: Path, file: FoundFile) -> Verdict:
    stamp = Verdict(size=file.size, mtime_ns=file.mtime_ns)
    if not file.size:
        return stamp._replace(code="empty_file", reason="the file is empty")
    try:
        with (root / file.path).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            header = inspect(stream)
    except BadImageError as error:
        return stamp._replace(code=error.reason, reason=error.message)
    except OSError as error:
        code = "permission_denied" if isinstance(error, PermissionError) else "unreadable"
        reason = f"it cannot be read: {error.strerror or error}"
        return stamp._replace(code=code, reason=reason)
    return stamp._replace(
        pixels=header.pixels, mode=header.mode, brightest=header.brightest, sha256=digest
    )


def _cache_file(root: Path, cache: Path | None) -> Path | None:
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:24]
    return cache / f"images-v2-{name}.json" if cache else None


def _load(place: Path | None) -> dict[str, Verdict]:
    if place is None:
        return {}
    try:
        return _VERDICTS.validate_json(place.read_bytes())
    except (OSError, ValidationError):
        return {}


def _save(place: Path, verdicts: dict[str, Verdict]) -> None:
    try:
        write_atomic(place, json.dumps(verdicts))
    except StorageError:
        return
