"""Image folders: one folder a class, with or without splits; or flat, with a label file.

`scan` is the one reading of such a folder: the checks report it and the trainer trains on it, so
both agree on what is left out.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trainwright.datasets.formats.layout import open_folder
from trainwright.datasets.formats.listing import list_flat, list_folders
from trainwright.datasets.formats.tree import FoundFile, Skipped, natural_key
from trainwright.datasets.formats.verify import Verdict
from trainwright.datasets.formats.verify import verify as decode_all


@dataclass(frozen=True, slots=True)
class Sample:
    """One usable image.

    Attributes:
        path: Relative to the root.
        label: Index into `ImageFolder.class_names`.
        split: `train`, `val` or `test`; `None` when the folder has no splits.
    """

    path: Path
    label: int
    split: str | None


@dataclass(frozen=True)
class ImageFolder:
    """What a folder of images holds. The same folder always gives the same.

    Attributes:
        root: The folder, absolute and resolved.
        base: Where the class or split folders are, relative to the root; `.` unless everything
            lies in one more folder.
        labels_file: The file the classes were read from, relative to the root; `None` when they
            are the folders' names.
        class_names: In natural order (`2` before `10`), also those of empty classes.
        samples: By split, then class, then path.
        skipped: What is left out, each with the reason.
        duplicates: Groups of two or more samples with the same bytes; empty when not verified.
        pixels: Width and height → images of that size; empty when not verified.
        modes: Pillow mode → images of that mode; empty when not verified.
        fingerprint: SHA-256 of the listing: paths, sizes in bytes and labels.
        brightest: Largest value in all greyscale images of 16 bits, 0 to 65535; `None` when there
            are none, or when not verified.
    """

    root: Path
    base: Path
    labels_file: Path | None
    class_names: list[str]
    samples: list[Sample]
    skipped: list[Skipped]
    duplicates: list[list[Path]]
    pixels: dict[tuple[int, int], int]
    modes: dict[str, int]
    fingerprint: str
    brightest: int | None = None

    @property
    def splits(self) -> list[str]:
        """Splits that have a folder with a usable image, in the order train, val, test."""
        present = {s.split for s in self.samples}
        return [s for s in ("train", "val", "test") if s in present]

    @property
    def empty_classes(self) -> list[str]:
        """Classes without one usable image."""
        used = {s.label for s in self.samples}
        return [name for label, name in enumerate(self.class_names) if label not in used]

    @property
    def median_side(self) -> int | None:
        """Median of the images' shorter sides, in pixels; `None` when not verified."""
        sides = sorted((min(size), count) for size, count in self.pixels.items())
        middle = sum(self.pixels.values()) // 2
        for side, count in sides:
            if middle < count:
                return side
            middle -= count
        return None

    def counts(self, split: str | None = None) -> dict[str, int]:
        """Usable images by class: all of them, or those of one split."""
        found = Counter(s.label for s in self.samples if split is None or s.split == split)
        return {name: found[label] for label, name in enumerate(self.class_names)}


def scan(
    path: Path,
    *,
    verify: bool = True,
    cache: Path | None = None,
    workers: int | None = None,
) -> ImageFolder:
    """Read the listing of an image folder; no image is kept in memory.

    Layouts: `<class>/**/image`, `<split>/<class>/**/image` (recognised by a `train` folder that
    holds folders), either of them inside one more folder; or images that lie flat beside a
    `labels.csv`. Hidden files are ignored; everything else that is not used is in `skipped`.

    Args:
        path: The folder.
        verify: Decode every image fully, and skip those that cannot be.
        cache: Folder that keeps verdicts, so that unchanged files are not decoded twice.
        workers: Decoding threads; default: one a core, at most 8.

    Raises:
        FolderError: The path is missing, not a folder, or may not be read.
    """
    root = open_folder(path)
    listing = list_flat(root) or list_folders(root)
    told = _Told(skipped=listing.skipped)
    labels = {name: label for label, name in enumerate(listing.class_names)}
    found: Iterable[tuple[Sample, FoundFile]] = (
        (Sample(one.file.path, labels[one.class_name], one.split), one.file)
        for one in listing.images
    )
    if verify:
        found = _sound(decode_all(root, found, cache=cache, workers=workers), told)
    kept = list(found)
    return ImageFolder(
        root=root,
        base=listing.base,
        labels_file=listing.labels_file,
        class_names=listing.class_names,
        samples=[sample for sample, _ in kept],
        skipped=sorted(told.skipped, key=lambda s: natural_key(s.path.as_posix())),
        duplicates=[paths for paths in told.copies.values() if len(paths) > 1],
        pixels=dict(sorted(told.pixels.items())),
        modes=dict(sorted(told.modes.items())),
        fingerprint=_fingerprint(kept, listing.class_names),
        brightest=told.brightest,
    )


@dataclass
class _Told:
    """What turns up while the samples stream by."""

    skipped: list[Skipped]
    pixels: Counter[tuple[int, int]] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    brightest: int | None = None
    copies: defaultdict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))


def _sound(
    verified: Iterable[tuple[tuple[Sample, FoundFile], Verdict]], told: _Told
) -> Iterator[tuple[Sample, FoundFile]]:
    for (sample, file), verdict in verified:
        if verdict.code:
            told.skipped.append(Skipped(file.path, verdict.reason or verdict.code, verdict.code))
            continue
        if verdict.pixels and verdict.mode and verdict.sha256:
            told.pixels[verdict.pixels] += 1
            told.modes[verdict.mode] += 1
            if verdict.brightest is not None:
                told.brightest = max(verdict.brightest, told.brightest or 0)
            told.copies[verdict.sha256].append(sample.path)
        yield sample, file


def _fingerprint(kept: list[tuple[Sample, FoundFile]], class_names: list[str]) -> str:
    digest = hashlib.sha256("\0".join(class_names).encode())
    for sample, file in kept:
        digest.update(f"\n{sample.path.as_posix()}\0{file.size}\0{sample.label}".encode())
    return digest.hexdigest()
