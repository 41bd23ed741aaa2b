"""Which image belongs to which class and split, before any image is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from trainwright.datasets.formats.csv_labels import LabelTable, read_labels
from trainwright.datasets.formats.layout import (
    SPLITS,
    Layout,
    find_layout,
    not_an_image,
    tell_classes,
)
from trainwright.datasets.formats.tree import FoundFile, Skipped, children, natural_key, walk


@dataclass(frozen=True, slots=True)
class Listed:
    """An image file with what it is said to be."""

    file: FoundFile
    class_name: str
    split: str | None


@dataclass(frozen=True)
class Listing:
    """Images in the order of their samples.

    Attributes:
        base: Where the classes are, relative to the root.
        class_names: In natural order.
        images: Streamed.
        skipped: Grows while `images` streams.
        labels_file: What the classes were read from, when not from folders.
    """

    base: Path
    class_names: list[str]
    images: Iterable[Listed]
    skipped: list[Skipped]
    labels_file: Path | None = None


def list_folders(root: Path) -> Listing:
    """Classes are the names of folders."""
    layout = find_layout(root)
    names = sorted({place.class_name for place in layout.places}, key=natural_key)
    skipped = list(layout.skipped)
    return Listing(layout.base, names, _in_folders(root, layout, skipped), skipped)


def list_flat(root: Path) -> Listing | None:
    """Classes are in a label file; `None` when there is none, or folders tell several classes."""
    skipped: list[Skipped] = []
    folders, files = children(root, Path(), skipped.append)
    if tell_classes(root, folders):
        return None
    table = read_labels(root, [file.path.name for file in files])
    if table is None:
        return None
    if isinstance(table, Skipped):
        return Listing(Path(), [], [], [table], table.path)
    skipped.clear()  # the walk below meets the same again
    names = sorted(table.class_names, key=natural_key)
    images = _in_table(root, table, skipped)
    place = {name: number for number, name in enumerate(names)}
    images.sort(key=lambda i: (SPLITS.index(i.split) if i.split else -1, place[i.class_name]))
    return Listing(Path(), names, images, skipped, table.file)


def _in_folders(root: Path, layout: Layout, skipped: list[Skipped]) -> Iterator[Listed]:
    for place in layout.places:
        for file in walk(root, place.folder, skipped.append):
            if reason := not_an_image(file):
                skipped.append(reason)
            else:
                yield Listed(file, place.class_name, place.split)


def _in_table(root: Path, table: LabelTable, skipped: list[Skipped]) -> list[Listed]:
    skipped += table.skipped
    files = [f for f in walk(root, Path(), skipped.append) if f.path != table.file]
    rows = table.by_path([file.path for file in files])
    listed: list[Listed] = []
    for file in files:
        row = rows.get(file.path)
        if row is not None and not not_an_image(file):
            listed.append(Listed(file, row.class_name, row.split))
        else:
            unlisted = Skipped(file.path, f"{table.file} does not list it", "not_listed")
            skipped.append(not_an_image(file) or unlisted)
    met = {row.name for row in rows.values()}
    skipped += [
        Skipped(Path(name), f"{table.file} lists it, but there is no such file", "file_missing")
        for name in table.rows
        if name not in met
    ]
    return listed
