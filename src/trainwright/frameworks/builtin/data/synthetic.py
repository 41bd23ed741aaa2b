"""Images made up on the spot."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from torch.nn import functional as F  # noqa: N812

from trainwright.frameworks.builtin.data.samples import Samples
from trainwright.frameworks.builtin.registry import Setting, register_dataset

NOISE = 0.35
"""Standard deviation of the noise on a learnable pattern; pixels run from 0 to 1."""


@register_dataset("random")
def random_images(
    *,
    seed: int,
    samples: Annotated[int, Setting(minimum=10, maximum=10_000_000)] = 1000,
    classes: Annotated[int, Setting(minimum=2, maximum=10_000)] = 10,
    image_channels: Literal[1, 3] = 1,
    side: Annotated[int, Setting(minimum=4, maximum=4096)] = 28,
    learnable: bool = True,
) -> Samples:
    """A smooth random pattern a class, with noise; or noise alone."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(samples) % classes
    noise = torch.randn(samples, image_channels, side, side, generator=generator)
    if not learnable:
        return Samples((0.5 + NOISE * noise).clamp(0, 1), labels)
    coarse = torch.rand(classes, image_channels, 4, 4, generator=generator)
    patterns = F.interpolate(coarse, size=side, mode="bilinear", align_corners=False)
    return Samples((patterns[labels] + NOISE * noise).clamp(0, 1), labels)
