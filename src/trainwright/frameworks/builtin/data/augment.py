"""Variation of training images, a whole batch at once, on the device."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812


@dataclass(frozen=True)
class Strength:
    """How far images are varied; each amount is drawn evenly from ± its value.

    Attributes:
        shift: Share of the side.
        rotation: Degrees.
        scale: Share of the size.
        light: Share of brightness and of contrast.
        erase: Chance that a random quarter of the sides is blanked (Zhong et al. 2020).
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    light: float = 0.0
    erase: float = 0.0


STRENGTHS = {
    "none": Strength(),
    "light": Strength(shift=0.08, rotation=5, scale=0.05),
    "medium": Strength(shift=0.1, rotation=10, scale=0.1, light=0.2),
    "strong": Strength(shift=0.125, rotation=15, scale=0.2, light=0.3, erase=0.25),
}


class Augment:
    """Varies batches; the same seed, epoch and batch always give the same."""

    def __init__(self, strength: Strength, *, flip: bool, seed: int) -> None:
        self._strength = strength
        self._flip = flip
        self._seed = seed

    def __call__(self, images: Tensor, *, epoch: int, batch: int) -> Tensor:
        """Vary float images `[n, c, h, w]` from 0 to 1; the input is left as it is."""
        if self._strength == STRENGTHS["none"]:
            return images
        generator = torch.Generator().manual_seed(
            (self._seed * 1_000_003 + epoch) * 1_000_003 + batch & (2**63 - 1)
        )
        images = self._moved(images, generator)
        if self._strength.light:
            images = self._lit(images, generator)
        if self._strength.erase:
            images = self._erased(images, generator)
        return images

    def _moved(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Mirror, turn, scale and shift, in one resampling; the border is repeated outward."""
        count = len(images)
        strength = self._strength
        draws = torch.rand(5, count, generator=generator) * 2 - 1
        angle = draws[0] * math.radians(strength.rotation)
        scale = 1 + draws[1] * strength.scale
        mirror = torch.where(draws[4] < 0, -1.0, 1.0) if self._flip else torch.ones(count)
        height, width = images.shape[-2:]
        cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
        # grid coordinates run from -1 to 1, so a shift of a share of the side is twice that
        rows = [
            torch.stack((cos * mirror, -sin * height / width, 2 * strength.shift * draws[2]), 1),
            torch.stack((sin * mirror * width / height, cos, 2 * strength.shift * draws[3]), 1),
        ]
        theta = torch.stack(rows, 1).to(images.device, images.dtype)
        grid = F.affine_grid(theta, list(images.shape), align_corners=False)
        return F.grid_sample(images, grid, padding_mode="border", align_corners=False)

    def _lit(self, images: Tensor, generator: torch.Generator) -> Tensor:
        draws = (torch.rand(2, len(images), 1, 1, 1, generator=generator) * 2 - 1).to(images.device)
        factors = 1 + draws * self._strength.light
        mean = images.mean(dim=(1, 2, 3), keepdim=True)
        return (((images - mean) * factors[0] + mean) * factors[1]).clamp(0, 1)

    def _erased(self, images: Tensor, generator: torch.Generator) -> Tensor:
        height, width = images.shape[-2:]
        draws = torch.rand(3, len(images), 1, 1, generator=generator).to(images.device)
        tall, wide = max(1, height // 4), max(1, width // 4)
        top = (draws[0] * (height - tall + 1)).floor()
        left = (draws[1] * (width - wide + 1)).floor()
        rows = torch.arange(height, device=images.device).view(1, height, 1)
        columns = torch.arange(width, device=images.device).view(1, 1, width)
        inside = (rows >= top) & (rows < top + tall) & (columns >= left) & (columns < left + wide)
        inside &= draws[2] < self._strength.erase
        return images.masked_fill(inside.unsqueeze(1), 0)
