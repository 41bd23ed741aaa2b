"""Classification metrics from a confusion matrix that is counted on the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from trainwright.spec import ClassScores, Confusion


@dataclass
class Tally:
    """Losses and hits of many batches, added up without waiting for the device.

    Attributes:
        loss: float64 sum over samples.
        confusion: int64 `[true, predicted]`.
    """

    loss: Tensor
    confusion: Tensor

    @classmethod
    def empty(cls, classes: int, device: torch.device) -> Tally:
        # Apple's GPUs have no float64
        kind = torch.float32 if device.type == "mps" else torch.float64
        return cls(
            torch.zeros((), dtype=kind, device=device),
            torch.zeros(classes, classes, dtype=torch.int64, device=device),
        )

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Count a batch: its mean loss, `[n, classes]` logits and `[n]` labels."""
        classes = len(self.confusion)
        self.loss += loss.detach().to(self.loss.dtype) * len(labels)
        cells = labels * classes + logits.detach().argmax(1)
        # bincount would make the host wait for a GPU
        self.confusion.view(-1).index_add_(0, cells, torch.ones_like(cells))

    def scores(self) -> Scores:
        """Wait for the device and work out the metrics."""
        return Scores(float(self.loss), self.confusion.cpu())


@dataclass(frozen=True)
class Scores:
    """Metrics of one pass over some images."""

    loss_sum: float
    confusion: Tensor

    @property
    def samples(self) -> int:
        return int(self.confusion.sum())

    @property
    def loss(self) -> float:
        return self.loss_sum / max(1, self.samples)

    @property
    def accuracy(self) -> float:
        return float(self.confusion.diagonal().sum()) / max(1, self.samples)

    @property
    def commonest(self) -> float:
        """Share of the commonest class: what answering nothing else would score."""
        return float(self.confusion.sum(1).max()) / max(1, self.samples)

    @property
    def f1_macro(self) -> float:
        """Mean F1 of the classes that occur, in truth or in prediction, as scikit-learn has it."""
        occurs = (self.confusion.sum(0) + self.confusion.sum(1)) > 0
        f1 = _precision_recall_f1(self.confusion)[2][occurs]
        return float(f1.mean()) if len(f1) else 0.0

    def named(self, split: str) -> dict[str, float]:
        return {
            f"{split}/loss": self.loss,
            f"{split}/accuracy": self.accuracy,
            f"{split}/f1_macro": self.f1_macro,
        }

    def per_class(self, names: Sequence[str]) -> list[ClassScores]:
        columns = [c.tolist() for c in _precision_recall_f1(self.confusion)]
        support = self.confusion.sum(1).tolist()
        return [
            ClassScores(name=name, precision=p, recall=r, f1=f, support=n)
            for name, p, r, f, n in zip(names, *columns, support, strict=True)
        ]

    def matrix(self, names: Sequence[str]) -> Confusion:
        return Confusion(labels=list(names), matrix=self.confusion.tolist())


def _precision_recall_f1(confusion: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """A class each; 0 where nothing was predicted or nothing is there."""
    hits = confusion.diagonal().double()
    predicted, true = confusion.sum(0).double(), confusion.sum(1).double()
    precision = hits / predicted.clamp(min=1)
    recall = hits / true.clamp(min=1)
    return precision, recall, 2 * hits / (predicted + true).clamp(min=1)
