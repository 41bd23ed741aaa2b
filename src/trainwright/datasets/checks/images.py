"""Checking image folders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from trainwright.datasets.checks.classes import class_balance, contradictions
from trainwright.datasets.checks.copies import copies
from trainwright.datasets.checks.left_out import left_out, no_images
from trainwright.datasets.checks.report import (
    MAX_EXAMPLES,
    MAX_LEFT_OUT,
    Finding,
    LeftOut,
    Report,
    Severity,
)
from trainwright.datasets.formats.image_folder import ImageFolder, scan
from trainwright.datasets.formats.layout import FolderError, split_named
from trainwright.settings import Home
from trainwright.spec import RunSpec

_BRIGHT = 1 << 14
"""What some 16-bit image reaches in a folder that uses their range; cameras have up to 14 bits."""

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


def check_image_folder(path: Path, spec: RunSpec, home: Home) -> Report:
    """Scan a folder as the trainer will, and report on what that gives."""
    try:
        folder = scan(path, cache=home.cache / "images")
    except FolderError as error:
        return no_folder(path, error)
    findings = [
        *_classes(folder, spec),
        *left_out(folder),
        *copies(folder),
        *_variety(folder),
        *_unused_range(folder),
        *_places(folder),
    ]
    return Report(
        dataset=str(path),
        kind="csv_labels" if folder.labels_file else "image_folder",
        path=str(folder.root),
        samples=_samples(folder),
        median_side=folder.median_side,
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
        return [no_images(folder)]
    train = folder.counts("train" if folder.splits else None)
    return [
        *class_balance(train),
        *_flat_splits(folder),
        *_not_measured(folder),
        *contradictions(folder.class_names, len(folder.class_names), spec),
    ]


def _flat_splits(folder: ImageFolder) -> list[Finding]:
    """Folders that are all called like splits, but were taken for classes."""
    split_of = {name: split_named(name) for name in folder.class_names}
    if folder.splits or folder.labels_file or not all(split_of.values()):
        return []
    if "train" in split_of.values():
        first = next(name for name, split in split_of.items() if split == "train")
        message = f"{first}/ holds images, but no class folders"
        mend = (
            f"sort the images into {first}/<class>/, or put a train.csv with the columns image and "
            f"label beside {first}/"
        )
    else:
        message = f"there is {' and '.join(folder.class_names)}, but no train folder"
        mend = "put the class folders with the training images into train/"
    return [
        Finding(
            code="splits_without_classes",
            severity="error",
            message=message,
            count=len(split_of),
            examples=folder.class_names[:MAX_EXAMPLES],
            mend=mend,
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


def _unused_range(folder: ImageFolder) -> list[Finding]:
    """Values of cameras with fewer bits, stored in 16 as they are: scaled to 8, they are black."""
    if folder.brightest is None or folder.brightest >= _BRIGHT:
        return []
    return [
        Finding(
            code="unused_range",
            severity="warning",
            message=(
                f"the 16-bit images use no value above {folder.brightest:,} of 65,535: "
                "they are read as dark as that, with few shades left"
            ),
            count=sum(n for mode, n in folder.modes.items() if mode.startswith("I")),
            mend="scale their values to the whole range of 16 bits, all by the same factor",
        )
    ]


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
