"""What a dataset builder returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from trainwright.spec import DataError

SPLITS = ("train", "val", "test")


class Samples:
    """Images with their labels, in memory and at their native size.

    Attributes:
        images: uint8, `[n, channels, height, width]`, 1 or 3 channels.
        labels: int64, `[n]`, each from 0 to `len(class_names) - 1`.
        class_names: In the order of the labels.
        split: For each image `train`, `val` or `test`; `None` where the trainer is to choose.
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        class_names: Sequence[str] | None = None,
        split: Sequence[str] | None = None,
    ) -> None:
        """Take arrays or tensors as they come.

        Args:
            images: `[n, h, w]`, `[n, c, h, w]` or `[n, h, w, c]` with 1 or 3 channels; uint8, or
                floats from 0 to 1.
            labels: `[n]` whole numbers from 0.
            class_names: Default: the numbers.
            split: `train`, `val` or `test` for each image; default: the trainer splits.

        Raises:
            DataError: The shapes, types or values do not fit together.
        """
        self.images = _as_images(torch.as_tensor(images))
        self.labels = torch.as_tensor(labels).to(torch.int64).flatten()
        self.split = list(split) if split is not None else None
        if not len(self.labels) == len(self.images) == len(self.split or self.labels):
            raise DataError(
                f"{len(self.images)} images, {len(self.labels)} labels"
                + (f" and {len(self.split)} splits" if self.split else ""),
                expected="as many of each",
            )
        if not len(self.labels):
            raise DataError("the dataset has no images", expected="at least one a class")
        highest = int(self.labels.max())
        self.class_names = (
            list(class_names) if class_names else [str(i) for i in range(highest + 1)]
        )
        if highest >= len(self.class_names) or int(self.labels.min()) < 0:
            raise DataError(
                f"labels go from {int(self.labels.min())} to {highest}",
                expected=f"0 to {len(self.class_names) - 1}: one for each class name",
            )
        if unknown := set(self.split or ()) - set(SPLITS):
            raise DataError(f"there is no split {unknown.pop()!r}", expected=", ".join(SPLITS))


def _as_images(images: Tensor) -> Tensor:
    if images.ndim == 3:
        images = images.unsqueeze(1)
    if images.ndim != 4:
        raise DataError(f"images of shape {tuple(images.shape)}", expected="[n, channels, h, w]")
    if images.shape[1] not in (1, 3) and images.shape[3] in (1, 3):
        images = images.permute(0, 3, 1, 2)
    if images.shape[1] not in (1, 3):
        raise DataError(f"images of {images.shape[1]} channels", expected="1 or 3 channels")
    if images.is_floating_point():
        images = (images.clamp(0, 1) * 255).round()
    return images.to(torch.uint8).contiguous()
