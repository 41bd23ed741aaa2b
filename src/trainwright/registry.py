"""The one door for extensions: built-ins and plug-ins come through Python entry points."""

from __future__ import annotations

import importlib.metadata
import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Generic, TypeVar, cast

from trainwright.spec.errors import MissingDependencyError, NotFoundError
from trainwright.spec.validate import nearest

T = TypeVar("T")


def entry_points(group: str) -> EntryPoints:
    """Entry points of the packages installed now.

    All packages are read anew only when one was installed or removed, which changes the folder
    it lies in: reading them takes longer than anything else on the way to a new run.
    """
    return _read_entry_points(group, tuple(_stamp(folder) for folder in sys.path))


def _stamp(folder: str) -> tuple[str, int]:
    try:
        return folder, Path(folder).stat().st_mtime_ns
    except OSError:
        return folder, 0


@lru_cache(maxsize=16)
def _read_entry_points(group: str, _: tuple[tuple[str, int], ...]) -> EntryPoints:
    return importlib.metadata.entry_points(group=group)


class Registry(Generic[T]):
    """Named factories of one kind, loaded from an entry-point group only when asked for."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._added: dict[str, type[T]] = {}
        self._instances: dict[str, T] = {}

    @property
    def group(self) -> str:
        """The entry-point group that packages use."""
        return f"trainwright.{self.kind}s"

    def add(self, name: str, factory: type[T]) -> None:
        """Register a factory by hand (tests, notebooks); an entry point does it for packages."""
        self._added[name] = factory
        self._instances.pop(name, None)

    def names(self) -> list[str]:
        """All that is registered, sorted."""
        return sorted(set(self._added) | set(self._entries()))

    def get(self, name: str) -> T:
        """The one instance registered as `name`.

        Raises:
            NotFoundError: Nothing is registered by that name.
        """
        if (known := self._instances.get(name)) is not None:
            return known
        # two threads may make one each: what counts is that both get the same
        return self._instances.setdefault(name, self._factory(name)())

    def _load(self, entry: EntryPoint) -> type[T]:
        try:
            return cast(type[T], entry.load())
        # frameworks that disagree with their own dependencies raise more than ImportError
        except Exception as error:
            package = entry.dist.name if entry.dist else entry.value
            raise MissingDependencyError(
                f"{self.kind} {entry.name!r} of {package} cannot be loaded: {error}",
                field=self.kind,
                mend=f"pip install --upgrade {package}",
            ) from error

    def _entries(self) -> dict[str, EntryPoint]:
        return {e.name: e for e in entry_points(self.group)}

    def _factory(self, name: str) -> type[T]:
        if name in self._added:
            return self._added[name]
        if entry := self._entries().get(name):
            return self._load(entry)
        close = nearest(name, self.names())
        hint = f"; did you mean {close[0]}?" if close else ""
        raise NotFoundError(
            f"there is no {self.kind} named {name!r}{hint}",
            field=self.kind,
            expected=", ".join(self.names()),
        )
