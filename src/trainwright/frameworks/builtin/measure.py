"""Metrics of a model on some images, without any learning."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from trainwright.frameworks.builtin.data.batches import Batches
from trainwright.frameworks.builtin.device import Compute
from trainwright.frameworks.builtin.metrics import Scores, Tally


class Normalize:
    """Shift and scale each channel of pixels from 0 to 1, into the wanted memory format."""

    def __init__(self, mean: list[float], std: list[float], compute: Compute) -> None:
        self._mean = torch.tensor(mean, device=compute.device).view(1, -1, 1, 1)
        self._std = torch.tensor(std, device=compute.device).view(1, -1, 1, 1)
        self._format = compute.memory_format

    def __call__(self, pixels: Tensor) -> Tensor:
        return ((pixels - self._mean) / self._std).contiguous(memory_format=self._format)


@torch.no_grad()
def measure(
    model: nn.Module,
    batches: Batches,
    *,
    normalize: Normalize,
    compute: Compute,
    classes: int,
    after_batch: Callable[[], None] = lambda: None,
) -> Scores:
    """Run the model over every batch.

    Args:
        model: It is left in evaluation mode.
        batches: uint8 images and labels.
        normalize: From pixels to what the model takes.
        compute: Where and how precisely.
        classes: How many the model tells apart.
        after_batch: Called between batches; may raise to leave.
    """
    model.eval()
    tally = Tally.empty(classes, compute.device)
    for images, labels in batches.epoch():
        with compute.mixed():
            logits = model(normalize(images.float().div_(255)))
        tally.add(F.cross_entropy(logits.float(), labels), logits, labels)
        after_batch()
    return tally.scores()
