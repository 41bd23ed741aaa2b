"""Images at the size the model sees: the one way for training, serving and evaluation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import psutil
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from trainwright.datasets.formats.images import decode

Resize = Literal["stretch", "crop", "pad"]
MEMORY_SHARE = 0.4
"""Of the memory that is free now: as much as decoded images may take."""


@dataclass(frozen=True)
class View:
    """How the model sees an image.

    Attributes:
        height: Pixels.
        width: Pixels.
        channels: 1 (grey) or 3 (colour).
        resize: `stretch` to the shape, `crop` the middle, or `pad` with black.
    """

    height: int
    width: int
    channels: int
    resize: Resize = "stretch"

    @property
    def bytes(self) -> int:
        return self.height * self.width * self.channels

    def fit(self, image: Image.Image) -> Tensor:
        """The image as uint8 `[channels, height, width]`."""
        image = image.convert("L" if self.channels == 1 else "RGB")
        if image.size != (self.width, self.height):
            image = self._resized(image)
        pixels = torch.from_numpy(np.array(image, dtype=np.uint8))
        return pixels.unsqueeze(0) if self.channels == 1 else pixels.permute(2, 0, 1).contiguous()

    def _resized(self, image: Image.Image) -> Image.Image:
        size = (self.width, self.height)
        scales = (self.width / image.width, self.height / image.height)
        if self.resize == "stretch" or scales[0] == scales[1]:
            return image.resize(size, Image.Resampling.BILINEAR)
        scale = max(scales) if self.resize == "crop" else min(scales)
        scaled = image.resize(
            (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
            Image.Resampling.BILINEAR,
        )
        canvas = Image.new(image.mode, size)
        canvas.paste(scaled, ((self.width - scaled.width) // 2, (self.height - scaled.height) // 2))
        return canvas


class Images(Protocol):
    """Images that can be had one by one, as `View.fit` gives them."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Tensor: ...


class FileImages:
    """Images in files, decoded each time."""

    def __init__(self, paths: Sequence[Path], view: View) -> None:
        self._paths = paths
        self._view = view

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> Tensor:
        return self._view.fit(decode(self._paths[index]))


class ArrayImages:
    """Images in memory at another size, scaled each time."""

    def __init__(self, images: Tensor, view: View) -> None:
        self._images = images
        self._view = view

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Tensor:
        array = self._images[index].permute(1, 2, 0).numpy()
        return self._view.fit(Image.fromarray(array[..., 0] if array.shape[2] == 1 else array))


def fits_in_memory(count: int, view: View, *, share: float = MEMORY_SHARE) -> bool:
    """Whether `count` decoded images take no more than a share of the free memory."""
    return count * view.bytes <= share * psutil.virtual_memory().available


def load_all(images: Images, view: View) -> Tensor:
    """All images as one uint8 tensor `[n, channels, height, width]`, decoded in threads."""
    out = torch.empty(len(images), view.channels, view.height, view.width, dtype=torch.uint8)

    def load(index: int) -> None:
        out[index] = images[index]

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for _ in pool.map(load, range(len(images)), chunksize=64):
            pass  # draining it raises what a thread raised
    return out


def scale_all(images: Tensor, view: View) -> Tensor:
    """Images in memory stretched to the view's shape; the same pixels as `View.fit`, but faster."""
    size = (view.height, view.width)
    return torch.cat(
        [
            F.interpolate(part, size, mode="bilinear", antialias=True)
            for part in torch.split(images, 4096)
        ]
    )
