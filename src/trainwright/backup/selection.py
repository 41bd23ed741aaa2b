"""Which files of a home belong into a backup."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from trainwright.backup.manifest import Part
from trainwright.settings import Home
from trainwright.spec.errors import StorageError

_OF_PROCESSES = frozenset({"shim.json", "state.json", "control.json"})
"""Records of a run's living processes: in another home they would name somebody else's."""
_TOKEN = "agent.json"  # noqa: S105 (a file's name)
_WHY = {
    Part.CHECKPOINTS: "--with checkpoints was not said; those of unfinished runs are there",
    Part.DATASETS: "--with datasets was not said",
    Part.SECRETS: "--with secrets was not said; new ones are made",
}


@dataclass(frozen=True)
class Found:
    """A file to take along.

    Attributes:
        name: Its path in the home, with forward slashes.
        path: Where it is.
        growing: Whether somebody may be writing to it.
    """

    name: str
    path: Path
    growing: bool


@dataclass
class Selection:
    """Walks a home, and notes what it leaves out.

    Args:
        home: The home.
        parts: What was asked for beyond what is always taken.
        unfinished: Runs that are under way or paused: they come with their checkpoints.
        open_runs: Those of them that are under way.
    """

    home: Home
    parts: Collection[Part]
    unfinished: Collection[str]
    open_runs: Collection[str]
    left_out: dict[str, str] = field(default_factory=dict)

    def files(self) -> Iterator[Found]:
        """Every file, in the order of names: what a run's spool speaks of comes after it."""
        for path in sorted(self.home.path.iterdir()):
            if self._is_remade(path):
                continue
            if why := self._why_not(path):
                self.left_out[path.name] = why
            elif path == self.home.runs:
                yield from self._runs()
            else:
                yield from self._below(path, PurePosixPath(path.name))

    def _is_remade(self, path: Path) -> bool:
        home = self.home
        databases = (home.database.name, home.temporal_database.name)
        return (
            path in (home.cache, home.incoming, home.logs, home.platform)
            or path.suffix == ".lock"
            # rows are taken along by themselves, and workflows are started anew from them
            or path.name.startswith(databases)
        )

    def _why_not(self, path: Path) -> str | None:
        home = self.home
        if path in (home.token, home.secrets) and Part.SECRETS not in self.parts:
            return _WHY[Part.SECRETS]
        if path in (home.datasets, home.uploads) and Part.DATASETS not in self.parts:
            return _WHY[Part.DATASETS]
        return None

    def _runs(self) -> Iterator[Found]:
        for path in sorted(self.home.runs.iterdir()):
            name = PurePosixPath(self.home.runs.name, path.name)
            # the folder of a run may be a link to a larger disk
            if path.is_dir():
                yield from self._of_run(path, name)

    def _of_run(self, folder: Path, name: PurePosixPath) -> Iterator[Found]:
        run_id, is_open = name.name, name.name in self.open_runs
        for path in sorted(folder.iterdir()):
            if path.suffix == ".lock" or path.name == _TOKEN:
                continue
            if is_open and path.name in _OF_PROCESSES:
                continue
            if not self.wants(run_id, path.name):
                continue
            yield from self._below(path, name / path.name, growing=is_open)

    def wants(self, run_id: str, path: str) -> bool:
        """Whether what is at a path of a run directory belongs into the backup."""
        bare = run_id not in self.unfinished and Part.CHECKPOINTS not in self.parts
        if bare and PurePosixPath(path).parts[0] == "checkpoints":
            self.left_out["checkpoints"] = _WHY[Part.CHECKPOINTS]
            return False
        return True

    def _below(self, path: Path, name: PurePosixPath, *, growing: bool = False) -> Iterator[Found]:
        try:
            mode = path.lstat().st_mode
            inside = sorted(os.listdir(path)) if stat.S_ISDIR(mode) else []  # noqa: PTH208
        except FileNotFoundError:
            return  # deleted meanwhile, as temporary files are
        except OSError as error:
            raise unreadable(path, error) from error
        if not str(name).isprintable():
            self.left_out[ascii(str(name))] = "its name is no text"
        elif stat.S_ISREG(mode):
            yield Found(str(name), path, growing)
        elif not stat.S_ISDIR(mode):
            self.left_out[str(name)] = "it is a link, or no plain file"
        for one in inside:
            yield from self._below(path / one, name / one, growing=growing)


def unreadable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot read {path}: {error.strerror}", expected="a home that belongs to this user"
    )
