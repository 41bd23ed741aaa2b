"""From a dataset's name or folder to everything the trainer needs of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainwright.datasets.formats.image_folder import ImageFolder, scan
from trainwright.files import expanded
from trainwright.frameworks.builtin import registry
from trainwright.frameworks.builtin.data.images import (
    ArrayImages,
    FileImages,
    Images,
    Resize,
    View,
    fits_in_memory,
    load_all,
    scale_all,
)
from trainwright.frameworks.builtin.data.samples import Samples
from trainwright.frameworks.builtin.data.split import Split, split
from trainwright.settings import Home
from trainwright.spec import DataError, DatasetKind, DatasetRef, did_you_mean, shown

MAX_FOLDER_SIDE = 128
STATISTICS_SAMPLES = 5_000
LISTED = 20
"""Files left out that are named one by one; the rest is counted."""


@dataclass(frozen=True)
class Wanted:
    """What the trainer asks of a dataset.

    Attributes:
        dataset: As in the spec.
        options: Options of the dataset's builder.
        seed: For made-up data.
        image_size: Height and width; `None` chooses by the data.
        minimum_side: Smaller images are enlarged to it when `image_size` is `None`.
        resize: How images of another shape are fitted.
        channels: 1 or 3; `None` chooses by the data.
        in_memory: `auto`, `always` or `never`.
    """

    dataset: str
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    image_size: tuple[int, int] | None = None
    minimum_side: int = 8
    resize: Resize = "stretch"
    channels: int | None = None
    in_memory: str = "auto"


@dataclass
class Loaded:
    """A dataset, ready for batches.

    Attributes:
        images: uint8 tensor in memory, or images to decode one by one.
        labels: int64 `[n]`.
        class_names: In the order of the labels.
        given: Part of each image where the dataset says; `None` where it has no parts.
        view: How the model sees the images.
        notes: What was left out, in words.
        copies: Groups of positions that hold the same image, as far as that is known.
    """

    images: Tensor | Images
    labels: Tensor
    class_names: list[str]
    given: list[str | None] | None
    view: View
    notes: list[str]
    copies: list[list[int]] = field(default_factory=list)

    def split(
        self, *, seed: int, val_fraction: float | None = None, test_fraction: float | None = None
    ) -> Split:
        return split(
            self.labels,
            self.given,
            seed=seed,
            val_fraction=val_fraction,
            test_fraction=test_fraction,
            copies=self.copies,
        )

    def statistics(self, positions: Tensor) -> tuple[list[float], list[float]]:
        """Mean and standard deviation a channel, of pixels from 0 to 1, of up to 5,000 images."""
        step = max(1, len(positions) // STATISTICS_SAMPLES)
        chosen = positions[::step]
        total = torch.zeros(self.view.channels, dtype=torch.float64)
        squares = torch.zeros_like(total)
        for part in torch.split(chosen, 256):
            pixels = _take(self.images, part).double() / 255
            total += pixels.mean(dim=(2, 3)).sum(0)
            squares += pixels.square().mean(dim=(2, 3)).sum(0)
        mean = total / len(chosen)
        deviation = (squares / len(chosen) - mean.square()).clamp(min=0).sqrt()
        # images of one flat colour would otherwise be divided by zero
        return mean.tolist(), deviation.clamp(min=1e-3).tolist()


def _take(images: Tensor | Images, positions: Tensor) -> Tensor:
    if isinstance(images, Tensor):
        return images[positions]
    return torch.stack([images[i] for i in positions.tolist()])


def load(wanted: Wanted, home: Home) -> Loaded:
    """Load a dataset by name, or a folder of images.

    Raises:
        DataError: It is unknown or unreadable, or has no image.
    """
    ref = DatasetRef.parse(wanted.dataset)
    if ref.kind == DatasetKind.NAME and ref.value in registry.datasets:
        return _from_samples(wanted, _build(ref.value, wanted, home))
    if ref.kind == DatasetKind.PATH or Path(ref.value).is_dir():
        return _from_folder(wanted, expanded(ref.value), home)
    hint = did_you_mean(ref.value, sorted(registry.datasets))
    raise DataError(
        f"there is no dataset {ref.value!r}{hint}",
        field="dataset",
        expected=", ".join(sorted(registry.datasets)) + ", or a folder of images",
    )


def _build(name: str, wanted: Wanted, home: Home) -> Samples:
    given = {"seed": wanted.seed, "folder": home.datasets / name}
    built = registry.call_builder(registry.datasets[name].build, given, wanted.options)
    if not isinstance(built, Samples):
        raise DataError(
            f"the builder of dataset {name!r} returned {type(built).__name__}",
            expected="a trainwright.frameworks.builtin.data.Samples",
        )
    return built


def _from_samples(wanted: Wanted, samples: Samples) -> Loaded:
    count, channels, height, width = samples.images.shape
    size = wanted.image_size or (
        max(height, wanted.minimum_side),
        max(width, wanted.minimum_side),
    )
    view = View(*size, channels=wanted.channels or channels, resize=wanted.resize)
    native = (channels, height, width) == (view.channels, *size)
    images: Tensor | Images = samples.images
    if not native and view.resize == "stretch" and view.channels == channels:
        keep = _keeps_in_memory(count, view, wanted.in_memory)
        images = scale_all(samples.images, view) if keep else ArrayImages(samples.images, view)
    elif not native:
        images = _in_memory(ArrayImages(samples.images, view), count, view, wanted.in_memory)
    given: list[str | None] | None = list(samples.split) if samples.split else None
    return Loaded(images, samples.labels, samples.class_names, given, view, [])


def _from_folder(wanted: Wanted, path: Path, home: Home) -> Loaded:
    folder = scan(path, cache=home.cache / "images")
    if not folder.samples:
        reasons = "; ".join(f"{s.path}: {s.reason}" for s in folder.skipped[:3])
        raise DataError(
            f"{path} has no usable images" + (f" ({reasons})" if reasons else ""),
            field="dataset",
            expected="one folder a class, each with images (JPEG, PNG, …)",
        )
    # classes that have nothing to learn from are no classes of the model
    used = sorted({s.label for s in folder.samples})
    labels = torch.tensor([used.index(s.label) for s in folder.samples])
    channels = wanted.channels or (1 if set(folder.modes) <= {"L", "1", "I;16", "I"} else 3)
    size = wanted.image_size or _usual_size(folder, wanted.minimum_side)
    view = View(*size, channels=channels, resize=wanted.resize)
    files = FileImages([folder.root / s.path for s in folder.samples], view)
    return Loaded(
        images=_in_memory(files, len(files), view, wanted.in_memory),
        labels=labels,
        class_names=[folder.class_names[i] for i in used],
        given=[s.split for s in folder.samples] if folder.splits else None,
        view=view,
        notes=_notes(folder),
        copies=_copies(folder),
    )


def _copies(folder: ImageFolder) -> list[list[int]]:
    place = {sample.path: number for number, sample in enumerate(folder.samples)}
    return [[place[path] for path in group] for group in folder.duplicates]


def _usual_size(folder: ImageFolder, minimum: int) -> tuple[int, int]:
    """A square of the median shorter side, no smaller than the model's and within reason."""
    side = min(max(folder.median_side or 0, minimum), max(MAX_FOLDER_SIDE, minimum))
    return side, side


def _in_memory(images: Images, count: int, view: View, policy: str) -> Tensor | Images:
    return load_all(images, view) if _keeps_in_memory(count, view, policy) else images


def _keeps_in_memory(count: int, view: View, policy: str) -> bool:
    if policy == "always" and not fits_in_memory(count, view, share=1.0):
        raise DataError(
            f"{count:,} images of {view.width}x{view.height} pixels take "
            f"{count * view.bytes / 1e9:.1f} GB, which is more memory than is free",
            field="overrides.in_memory",
            expected="auto or never, or a smaller image_size",
            mend="--set overrides.in_memory=auto",
        )
    return policy == "always" or (policy == "auto" and fits_in_memory(count, view))


def _notes(folder: ImageFolder) -> list[str]:
    notes = []
    if folder.skipped:
        reasons = Counter(s.reason.partition(":")[0] for s in folder.skipped)
        counts = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
        notes.append(f"left out {len(folder.skipped)} files: {counts}")
        notes += [
            shown(f"left out {s.path.as_posix()}: {s.reason}") for s in folder.skipped[:LISTED]
        ]
    notes += [
        f"class {name!r} has no usable image and is left out" for name in folder.empty_classes
    ]
    notes += _rare(folder.counts())
    return notes


def _rare(counts: Mapping[str, int]) -> Sequence[str]:
    return [
        f"class {name!r} has only {count} image{'s' if count > 1 else ''}"
        for name, count in counts.items()
        if 0 < count < 5
    ]
