"""Metrics, against scikit-learn's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from trainwright.evaluation import (
    accuracy,
    confusion,
    macro_f1,
    per_class,
    summarise,
    top_k,
    weighted_f1,
)

NAMES = ["a", "b", "c", "d"]
ids = st.integers(0, len(NAMES) - 1)
pairs = st.lists(st.tuples(ids, ids), min_size=1, max_size=60)


@given(pairs)
def test_as_scikit_learn_counts(rows: list[tuple[int, int]]) -> None:
    truth, guess = (list(x) for x in zip(*rows, strict=True))
    counts = confusion(truth, guess, NAMES)
    labels = range(len(NAMES))
    assert counts.matrix == sk.confusion_matrix(truth, guess, labels=labels).tolist()
    expected = sk.precision_recall_fscore_support(truth, guess, labels=labels, zero_division=0)
    for got, *want in zip(per_class(counts), *expected, strict=True):
        assert [got.precision, got.recall, got.f1, got.support] == pytest.approx(want)
    assert accuracy(counts) == pytest.approx(sk.accuracy_score(truth, guess))
    assert macro_f1(counts) == pytest.approx(
        sk.f1_score(truth, guess, average="macro", zero_division=0)
    )
    assert weighted_f1(counts) == pytest.approx(
        sk.f1_score(truth, guess, average="weighted", zero_division=0)
    )


@given(
    st.lists(st.tuples(ids, st.permutations(range(len(NAMES)))), min_size=1, max_size=20),
    st.integers(1, len(NAMES)),
)
def test_top_k_grows_to_one(rows: list[tuple[int, list[int]]], k: int) -> None:
    truth, ranked = (list(x) for x in zip(*rows, strict=True))
    share = top_k(truth, ranked, k)
    assert share == sum(t in r[:k] for t, r in rows) / len(rows)
    assert share <= top_k(truth, ranked, len(NAMES)) == 1


def test_nothing_measured_is_zero() -> None:
    counts = confusion([], [], NAMES)
    assert summarise(counts, "val") == {
        "val/accuracy": 0,
        "val/f1_macro": 0,
        "val/f1_weighted": 0,
    }
    assert top_k([], [], 1) == 0


@pytest.mark.parametrize(("truth", "guess"), [([0], [4]), ([-1], [0]), ([0, 1], [0])])
def test_ids_out_of_range_and_odd_lengths_are_refused(truth: list[int], guess: list[int]) -> None:
    with pytest.raises(ValueError, match=r"outside|shorter"):
        confusion(truth, guess, NAMES)


def test_k_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        top_k([0], [[0]], 0)
