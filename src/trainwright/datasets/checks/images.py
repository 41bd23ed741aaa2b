"""Checking image folders."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path

from trainwright.datasets.checks.classes import class_balance, contradictions
from trainwright.datasets.checks.copies import copies
from trainwright.datasets.checks.report import (
    MAX_EXAMPLES,
    MAX_LEFT_OUT,
    Finding,
    LeftOut,
    Report,
    Severity,
)
from trainwright.datasets.formats.image_folder import ImageFolder, scan
from trainwright.datasets.formats.layout import SPLIT_FOLDERS, FolderError
from trainwright.settings import Home
from trainwright.spec import RunSpec

_UNREADABLE = {"truncated", "unreadable", "empty_file", "too_large"}
_NAMED = 3
"""Files that are named where none can be used."""
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


def check_image_folder(path: Path, spec: RunSpec, home: Home) -> Report:
    """Scan a folder as the trainer will, and report on what that gives."""
    try:
        folder = scan(path, cache=home.cache / "images")
    except FolderError as error:
        return no_folder(path, error)
    findings = [
        *_classes(folder, spec),
        *_left_out(folder),
        *copies(folder),
        *_variety(folder),
        *_places(folder),
    ]
    return Report(
        dataset=str(path),
        kind="csv_labels" if folder.labels_file else "image_folder",
        path=str(folder.root),
        samples=_samples(folder),
        class_names=folder.class_names,
        class_counts=folder.counts(),
        findings=sorted(findings, key=lambda f: _ORDER[f.severity]),
        left_out=[
            LeftOut(path=s.path.as_posix(), code=s.code, reason=s.reason)
            for s in folder.skipped[:MAX_LEFT_OUT]
        ],
        left_out_count=len(folder.skipped),
        fingerprint=folder.fingerprint,
    )


def no_folder(path: Path, error: FolderError) -> Report:
    """The report on a path that is no readable folder."""
    finding = Finding(code=error.reason, severity="error", message=error.message, mend=error.mend)
    return Report(dataset=str(path), kind="unchecked", findings=[finding])


def _samples(folder: ImageFolder) -> dict[str, int]:
    found = Counter(sample.split or "all" for sample in folder.samples)
    return {split: found[split] for split in ("all", "train", "val", "test") if found[split]}


def _classes(folder: ImageFolder, spec: RunSpec) -> list[Finding]:
    if not folder.samples:
        return [_no_images(folder)]
    train = folder.counts("train" if folder.splits else None)
    return [
        *class_balance(train),
        *_flat_splits(folder),
        *_not_measured(folder),
        *contradictions(folder.class_names, len(folder.class_names), spec),
    ]


def _flat_splits(folder: ImageFolder) -> list[Finding]:
    flat = [name for name in folder.class_names if name.lower() in SPLIT_FOLDERS]
    if folder.splits or folder.labels_file or len(flat) < len(folder.class_names):
        return []
    return [
        Finding(
            code="splits_without_classes",
            severity="error",
            message=f"{' and '.join(flat)} hold images, but no class folders",
            count=len(flat),
            examples=flat[:MAX_EXAMPLES],
            mend=f"sort the images into {flat[0]}/<class>/",
        )
    ]


def _not_measured(folder: ImageFolder) -> list[Finding]:
    findings = []
    for split in folder.splits:
        absent = [name for name, count in folder.counts(split).items() if not count]
        if split != "train" and absent:
            findings.append(
                Finding(
                    code="class_not_measured",
                    severity="warning",
                    message=f"{split} has no image of {', '.join(absent[:MAX_EXAMPLES])}",
                    count=len(absent),
                    examples=absent[:MAX_EXAMPLES],
                )
            )
    return findings


def _no_images(folder: ImageFolder) -> Finding:
    loose = [s for s in folder.skipped if s.code == "no_class_folder"]
    mend = "put the images of each class in a folder of its own: <folder>/<class>/image.jpg"
    if loose:
        message = f"{len(loose)} images lie in {folder.root} itself: nothing says their classes"
    elif folder.skipped:
        first = "; ".join(f"{s.path.as_posix()}: {s.reason}" for s in folder.skipped[:_NAMED])
        more = len(folder.skipped) - _NAMED
        rest = f"; and {more} more" if more > 0 else ""
        message = f"there is no usable image in {folder.root} ({first}{rest})"
        if any(s.code in _UNREADABLE for s in folder.skipped):
            mend = "replace the files that cannot be read, or convert them to JPEG or PNG"
    else:
        message = f"there is no image in {folder.root}"
    return Finding(code="no_images", severity="error", message=message, mend=mend)


def _left_out(folder: ImageFolder) -> list[Finding]:
    groups: dict[str, list[str]] = {"unreadable": [], "denied": [], "stray": []}
    for item in folder.skipped:
        group = "unreadable" if item.code in _UNREADABLE else "stray"
        group = "denied" if item.code == "permission_denied" else group
        groups[group].append(item.path.as_posix())
    said: list[tuple[str, str, Severity, str, str | None]] = [
        (
            "denied",
            "permission_denied",
            "warning",
            "left out: reading them is not permitted",
            f"chmod -R u+rX {shlex.quote(str(folder.root))}",
        ),
        (
            "unreadable",
            "unreadable",
            "warning",
            "left out: not to be decoded",
            "replace or delete them",
        ),
        ("stray", "stray_files", "info", "left out: no images of a class", None),
    ]
    return [
        Finding(
            code=code,
            severity=severity,
            message=f"{_files(groups[group])} {words}",
            count=len(groups[group]),
            examples=groups[group][:MAX_EXAMPLES],
            mend=mend,
        )
        for group, code, severity, words, mend in said
        if groups[group]
    ]


def _files(paths: list[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{len(paths)} files, such as {paths[0]},"


def _variety(folder: ImageFolder) -> list[Finding]:
    findings = []
    if len(folder.pixels) > 1:
        smallest, largest = min(folder.pixels), max(folder.pixels)
        findings.append(
            Finding(
                code="mixed_sizes",
                severity="info",
                message=(
                    f"{len(folder.pixels)} sizes, from {smallest[0]}x{smallest[1]} to "
                    f"{largest[0]}x{largest[1]}; all are resized alike"
                ),
                count=len(folder.pixels),
            )
        )
    if len(folder.modes) > 1:
        findings.append(
            Finding(
                code="mixed_modes",
                severity="info",
                message=f"stored as {', '.join(folder.modes)}; all are read alike",
                count=len(folder.modes),
            )
        )
    return findings


def _places(folder: ImageFolder) -> list[Finding]:
    if folder.base == Path():
        return []
    return [
        Finding(
            code="inner_folder",
            severity="info",
            message=f"the classes are read from {folder.base.as_posix()}/",
        )
    ]
