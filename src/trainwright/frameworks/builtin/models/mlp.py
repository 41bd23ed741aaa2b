"""Multilayer perceptron."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from trainwright.frameworks.builtin.registry import register_model


@register_model("mlp")
class MLP(nn.Module):
    """Fully connected ReLU layers on the flattened image."""

    def __init__(
        self,
        num_classes: int,
        channels: int,
        image_size: tuple[int, int],
        hidden: Sequence[int] = (256, 128),
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        widths = [channels * image_size[0] * image_size[1], *hidden]
        layers: list[nn.Module] = [nn.Flatten()]
        for before, after in pairwise(widths):
            layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], num_classes))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layers(images)
        return logits
