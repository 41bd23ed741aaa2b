"""Measuring models: metrics of classification, and comparing two results."""

from trainwright.evaluation.classification import (
    accuracy,
    confusion,
    macro_f1,
    per_class,
    summarise,
    top_k,
    weighted_f1,
)
from trainwright.evaluation.compare import Comparison, Difference, compare

__all__ = [
    "Comparison",
    "Difference",
    "accuracy",
    "compare",
    "confusion",
    "macro_f1",
    "per_class",
    "summarise",
    "top_k",
    "weighted_f1",
]
