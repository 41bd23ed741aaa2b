"""What an album is: pictures of a folder, each with its class, its split and its boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from trainwright.datasets.formats.layout import SPLITS

_SPLITS = (*SPLITS, None)


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is in a picture, in shares of its width and height.

    Attributes:
        label: What it is.
        left: From the left edge to the box.
        top: From the upper edge to the box.
        width: Of the box.
        height: Of the box.
    """

    label: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """One image.

    Attributes:
        path: Relative to the album's root, with slashes.
        class_name: Of the whole image; `None` where boxes say what is in it.
        split: `train`, `val` or `test`, where there are splits.
        boxes: What is where in it.
    """

    path: str
    class_name: str | None = None
    split: str | None = None
    boxes: tuple[Box, ...] = ()

    @property
    def labels(self) -> frozenset[str]:
        """Everything that is in it."""
        named = () if self.class_name is None else (self.class_name,)
        return frozenset((*named, *(box.label for box in self.boxes)))


def mixed(pictures: Iterable[Picture]) -> list[Picture]:
    """Pictures that stand by split and class, so that the first of each split show every class."""
    met: Counter[tuple[str | None, str | None]] = Counter()
    ranked = []
    for picture in pictures:
        place = _SPLITS.index(picture.split) if picture.split in _SPLITS else len(_SPLITS)
        ranked.append((place, met[picture.split, picture.class_name], picture))
        met[picture.split, picture.class_name] += 1
    return [picture for *_, picture in sorted(ranked, key=lambda one: one[:2])]


@dataclass(frozen=True)
class Album:
    """Pictures in a fixed order.

    Attributes:
        root: The folder they lie in.
        pictures: By split; in each one of every class after the other.
        class_names: In the order of the labels.
        has_boxes: Whether it is made for finding things in pictures.
        is_part: Whether these are only some of the dataset's.
    """

    root: Path
    pictures: list[Picture]
    class_names: list[str]
    has_boxes: bool = False
    is_part: bool = False

    @cached_property
    def by_path(self) -> dict[str, Picture]:
        return {picture.path: picture for picture in self.pictures}

    @cached_property
    def splits(self) -> dict[str, int]:
        """Pictures by split, where there are splits."""
        return dict(Counter(p.split for p in self.pictures if p.split is not None))

    def select(self, split: str | None = None, label: str | None = None) -> list[Picture]:
        """The pictures of a split, with something of a class in them."""
        return [
            picture
            for picture in self.pictures
            if split in (None, picture.split) and (label is None or label in picture.labels)
        ]

    def counts(self, split: str | None = None) -> dict[str, int]:
        """Pictures by class, of a split or of all."""
        found = Counter(label for p in self.select(split) for label in p.labels)
        return {name: found[name] for name in self.class_names}
