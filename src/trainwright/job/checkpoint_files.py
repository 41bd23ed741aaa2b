"""Finding checkpoints on disk, telling whole ones from torn ones, and hashing them."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from trainwright.files import sha256_of

SUFFIXES = frozenset({".pth", ".pt", ".ckpt", ".safetensors"})
MAX_ENTRIES = 5_000
"""Directory entries looked at in one place, so that a folder full of data costs little."""

MAX_DEPTH = 5

_FOLDER = re.compile(r"(checkpoint|ckpt|(global_?)?step|epoch|iter)s?[-_=.]?\d+", re.IGNORECASE)
_NUMBER = re.compile(r"(step|checkpoint|ckpt|iter|epoch)s?[-_=]?(\d+)", re.IGNORECASE)
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True)
class Found:
    """A checkpoint, a file or a folder, as it looks now."""

    path: Path
    files: tuple[tuple[Path, int, int], ...]
    """Path, bytes and time of last change (ns) of each file in it."""

    @property
    def stamp(self) -> tuple[int, int]:
        """Bytes in all, and the latest change (ns)."""
        return sum(f[1] for f in self.files), max(f[2] for f in self.files)


def look_at(path: Path) -> Found | None:
    """The file or folder at `path`, or `None` when there is no file."""
    try:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        stats = [(p, p.stat()) for p in files]
    except OSError:
        return None  # renamed or deleted under our eyes
    found = tuple((p, s.st_size, s.st_mtime_ns) for p, s in stats)
    return Found(path, found) if found else None


def search(places: Sequence[Path], patterns: Sequence[str], skip: Path) -> list[Found]:
    """Every checkpoint under some folders, or matching a pattern.

    Args:
        places: Folders, searched to a limited depth.
        patterns: Globs with absolute paths; whatever they match is a checkpoint.
        skip: A folder that is left out.
    """
    paths = dict.fromkeys(p for place in places for p in _walk(place, skip))
    for pattern in patterns:
        matches = glob.iglob(pattern, recursive=True)  # noqa: PTH207 (patterns are absolute)
        paths.update(dict.fromkeys(map(Path, matches)))
    found = [look_at(path) for path in paths]
    return [f for f in found if f and any(size for _, size, _ in f.files)]


def _walk(top: Path, skip: Path) -> Iterator[Path]:
    waiting, looked = [(top, 0)], 0
    while waiting and looked < MAX_ENTRIES:
        folder, depth = waiting.pop(0)
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                looked += 1
                path = Path(entry.path)
                if _is_temporary(entry.name) or path == skip:
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    if path.suffix.lower() in SUFFIXES:
                        yield path
                elif _FOLDER.fullmatch(entry.name) and _holds_weights(path):
                    yield path
                elif depth < MAX_DEPTH and entry.name not in _SKIPPED:
                    waiting.append((path, depth + 1))


def _is_temporary(name: str) -> bool:
    lower = name.lower()
    return lower.startswith((".", "tmp", "~")) or lower.endswith((".tmp", ".part", ".partial", "~"))


def _holds_weights(folder: Path) -> bool:
    return any(p.suffix.lower() in SUFFIXES for p in folder.rglob("*"))


def is_whole(found: Found) -> bool:
    """Whether the files end as their formats say; formats without an end mark pass."""
    return all(_ends_well(path, size) for path, size, _ in found.files)


def _ends_well(path: Path, size: int) -> bool:
    suffix = path.suffix.lower()
    try:
        if suffix == ".safetensors":
            return _safetensors_is_whole(path, size)
        if suffix in SUFFIXES:
            return _torch_is_whole(path, size)
    except OSError:
        return False
    return True


def _torch_is_whole(path: Path, size: int) -> bool:
    if size == 0:
        return False
    with path.open("rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    return not is_zip or zipfile.is_zipfile(path)


def _safetensors_is_whole(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            return False
        try:
            header = json.loads(file.read(length))
            ends = [t["data_offsets"][1] for k, t in header.items() if k != "__metadata__"]
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return False
    return bool(8 + length + max(ends, default=0) == size)


def open_for_writing(trainer: psutil.Process | None) -> set[Path]:
    """Files that the trainer or its children have open for writing, where the system tells."""
    if trainer is None or not psutil.LINUX:
        return set()
    written: set[Path] = set()
    with contextlib.suppress(psutil.Error):
        for process in [trainer, *trainer.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                written |= {Path(f.path) for f in process.open_files() if f.mode != "r"}
    return written


def digest(found: Found) -> str:
    """SHA-256 of the file; of a folder, that of its files' names and digests.

    Raises:
        OSError: A file is gone or cannot be read.
    """
    if found.files[0][0] == found.path:
        return sha256_of(found.path)
    lines = [f"{sha256_of(p)}  {p.relative_to(found.path).as_posix()}\n" for p, _, _ in found.files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def numbers_in(name: str) -> dict[str, int]:
    """`step` and `epoch` as the name tells them, e.g. `checkpoint-500`, `epoch_3.pth`."""
    found = {}
    for word, digits in _NUMBER.findall(name):
        found["epoch" if word.lower() == "epoch" else "step"] = int(digits[:15])
    return found
