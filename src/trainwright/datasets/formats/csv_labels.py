"""Images that lie flat, and a `labels.csv` or `train.csv` beside them that says what each shows."""

from __future__ import annotations

import codecs
import csv
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trainwright.datasets.formats.layout import split_named
from trainwright.datasets.formats.tree import Skipped

LABEL_FILES = ("labels.csv", "annotations.csv", "metadata.csv", "train.csv")
IMAGE_COLUMNS = (
    *("image", "filename", "file_name", "file", "path", "image_path", "filepath"),
    *("image_name", "image_id", "id"),  # often without the ending, as in Kaggle's competitions
)
CLASS_COLUMNS = ("label", "class", "class_name", "category", "target", "species", "breed")
SPLIT_COLUMNS = ("split", "subset", "partition")
MAX_BYTES = 256 * 1024 * 1024
"""Largest label file read."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a line says of an image."""

    name: str
    class_name: str
    split: str | None


@dataclass(frozen=True)
class LabelTable:
    """A label file, read.

    Attributes:
        file: Relative to the root.
        rows: By the image's path as it is written, with forward slashes.
        skipped: Lines that say nothing usable; their `path` is the label file's.
    """

    file: Path
    rows: dict[str, Row] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def class_names(self) -> set[str]:
        return {row.class_name for row in self.rows.values()}

    def by_path(self, paths: Sequence[Path]) -> dict[Path, Row]:
        """Rows by the file they mean: by its path, or by less where only one file has it.

        Less is the path below a folder named as the label file is (`train.csv`, `train/`), the
        bare name, and either without its ending.
        """
        found: dict[Path, Row] = {}
        left = dict(self.rows)
        for written in self._ways_to_write():
            files = Counter(map(written, paths))
            for path in paths:
                name = written(path)
                if path not in found and files[name] == 1 and name in left:
                    found[path] = left.pop(name)
        return found

    def _ways_to_write(self) -> list[Callable[[Path], str]]:
        """Of a path, the surest first."""

        def below(path: Path) -> str:
            return path.as_posix().removeprefix(f"{self.file.stem}/")

        return [
            Path.as_posix,
            below,
            lambda path: path.name,
            lambda path: below(path.with_suffix("")),
            lambda path: path.stem,
        ]


def read_labels(root: Path, names: Sequence[str]) -> LabelTable | Skipped | None:
    """The label file among `names`, if there is one with a column of images and one of classes.

    Columns are found by their heading (`image` or `filename`, `label` or `class`, and `split`),
    separated by commas, semicolons or tabs.

    Args:
        root: The folder.
        names: Names of the files right in it.

    Returns:
        The table; why there is none, where the file cannot be read; `None` where there is no
        label file.
    """
    by_lower = {name.lower(): name for name in names}
    for wanted in LABEL_FILES:
        name = by_lower.get(wanted)
        if name is not None and (table := _read(root / name, Path(name))):
            return table
    return None


def _read(full: Path, file: Path) -> LabelTable | Skipped | None:
    try:
        if full.stat().st_size > MAX_BYTES:
            return _unreadable(file, f"it has more than {MAX_BYTES:,} bytes")
        with full.open(encoding=_encoding(full), newline="") as stream:
            heading = stream.readline()
            separator = max(",;\t", key=heading.count)
            columns = next(csv.reader([heading], delimiter=separator), [])
            places = [_column(columns, c) for c in (IMAGE_COLUMNS, CLASS_COLUMNS, SPLIT_COLUMNS)]
            image, label, split = places
            if image is None or label is None:
                return None
            lines = csv.reader(stream, delimiter=separator)
            return _table(file, lines, (image, label, split))
    except UnicodeError:
        return _unreadable(file, "it is not UTF-8 text; save it as UTF-8")
    except csv.Error as error:
        return _unreadable(file, f"it is not a table: {error}")
    except OSError as error:
        return _unreadable(file, f"it cannot be read: {error.strerror or error}")


def _encoding(full: Path) -> str:
    """UTF-8 with or without a mark; UTF-16 where its mark says so, as spreadsheets write it."""
    with full.open("rb") as stream:
        marked = stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return "utf-16" if marked else "utf-8-sig"


def _unreadable(file: Path, reason: str) -> Skipped:
    return Skipped(file, reason, "labels_unreadable")


def _column(columns: Sequence[str], names: Sequence[str]) -> int | None:
    lower = [column.strip().lower() for column in columns]
    return next((lower.index(name) for name in names if name in lower), None)


def _table(
    file: Path, lines: Iterator[list[str]], places: tuple[int, int, int | None]
) -> LabelTable:
    table = LabelTable(file)
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = _row(cells, places)
        if row is None:
            reason, code = f"line {number} lacks a file or a class, or its split", "bad_line"
        elif table.rows.setdefault(row.name, row) != row:
            reason, code = f"line {number} says otherwise of {row.name}", "listed_twice"
        else:
            continue
        table.skipped.append(Skipped(file, reason, code))
    return table


def _row(cells: list[str], places: tuple[int, int, int | None]) -> Row | None:
    image, label, split = places
    if len(cells) <= max(image, label, split or 0):
        return None
    name = cells[image].strip().replace("\\", "/").removeprefix("./")
    class_name = unicodedata.normalize("NFC", cells[label].strip())
    said = cells[split].strip() if split is not None else None
    meant = split_named(said) if said else None
    if not name or not class_name or (said and meant is None) or (said == "" and split is not None):
        return None
    return Row(name, class_name, meant)
