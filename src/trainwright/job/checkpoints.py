"""Announces checkpoints once each, when they are fully written."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from trainwright.job import checkpoint_files as files
from trainwright.job.checkpoint_files import Found
from trainwright.job.history import Stamp
from trainwright.job.output import countable, encodable
from trainwright.spec.events import Alert, CheckpointSaved
from trainwright.spec.rundir import Launch, RunDir

LOOK_SECONDS = 1.0

PATH_SHOWN = 300
"""Characters of a path that a trainer told, in words about it."""

Report = Mapping[str, Any]
"""What `trainwright.job.report` said of a checkpoint: path, step, epoch, metrics, is_best."""


@dataclass(frozen=True)
class Announcement:
    """A checkpoint to tell of, or why a file is none."""

    path: str
    data: CheckpointSaved | Alert
    stamp: Stamp = (0, 0)
    report: Report | None = None


@dataclass
class CheckpointWatch:
    """Looks for checkpoints; every `look` announces those that have become whole.

    Args:
        run: With a resolved path. Its checkpoints folder is searched, but not its artifacts.
        launch: Tells the trainer's folder and further patterns.
        since: Files older than this (ns) were not written by this attempt.
        known: Checkpoints announced before, by path.
        clock: Seconds, never going back.
    """

    run: RunDir
    launch: Launch
    since: int
    known: dict[str, Stamp]
    clock: Callable[[], float] = time.monotonic
    _seen: dict[Path, tuple[Found, float]] = field(default_factory=dict)
    _told: dict[Path, Report] = field(default_factory=dict)
    _refused: set[Path] = field(default_factory=set)

    def look(
        self, reports: list[Report], trainer: psutil.Process | None, *, final: bool = False
    ) -> list[Announcement]:
        """Search and announce.

        Args:
            reports: Checkpoints that the trainer says it has finished.
            trainer: Root of the processes that may still be writing.
            final: The trainer has ended, so whatever is whole now is finished.
        """
        self._told.update({self._absolute(r["path"]): r for r in reports})
        announced = [self._announce_report(path, final=final) for path in list(self._told)]
        busy = files.open_for_writing(trainer)
        announced += [
            self._announce(found, None)
            for found in self._search()
            if found.path not in self._told and self._is_finished(found, busy, final=final)
        ]
        return [a for a in announced if a]

    def _search(self) -> list[Found]:
        places = dict.fromkeys([self.run.checkpoints, self._absolute(self.launch.cwd or ".")])
        patterns = [str(self.run.path / glob) for glob in self.launch.checkpoint_globs]
        return files.search(list(places), patterns, skip=self.run.artifacts)

    def _is_finished(self, found: Found, busy: set[Path], *, final: bool) -> bool:
        if found.stamp == self.known.get(self._name(found.path)) or found.stamp[1] < self.since:
            return False
        if not final and not self._is_settled(found):
            return False
        return not busy & {path.resolve() for path, _, _ in found.files}

    def _is_settled(self, found: Found) -> bool:
        """Two looks, at least a second apart, have shown the same."""
        now = self.clock()
        before, first = self._seen.get(found.path, (None, now))
        if before != found:
            self._seen[found.path] = (found, now)
            return False
        return now - first >= LOOK_SECONDS * 0.9

    def _announce_report(self, path: Path, *, final: bool) -> Announcement | None:
        if not self._is_ours(path):
            self._refused.add(path)
            report = self._told.pop(path)
            return _refusal(str(report["path"]), report)
        found = files.look_at(path)
        made = self._announce(found, self._told[path]) if found else None
        if made is None and found and not final:
            return None  # being written anew: later
        report = self._told.pop(path)
        return made or _missing(str(report["path"]), report)

    def _announce(self, found: Found, report: Report | None) -> Announcement | None:
        if not all(self._is_ours(path) for path in (found.path, *(f[0] for f in found.files))):
            return self._refuse(found, report)
        if not files.is_whole(found):
            return None
        try:
            sha256 = files.digest(found)
        except OSError:
            return None
        if files.look_at(found.path) != found:
            return None  # written anew while we read: the next look finds it
        name = self._name(found.path)
        self.known[name] = found.stamp
        self._seen.pop(found.path, None)
        told = {k: v for k, v in (report or {}).items() if v is not None}
        facts = {**files.numbers_in(found.path.name), **told}
        data = CheckpointSaved(
            path=name,
            step=countable(facts.get("step")),
            epoch=facts.get("epoch"),
            size=found.stamp[0],
            sha256=sha256,
            metrics=facts.get("metrics") or {},
            is_best=facts.get("is_best", "best" in found.path.name.lower()),
        )
        return Announcement(name, data, found.stamp, report)

    def _is_ours(self, path: Path) -> bool:
        """Whether it lies, behind all links, in the run directory or in the trainer's folder.

        That folder may be one that holds all runs: the others' directories are theirs.
        """
        parents = Path(os.path.realpath(path)).parents
        if self.run.path in parents:
            return True
        own = Path(os.path.realpath(self.run.path / (self.launch.cwd or ".")))
        return own in parents and self.run.path.parent not in parents

    def _refuse(self, found: Found, report: Report | None) -> Announcement | None:
        """Say it for each report, and once for a file that nobody told of."""
        if report is None and found.path in self._refused:
            return None
        self._refused.add(found.path)
        return _refusal(str(report["path"]) if report else str(found.path), report)

    def _absolute(self, path: str) -> Path:
        """Trainers name files as they see them: from their own folder, or from the run's."""
        own, run = (
            Path(os.path.normpath(base / path))
            for base in (self.run.path / (self.launch.cwd or "."), self.run.path)
        )
        # a name of any length, or a ring of links, is no reason for an error
        chosen = own if os.path.lexists(own) or not os.path.lexists(run) else run
        return Path(os.path.realpath(chosen.parent)) / chosen.name

    def _name(self, path: Path) -> str:
        """Relative to the run directory when inside it."""
        inside = path.is_relative_to(self.run.path)
        return encodable((path.relative_to(self.run.path) if inside else path).as_posix())


def _refusal(path: str, report: Report | None) -> Announcement:
    alert = Alert(
        code="checkpoint_refused",
        message=f"{encodable(path[:PATH_SHOWN])} is not taken for a checkpoint: it leads outside "
        "the run directory and the trainer's own folder",
        hint="write checkpoints below $TRAINWRIGHT_RUN_DIR/checkpoints",
    )
    return Announcement(path, alert, report=report)


def _missing(path: str, report: Report) -> Announcement:
    alert = Alert(
        code="checkpoint_missing",
        message=f"the trainer reported a checkpoint at {encodable(path[:PATH_SHOWN])}, "
        "but none is whole there",
        hint="report a checkpoint after it is written, and before it is removed",
    )
    return Announcement(path, alert, report=report)


class CheckpointThread(threading.Thread):
    """Searches and hashes beside the agent's loop, which must not wait for either."""

    def __init__(
        self, watch: CheckpointWatch, trainer: Callable[[], psutil.Process | None]
    ) -> None:
        """Get ready; `start` begins.

        Args:
            watch: Used by this thread only from now on.
            trainer: Gives the trainer's process, `None` when it has ended.
        """
        super().__init__(name="checkpoints", daemon=True)
        self._watch = watch
        self._trainer = trainer
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._found: queue.SimpleQueue[Announcement] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._wanted = threading.Event()
        self._last_look = threading.Event()

    def report(self, report: Report) -> None:
        """A checkpoint that the trainer says is finished."""
        self._reports.put(report)
        self._wake.set()

    def finish(self) -> None:
        """The trainer has ended: look once more and end."""
        self._last_look.set()
        self._wake.set()
        self._wanted.set()

    def take(self) -> list[Announcement]:
        """What was found since the last call.

        Only after this call is there another look: were the log not read for a while, files
        would be found before the report of them is, and announced again with it.
        """
        self._wanted.set()
        return _drain(self._found)

    def run(self) -> None:
        _be_polite()
        while True:
            final = self._last_look.is_set()
            self._wake.clear()
            self._wanted.clear()
            trainer = None if final else self._trainer()
            began = time.monotonic()
            for announcement in self._watch.look(_drain(self._reports), trainer, final=final):
                self._found.put(announcement)
            if final:
                return
            # where there is much to look at, look less often
            self._wake.wait(max(LOOK_SECONDS, 20 * (time.monotonic() - began)))
            self._wanted.wait()


def _drain(items: queue.SimpleQueue[Any]) -> list[Any]:
    taken = []
    with contextlib.suppress(queue.Empty):
        while True:
            taken.append(items.get_nowait())
    return taken


def _be_polite() -> None:
    if sys.platform == "linux":  # only there has a thread a priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
