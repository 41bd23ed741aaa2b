"""How large things on the disk are; of runs that have ended it is remembered."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainwright.files import write_atomic
from trainwright.spec.errors import StorageError

_KNOWN = "storage.json"
_VERSION = 1
_LOGS = (".log", ".jsonl")


@dataclass(frozen=True)
class Sizes:
    """Bytes of a run's folder."""

    checkpoints: int = 0
    artifacts: int = 0
    logs: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        return self.checkpoints + self.artifacts + self.logs + self.other


def folder_bytes(path: Path) -> int:
    """Bytes of all files below a folder; links are not followed, what is gone counts nothing."""
    return sum(entry.stat(follow_symlinks=False).st_size for entry in _files(str(path)))


def run_sizes(folder: Path) -> Sizes:
    """Bytes of a run's folder, by what they are for."""
    found = {"checkpoints": 0, "artifacts": 0, "logs": 0, "other": 0}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                kind = entry.name if entry.name in ("checkpoints", "artifacts") else "other"
                found[kind] += folder_bytes(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                kind = "logs" if entry.name.endswith(_LOGS) else "other"
                found[kind] += entry.stat().st_size
    return Sizes(**found)


class KnownSizes:
    """Sizes of runs' folders, kept in the cache with what would show that one has changed.

    Files appear, disappear and are replaced by way of their folder, whose time then changes;
    only those of a run that is under way grow in place, and its size is not kept.

    Args:
        cache: The home's folder of what may be deleted at any time.
    """

    def __init__(self, cache: Path) -> None:
        self._path = cache / _KNOWN
        self._known = self._read()
        self._seen: dict[str, list[Any]] = {}

    def of(self, folder: Path, *, ended: bool) -> Sizes:
        """The size of a run's folder."""
        name, stamp = folder.name, _stamp(str(folder)) if ended else None
        known = self._known.get(name)
        if stamp is not None and known is not None and known[0] == stamp:
            self._seen[name] = known
            return Sizes(**known[1])
        sizes = run_sizes(folder)
        if stamp is not None:
            self._seen[name] = [stamp, asdict(sizes)]
        return sizes

    def keep(self, *, all_seen: bool) -> None:
        """Remember what was seen; where every run was, forget those that were not."""
        known = self._seen if all_seen else self._known | self._seen
        if known != self._known:
            body = {"version": _VERSION, "runs": known}
            with suppress(StorageError):  # on a full disk they are measured again
                write_atomic(self._path, json.dumps(body, separators=(",", ":")))

    def _read(self) -> dict[str, list[Any]]:
        try:
            body = json.loads(self._path.read_bytes())
            return dict(body["runs"]) if body["version"] == _VERSION else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


def _stamp(folder: str) -> list[int]:
    stamp = []
    # text, as paths of thousands of runs would take longer to make than to look at
    for path in (folder, f"{folder}/checkpoints", f"{folder}/artifacts"):
        try:
            stamp.append(os.stat(path).st_mtime_ns)  # noqa: PTH116
        except OSError:
            stamp.append(0)
    return stamp


def _files(path: str) -> Iterator[os.DirEntry[str]]:
    waiting = [path]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    yield entry
