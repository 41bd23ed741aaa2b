"""LeNet-5 (LeCun et al. 1998)."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from trainwright.frameworks.builtin.registry import register_model

SIDE = 32
"""What the original sees: smaller images get a border, as MNIST's 28 pixels did there."""


@register_model("lenet5")
class LeNet5(nn.Module):
    """Two convolutions with subsampling, then layers of 120, 84 and `num_classes` units.

    Larger images are averaged to 5×5 after the last subsampling. As is usual today, a linear layer
    replaces the original's radial basis functions; ReLU and max pooling learn faster than its tanh
    and averaging, which remain as options.
    """

    def __init__(
        self,
        num_classes: int,
        channels: int,
        image_size: tuple[int, int],
        activation: Literal["relu", "tanh"] = "relu",
        pooling: Literal["max", "avg"] = "max",
    ) -> None:
        super().__init__()
        act = nn.Tanh if activation == "tanh" else nn.ReLU
        pool = nn.AvgPool2d if pooling == "avg" else nn.MaxPool2d
        self.border = _border(image_size)
        self.features = nn.Sequential(
            nn.Conv2d(channels, 6, 5),
            act(),
            pool(2),
            nn.Conv2d(6, 16, 5),
            act(),
            pool(2),
            nn.AdaptiveAvgPool2d(5) if max(image_size) > SIDE else nn.Identity(),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120),
            act(),
            nn.Linear(120, 84),
            act(),
            nn.Linear(84, num_classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        if any(self.border):
            images = F.pad(images, self.border)
        logits: Tensor = self.classifier(self.features(images))
        return logits


def _border(image_size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Pixels to add left, right, above and below."""
    height, width = (max(0, SIDE - side) for side in image_size)
    return width // 2, width - width // 2, height // 2, height - height // 2
