"""Metrics of classification, in pure Python: the control plane has no numpy.

Definitions are those of scikit-learn; a share of nothing is 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from trainwright.spec import ClassScores, Confusion


def confusion(truth: Sequence[int], predicted: Sequence[int], labels: Sequence[str]) -> Confusion:
    """Count which class was taken for which.

    Args:
        truth: True class ids, 0 to `len(labels) - 1`.
        predicted: Predicted class ids, as many.
        labels: Names of the classes.

    Raises:
        ValueError: The lengths differ, or an id is out of range.
    """
    matrix = [[0] * len(labels) for _ in labels]
    for true, guess in zip(truth, predicted, strict=True):
        if not (0 <= true < len(labels) and 0 <= guess < len(labels)):
            raise ValueError(f"class id {true} or {guess} is outside 0 to {len(labels) - 1}")
        matrix[true][guess] += 1
    return Confusion(labels=list(labels), matrix=matrix)


def per_class(counts: Confusion) -> list[ClassScores]:
    """Precision, recall, F1 and support of each class, each in 0 to 1."""
    taken_for = [sum(column) for column in zip(*counts.matrix, strict=True)]
    scores = []
    for i, (name, row) in enumerate(zip(counts.labels, counts.matrix, strict=True)):
        hits, support = row[i], sum(row)
        scores.append(
            ClassScores(
                name=name,
                precision=_share(hits, taken_for[i]),
                recall=_share(hits, support),
                f1=_share(2 * hits, taken_for[i] + support),
                support=support,
            )
        )
    return scores


def accuracy(counts: Confusion) -> float:
    """Share of samples whose class was found."""
    hits = sum(row[i] for i, row in enumerate(counts.matrix))
    return _share(hits, sum(map(sum, counts.matrix)))


def top_k(truth: Sequence[int], ranked: Sequence[Sequence[int]], k: int) -> float:
    """Share of samples whose class is among the first `k` of those ranked for it.

    Args:
        truth: True class ids.
        ranked: For each sample, class ids from most to least likely.
        k: At least 1.

    Raises:
        ValueError: The lengths differ, or `k` is below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}, but must be at least 1")
    hits = sum(true in guesses[:k] for true, guesses in zip(truth, ranked, strict=True))
    return _share(hits, len(truth))


def macro_f1(counts: Confusion) -> float:
    """Mean F1 of the classes that occur, as truth or as prediction, each counting alike."""
    occurs = [
        any(row) or any(column)
        for row, column in zip(counts.matrix, zip(*counts.matrix, strict=True), strict=True)
    ]
    counted = [s.f1 for s, there in zip(per_class(counts), occurs, strict=True) if there]
    return _share(sum(counted), len(counted))


def weighted_f1(counts: Confusion) -> float:
    """Mean F1 of the classes, each counting by its support."""
    scores = per_class(counts)
    return _share(sum(s.f1 * s.support for s in scores), sum(s.support for s in scores))


def summarise(counts: Confusion, split: str = "test") -> dict[str, float]:
    """The metrics a result shows, by their full names such as `test/f1_macro`."""
    return {
        f"{split}/accuracy": accuracy(counts),
        f"{split}/f1_macro": macro_f1(counts),
        f"{split}/f1_weighted": weighted_f1(counts),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
