"""What plug-ins offer, read in a child process and remembered by the hash of their code."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pydantic_core
from pydantic import BaseModel, ValidationError

from trainwright.files import write_atomic
from trainwright.frameworks.builtin.discovery import Source, sources
from trainwright.settings import Home
from trainwright.spec import DatasetInfo, ModelInfo, StorageError

TIMEOUT_SECONDS = 60.0


class Offer(BaseModel):
    """What one plug-in registers, or why it cannot be imported."""

    models: list[ModelInfo] = []
    datasets: list[DatasetInfo] = []
    error: str | None = None


@dataclass
class Plugins:
    """What all plug-ins offer together.

    Attributes:
        models: By name.
        datasets: By name.
        problems: One line for each plug-in that is left out, and why.
    """

    models: dict[str, ModelInfo] = field(default_factory=dict)
    datasets: dict[str, DatasetInfo] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


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
            _merge(plugins, source, self._known[source.key])
        return plugins

    def _offer(self, source: Source) -> Offer:
        cache = self._cache_file(source)
        try:
            return Offer.model_validate_json(cache.read_bytes())
        except (OSError, ValidationError):
            pass
        offer = self._ask_child(source)
        if offer.error is None:  # what is broken now may work once a package is installed
            try:
                write_atomic(cache, offer.model_dump_json())
            except StorageError:
                return offer
        return offer

    def _cache_file(self, source: Source) -> Path:
        stamp = f"{source.key} {version('trainwright')} {sys.version_info[:2]}"
        name = hashlib.sha256(stamp.encode()).hexdigest()[:32]
        return self._home.cache / "plugins" / f"{name}.json"

    def _ask_child(self, source: Source) -> Offer:
        argv = [sys.executable, "-m", "trainwright.frameworks.builtin.describe"]
        argv += ["--file", str(source.file)] if source.file else ["--module", str(source.module)]
        try:
            done = subprocess.run(
                argv,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=self._timeout,
                check=False,
            )
            return Offer.model_validate(pydantic_core.from_json(done.stdout))
        except subprocess.TimeoutExpired:
            return Offer(error=f"its import took longer than {self._timeout:g} s")
        except (ValueError, ValidationError):
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no output"]
            return Offer(error=f"its import ended with status {done.returncode}: {lines[-1]}")


def _merge(plugins: Plugins, source: Source, offer: Offer) -> None:
    if offer.error:
        plugins.problems.append(f"plug-in {source.name} is left out: {offer.error}")
    for model in offer.models:
        if plugins.models.setdefault(model.name, model) is not model:
            plugins.problems.append(f"plug-in {source.name}: model {model.name!r} is there twice")
    for dataset in offer.datasets:
        if plugins.datasets.setdefault(dataset.id, dataset) is not dataset:
            plugins.problems.append(f"plug-in {source.name}: dataset {dataset.id!r} is there twice")
