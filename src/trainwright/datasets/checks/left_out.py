"""Findings about files that are not trained on."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Sequence

from trainwright.datasets.checks.report import MAX_EXAMPLES, Finding, Kind
from trainwright.datasets.formats.image_folder import ImageFolder
from trainwright.datasets.formats.tree import Skipped

_NAMED = 3
"""Files that are named where none can be used."""


# `{root}` in a mend is the folder
_DENIED = Kind(
    "permission_denied", "warning", "reading them is not permitted", "chmod -R u+rX {root}"
)
_UNREADABLE = Kind("unreadable", "warning", "not to be decoded", "replace or delete them")
_UNSUPPORTED = Kind(
    "unsupported_format",
    "warning",
    "images of a kind that is not read",
    "convert them to JPEG or PNG",
)
_LABELS = Kind(
    "labels_differ",
    "warning",
    "the label file and the images do not agree",
    "correct the lines that are named below",
)
_LINKS = Kind(
    "links",
    "warning",
    "links to nowhere, out of the folder, or to folders are not followed",
    "put the files themselves there",
)
_STRAY = Kind("stray_files", "info", "no images of a class")
_KINDS = (_DENIED, _UNREADABLE, _UNSUPPORTED, _LABELS, _LINKS, _STRAY)
_BY_CODE = {
    "permission_denied": _DENIED,
    **dict.fromkeys(("truncated", "unreadable", "empty_file", "too_large"), _UNREADABLE),
    "unsupported_format": _UNSUPPORTED,
    **dict.fromkeys(
        ("not_listed", "file_missing", "listed_twice", "bad_line", "labels_unreadable"), _LABELS
    ),
    **dict.fromkeys(("broken_link", "outside_root", "linked_folder"), _LINKS),
}


def left_out(folder: ImageFolder) -> list[Finding]:
    """A finding for each kind of cause."""
    found: defaultdict[Kind, list[Skipped]] = defaultdict(list)
    for item in folder.skipped:
        found[_kind(item)].append(item)
    return [_finding(kind, found[kind], folder) for kind in _KINDS if kind in found]


def no_images(folder: ImageFolder) -> Finding:
    """The error where nothing is left to train on: why, and how to mend what is commonest."""
    mend = "put the images of each class in a folder of its own: <folder>/<class>/image.jpg"
    loose = [s for s in folder.skipped if s.code == "no_class_folder"]
    if loose:
        message = f"{len(loose)} images lie in {folder.root} itself: nothing says their classes"
    elif folder.skipped:
        first = "; ".join(f"{s.path.as_posix()}: {s.reason}" for s in folder.skipped[:_NAMED])
        more = len(folder.skipped) - _NAMED
        rest = f"; and {more} more" if more > 0 else ""
        message = f"there is no usable image in {folder.root} ({first}{rest})"
        mend = _mend_of_all(folder.skipped) or mend
    else:
        message = f"there is no image in {folder.root}"
    return Finding(code="no_images", severity="error", message=message, mend=mend)


def _mend_of_all(skipped: Sequence[Skipped]) -> str | None:
    kinds = {_kind(item) for item in skipped}
    if _LABELS in kinds:
        return "correct the label file: a heading such as `image,label`, then a line for each image"
    if _UNREADABLE in kinds:
        return "replace the files that cannot be read, or convert them to JPEG or PNG"
    if _UNSUPPORTED in kinds:
        return _UNSUPPORTED.mend
    if all(s.code == "not_an_image" and not s.path.suffix for s in skipped):
        return "give the files the ending of their kind, such as .jpg or .png"
    return None


def _kind(item: Skipped) -> Kind:
    return _BY_CODE.get(item.code, _STRAY)


def _finding(kind: Kind, items: Sequence[Skipped], folder: ImageFolder) -> Finding:
    paths = [item.path.as_posix() for item in items]
    files = paths[0] if len(paths) == 1 else f"{len(paths)} files, such as {paths[0]},"
    return Finding(
        code=kind.code,
        severity=kind.severity,
        message=f"{files} left out: {kind.words}",
        count=len(paths),
        examples=paths[:MAX_EXAMPLES],
        mend=kind.mend and kind.mend.format(root=shlex.quote(str(folder.root))),
    )
