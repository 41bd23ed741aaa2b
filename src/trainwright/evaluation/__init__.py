"""Comparing what came out of two trainings."""

from trainwright.evaluation.compare import Comparison, Difference, compare

__all__ = ["Comparison", "Difference", "compare"]
