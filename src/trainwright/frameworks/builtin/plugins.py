"""What plug-ins offer, read in a child process and remembered by the hash of their code."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pydantic_core
from pydantic import BaseModel, ValidationError

from trainwright.files import write_atomic
from trainwright.frameworks.builtin.discovery import Source, sources
from trainwright.settings import Home
from trainwright.spec import DatasetInfo, ModelInfo, StorageError, shown

TIMEOUT_SECONDS = 60.0
RETRY_SECONDS = 3600.0
"""For so long a plug-in that took too long is not tried again: nobody waits for it each time."""


class Offer(BaseModel):
    """What one plug-in registers, or why it cannot be imported.

    Attributes:
        models: What it adds.
        datasets: What it adds.
        error: Why it adds nothing.
        until: When to try again (seconds since 1970), if its import took too long.
    """

    models: list[ModelInfo] = []
    datasets: list[DatasetInfo] = []
    error: str | None = None
    until: float | None = None

    @property
    def is_lasting(self) -> bool:
        """Whether it is worth keeping: what fails may work once a package is installed."""
        return self.error is None or (self.until is not None and time.time() < self.until)


@dataclass
class Plugins:
    """What all plug-ins offer together.

    Attributes:
        models: By name.
        datasets: By name.
        problems: One line for each plug-in that is left out, and why.
        taken: Every plug-in that is not left out, with what it offers.
    """

    models: dict[str, ModelInfo] = field(default_factory=dict)
    datasets: dict[str, DatasetInfo] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    taken: list[tuple[Source, Offer]] = field(default_factory=list)

    def sources_of(self, *, model: str | None, dataset: str | None) -> list[Source]:
        """The plug-ins to import for a model and a dataset."""
        return [
            source
            for source, offer in self.taken
            if model in {m.name for m in offer.models} or dataset in {d.id for d in offer.datasets}
        ]

    def add(self, source: Source, offer: Offer) -> None:
        """Take in what a plug-in offers: all of it or, where it cannot be imported, nothing."""
        twice = sorted({m.name for m in offer.models} & self.models.keys())
        twice += sorted({d.id for d in offer.datasets} & self.datasets.keys())
        error = offer.error
        if twice:
            error = f"{', '.join(map(repr, twice))}: another plug-in has that name already"
        if error:
            self.problems.append(shown(f"plug-in {source.name} is left out: {error}"))
            return
        self.taken.append((source, offer))
        self.models |= {m.name: m for m in offer.models}
        self.datasets |= {d.id: d for d in offer.datasets}


class PluginReader:
    """Reads plug-ins; each version of one only once."""

    def __init__(self, home: Home, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._home = home
        self._timeout = timeout
        self._known: dict[str, Offer] = {}

    def read(self) -> Plugins:
        """What the plug-ins offer now; a broken one is a problem in words, never an error."""
        found = sources(self._home)
        unread = [s for s in found if s.key not in self._known]
        with ThreadPoolExecutor(4) as pool:
            self._known |= zip([s.key for s in unread], pool.map(self._offer, unread), strict=True)
        plugins = Plugins()
        for source in found:
            plugins.add(source, self._known[source.key])
        return plugins

    def _offer(self, source: Source) -> Offer:
        cache = self._cache_file(source)
        with contextlib.suppress(OSError, ValidationError):
            known = Offer.model_validate_json(cache.read_bytes())
            if known.is_lasting:
                return known
        offer = self._ask_child(source)
        if offer.is_lasting:
            with contextlib.suppress(StorageError):
                write_atomic(cache, offer.model_dump_json())
        return offer

    def _cache_file(self, source: Source) -> Path:
        stamp = f"{source.key} {version('trainwright')} {sys.version_info[:2]}"
        name = hashlib.sha256(stamp.encode()).hexdigest()[:32]
        return self._home.cache / "plugins" / f"{name}.json"

    def _ask_child(self, source: Source) -> Offer:
        argv = [sys.executable, "-m", "trainwright.frameworks.builtin.describe"]
        argv += ["--file", str(source.file)] if source.file else ["--module", str(source.module)]
        # into files: a pipe would be waited for as long as anything the plug-in started lives
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )
            try:
                status = child.wait(self._timeout)
            except subprocess.TimeoutExpired:
                return Offer(
                    error=f"its import took longer than {self._timeout:g} s; it is tried again "
                    "when its code changes, or in an hour",
                    until=time.time() + RETRY_SECONDS,
                )
            finally:
                _end_group(child)
            out.seek(0)
            err.seek(0)
            try:
                return Offer.model_validate(pydantic_core.from_json(out.read()))
            except (ValueError, ValidationError):
                lines = err.read().decode(errors="replace").strip().splitlines() or ["no output"]
                return Offer(error=f"its import ended with status {status}: {lines[-1]}")


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """End the child, and whatever it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
