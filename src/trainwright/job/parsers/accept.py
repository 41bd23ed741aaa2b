"""Which of a line's pairs are metrics, judged together: one sure metric vouches for others."""

from __future__ import annotations

from trainwright.job.parsers.names import Kind
from trainwright.job.parsers.pairs import Pair


def accepted(pairs: list[Pair], *, anchored: bool, placed: bool = False) -> list[Pair]:
    """The pairs that are metrics.

    Args:
        pairs: All pairs of one line or mapping, progress taken out.
        anchored: The line says where training is.
        placed: It says so exactly, or stands among lines of metrics.
    """
    sure = any(_is_sure(pair, anchored) for pair in pairs)
    unnamed = [p for p in pairs if p.name.kind is Kind.UNKNOWN and p.signed and p.decimal]
    sure = sure or (placed and len(unnamed) >= _ENOUGH)
    return [p for p in pairs if _is_sure(p, anchored) or _is_vouched(p, sure, anchored)]


def are_of_held_out(pairs: list[Pair]) -> bool:
    """Beside an mAP, whatever else is measured is held-out too, unless the model is training."""
    training = any("loss" in p.name.base or p.name.base == "lr" for p in pairs)
    return not training and any(p.name.is_of_held_out for p in pairs)


_ENOUGH = 2
"""So many unknown names with measured values make a line one of metrics."""


def _is_sure(pair: Pair, anchored: bool) -> bool:
    if _is_other_thing(pair, anchored):
        return False
    if pair.name.kind is Kind.STRONG:
        return pair.decimal or anchored or pair.signed
    if pair.name.kind is Kind.WEAK and pair.name.base != "lr":
        return pair.decimal and (anchored or pair.signed)
    return False


def _is_vouched(pair: Pair, sure: bool, anchored: bool) -> bool:
    if _is_other_thing(pair, anchored):
        return False
    if pair.name.kind is Kind.WEAK:
        return (sure or anchored) and (pair.decimal or pair.signed)
    told = pair.signed and pair.single and pair.decimal and len(pair.name.base) > 1
    if pair.name.kind is Kind.UNKNOWN and told:
        return sure or (anchored and (pair.name.namespaced or pair.name.split is not None))
    return False


def _is_other_thing(pair: Pair, anchored: bool) -> bool:
    """A bare `norm` is of gradients in a training step only; a negative utilization is none yet."""
    return (pair.raw.lower() == "norm" and not anchored) or (
        pair.name.base == "mfu" and pair.value < 0
    )
