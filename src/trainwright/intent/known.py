"""What a platform knows by name besides the catalogue: datasets that people registered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from trainwright.spec import DatasetKind, DatasetRef

_LIKE = 80.0
_SHORTEST = 4


@dataclass(frozen=True)
class KnownDataset:
    """A registered dataset.

    Attributes:
        task: What it was registered for, if that was said.
    """

    id: str
    name: str
    task: str | None = None

    @property
    def ref(self) -> str:
        """As a spec names it: by its name, unless that would be taken for a path."""
        is_name = DatasetRef.parse(self.name).kind is DatasetKind.NAME
        return self.name if is_name else self.id


@dataclass(frozen=True)
class Known:
    """What a sentence may name on one platform."""

    datasets: tuple[KnownDataset, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, KnownDataset]:
        """By id and by name, in lower case."""
        names = {dataset.name.lower(): dataset for dataset in self.datasets}
        return names | {dataset.id.lower(): dataset for dataset in self.datasets}

    @cached_property
    def longest(self) -> int:
        """Characters of the longest name."""
        return max(map(len, self.by_name), default=0)

    def find(self, name: str) -> KnownDataset | None:
        return self.by_name.get(name.strip().lower())

    def like(self, words: Iterable[str]) -> tuple[str, str] | None:
        """The first word that seems to be meant as a name but is none, and the name it is like."""
        names = [dataset.name for dataset in self.datasets]
        for word in words:
            if len(word) < _SHORTEST:
                continue
            near = process.extractOne(
                word, names, scorer=fuzz.ratio, processor=str.lower, score_cutoff=_LIKE
            )
            if near is not None:
                return word, near[0]
        return None
