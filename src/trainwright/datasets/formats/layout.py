"""Finding out where in a folder of images the classes and the splits are."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from trainwright.datasets.formats.endings import ARCHIVE, SUFFIXES, UNSUPPORTED_SUFFIXES
from trainwright.datasets.formats.tree import (
    FoundFile,
    Skipped,
    children,
    is_hidden,
    natural_key,
    walk,
)
from trainwright.files import expanded
from trainwright.spec.errors import DataError
from trainwright.spec.validate import nearest

SPLITS = ("train", "val", "test")

_VARIABLE = re.compile(r"\$\{\w+\}|\$\w+|%\w+%")

_SPLIT_NAMES = {
    "train": ("train", "training", "훈련", "학습"),
    "val": ("val", "valid", "validation", "dev", "검증"),
    "test": ("test", "testing", "eval", "evaluation", "시험", "테스트", "평가"),
}
_SPLIT_OF = {name: split for split, names in _SPLIT_NAMES.items() for name in names}


def split_named(name: str) -> str | None:
    """The split that a folder, or a label file, means by this name."""
    return _SPLIT_OF.get(unicodedata.normalize("NFC", name).lower())


class FolderError(DataError):
    """A path that is no readable folder.

    Attributes:
        reason: `folder_missing`, `not_a_folder` or `permission_denied`.
    """

    def __init__(self, message: str, reason: str, *, expected: str, mend: str) -> None:
        super().__init__(message, field="dataset", expected=expected, mend=mend)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that holds the images of one class (in one split)."""

    split: str | None
    class_name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the class folders are.

    Attributes:
        base: The folder that holds the class or split folders, relative to the root.
        places: Class folders, by split and then in natural order of the class.
        skipped: What lies beside them.
    """

    base: Path
    places: list[Place] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def open_folder(path: Path) -> Path:
    """The folder, resolved, once it is known that it can be listed.

    Raises:
        FolderError: Missing (with the names most like it beside it), not a folder, or closed.
    """
    path = expanded(path)
    try:
        root = path.resolve(strict=True)
        if not root.is_dir():
            raise FolderError(
                f"{path} is a file, not a folder",
                "not_a_folder",
                expected="a folder with one folder of images a class",
                mend=f"trainwright datasets add {shlex.quote(str(path))}"
                if ARCHIVE.search(path.name)
                else f"give the folder it is in: {path.parent}",
            )
        with os.scandir(root):
            return root
    except PermissionError:
        raise FolderError(
            f"{path} may not be read: permission denied",
            "permission_denied",
            expected="a folder you may read",
            mend=f"chmod -R u+rX {shlex.quote(str(path))}",
        ) from None
    except (OSError, RuntimeError):
        close = _siblings(path)
        hint = f"; near it there is {', '.join(close)}" if close else ""
        raise FolderError(
            f"there is no folder {path}{hint}",
            "folder_missing",
            expected="an existing folder",
            mend=f"use {close[0]}" if close else _spelling(path),
        ) from None


def _spelling(path: Path) -> str:
    # a name and no more: what stands in the variables of this process is nobody else's to read
    if found := _VARIABLE.search(str(path)):
        return f"write out what {found[0]} stands for: variables of a shell are not filled in"
    return "check the spelling of the path"


def find_layout(root: Path) -> Layout:
    """Recognise `<class>/…`, `<split>/<class>/…`, or either inside one more folder."""
    skipped: list[Skipped] = []
    base = _base(root)
    for outer in reversed(base.parents):
        skipped += [_stray(file) for file in children(root, outer, skipped.append)[1]]
    folders, files = children(root, base, skipped.append)
    skipped += [_stray(file) for file in files]
    if not _has_splits(root, base, folders):
        places = [Place(None, _class_name(name), base / name) for name in folders]
        return Layout(base, places, skipped)
    return _split_layout(root, base, folders, skipped)


def tell_classes(root: Path, folders: list[str]) -> bool:
    """Whether there is a folder a class: several, unless they are a flat `train` and `test`."""
    return len(folders) > 1 and not all(
        split_named(name.removesuffix("_images")) and not children(root, Path(name), _ignore)[0]
        for name in folders
    )


def not_an_image(file: FoundFile) -> Skipped | None:
    """Why a file is not taken for an image by its name; `None` when it is."""
    suffix = file.path.suffix.lower()
    if suffix in SUFFIXES:
        return None
    if suffix in UNSUPPORTED_SUFFIXES:
        reason = f"{suffix[1:].upper()} images are not supported; convert them to JPEG or PNG"
        return Skipped(file.path, reason, "unsupported_format")
    reason = f"{suffix} files are not images" if suffix else "its name has no image ending"
    return Skipped(file.path, reason, "not_an_image")


def _split_layout(root: Path, base: Path, folders: list[str], skipped: list[Skipped]) -> Layout:
    places: list[Place] = []
    for name in folders:
        split = split_named(name)
        if split is None:
            skipped += [
                Skipped(file.path, f"{name}/ is beside the splits, not in one", "outside_splits")
                for file in walk(root, base / name, skipped.append)
            ]
            continue
        classes, files = children(root, base / name, skipped.append)
        skipped += [_stray(file) for file in files]
        places += [Place(split, _class_name(c), base / name / c) for c in classes]
    places.sort(key=lambda p: (SPLITS.index(str(p.split)), natural_key(p.class_name)))
    return Layout(base, places, skipped)


def _base(root: Path) -> Path:
    """The first folder with several in it, or with splits, when only one leads there.

    Images on the way, or no such folder, mean that the only folder is the only class.
    """
    inner = Path()
    while True:
        folders, files = children(root, inner, _ignore)
        if any(not not_an_image(file) for file in files):
            return Path()
        if len(folders) > 1 or _has_splits(root, inner, folders):
            return inner
        if not folders:
            return Path()
        inner /= folders[0]


def _has_splits(root: Path, base: Path, folders: list[str]) -> bool:
    """Whether there is a `train` folder with folders in it: `test` alone may well be a class."""
    return any(
        split_named(name) == "train" and children(root, base / name, _ignore)[0] for name in folders
    )


def _stray(file: FoundFile) -> Skipped:
    return not_an_image(file) or Skipped(file.path, "it lies in no class folder", "no_class_folder")


def _class_name(folder: str) -> str:
    # macOS writes decomposed names, everyone else composed ones: they are one class
    return unicodedata.normalize("NFC", folder)


def _siblings(path: Path) -> list[str]:
    try:
        names = [p.name for p in path.parent.iterdir() if p.is_dir() and not is_hidden(p.name)]
    except OSError:
        return []
    return [str(path.parent / name) for name in nearest(path.name, names)]


def _ignore(_: Skipped) -> None:
    """What is skipped while only looking ahead is told when it is read."""
