"""A model and a dataset of your own, in one file.

Copy it to `$TRAINWRIGHT_HOME/plugins/`, then:

    trainwright train --yes "train builtin/two_layer on stripes for 3 epochs"
"""

from __future__ import annotations

from typing import Annotated

import torch
from torch import nn

from trainwright.frameworks.builtin.data import Samples
from trainwright.frameworks.builtin.registry import Setting, register_dataset, register_model


@register_model("two_layer", title="Two layers", defaults={"learning_rate": 3e-3})
class TwoLayer(nn.Sequential):
    """A convolution and a linear layer."""

    def __init__(
        self,
        num_classes: int,
        channels: int,
        width: Annotated[int, Setting(help="Channels.", minimum=1, maximum=512)] = 16,
    ) -> None:
        super().__init__(
            nn.Conv2d(channels, width, 5, padding=2),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(16 * width, num_classes),
        )


@register_dataset("stripes", class_names=["across", "down"])
def stripes(seed: int, samples: int = 400) -> Samples:
    """Noisy stripes, across or down."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(samples) % 2
    down = (torch.arange(28) // 4 % 2).float().expand(28, 28)
    images = torch.where(labels.view(-1, 1, 1) == 1, down, down.T)
    noise = torch.rand(images.shape, generator=generator)
    return Samples((images + noise) / 2, labels, ["across", "down"])
