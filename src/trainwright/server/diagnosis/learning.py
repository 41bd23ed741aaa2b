"""What the curves tell: a rate that is too high or too low, over- and underfitting."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, Literal

from trainwright.server.diagnosis import advice
from trainwright.server.diagnosis.case import Case
from trainwright.server.diagnosis.wording import say
from trainwright.spec.api import Finding
from trainwright.store.models import AlertRow
from trainwright.store.repositories import Point

_FEW_VALIDATIONS = 4
_WORSE = 1.1
"""Times its best: a validation loss above it has turned."""

_FEWEST_CLASSES = 2
_HARDLY_MORE = 0.1
"""Of accuracy, above what guessing gives."""

_FAR_ABOVE = 3.0
"""Times the cross-entropy of guessing: weights that ran away."""

_GAP = 0.1
"""Of accuracy, between training and validation."""

_FEW_POINTS = 20
_HARDLY = 0.03
"""Of the loss at the start: less has not been learnt."""

_STILL = 0.05
"""Of the whole fall, within its last fifth: it was still falling."""


def of_learning(case: Case) -> Iterator[Finding]:
    """Everything the curves say, the gravest first."""
    rate = [*_rate_too_high(case)] or [*_like_guessing(case)]
    yield from rate
    yield from _overfitting(case)
    if not rate:
        yield from _underfitting(case)


def _rate_too_high(case: Case) -> Iterator[Finding]:
    rules = case.rules()
    error = (case.run.error or {}).get("code")
    grave = [rules[name] for name in ("nan_loss", "loss_diverging") if name in rules]
    if not grave and error != "nan":
        if spike := rules.get("loss_spike"):
            yield _finding(case, "spikes", "warning", [_seen(case, spike)], advice.lower_rate)
        return
    evidence = [_seen(case, alert) for alert in grave]
    name, curve = case.train_loss()
    if curve:
        evidence.append(_course(case, name, curve))
    yield _finding(case, "rate_too_high", "error", evidence, advice.lower_rate)


def _like_guessing(case: Case) -> Iterator[Finding]:
    """What a classifier has not learnt when it ended, against guessing among its classes."""
    classes = case.spec.get("num_classes")
    _, val = case.pair("accuracy")
    if not isinstance(classes, int) or classes < _FEWEST_CLASSES or not val:
        return
    chance = 1 / classes
    if not case.run.status.is_terminal or _last(val) > min(2 * chance, chance + _HARDLY_MORE):
        return
    name, curve = case.train_loss()
    far_above = bool(curve) and _last(curve) > _FAR_ABOVE * math.log(classes)
    facts = {"accuracy": f"{_last(val):.3f}", "classes": classes, "chance": f"{chance:.3g}"}
    evidence = [say("evidence", "like_guessing", case.language, **facts)]
    if curve:
        evidence.append(_course(case, name, curve))
    code = "rate_too_high" if far_above else "like_guessing"
    yield _finding(case, code, "error" if far_above else "warning", evidence, advice.lower_rate)


def _overfitting(case: Case) -> Iterator[Finding]:
    train, val = case.pair("loss")
    if len(val) >= _FEW_VALIDATIONS and train:
        best = min(val, key=lambda point: point.value)
        last = val[-1]
        turned = last.value > _WORSE * best.value > 0 and val.index(best) < len(val) - 2
        if turned and _value_at(train, last) < _value_at(train, best):
            evidence = [
                _course(case, "val/loss", [best, last]),
                _course(case, "train/loss", [_nearest(train, best), train[-1]]),
            ]
            yield _finding(case, "overfitting", "warning", evidence, advice.regularize)
            return
    train, val = case.pair("accuracy")
    if train and val and _last(train) - _last(val) > _GAP:
        facts = {"train": f"{_last(train):.3f}", "val": f"{_last(val):.3f}"}
        evidence = [say("evidence", "gap", case.language, **facts)]
        yield _finding(case, "overfitting", "warning", evidence, advice.regularize)


def _underfitting(case: Case) -> Iterator[Finding]:
    name, curve = case.train_loss()
    if len(curve) < _FEW_POINTS or curve[0].value <= 0:
        return
    fifth = len(curve) // 5
    start = median(point.value for point in curve[:fifth])
    before = median(point.value for point in curve[-2 * fifth : -fifth])
    end = median(point.value for point in curve[-fifth:])
    evidence = [_course(case, name, [curve[0], curve[-1]])]
    if start - end < _HARDLY * abs(start):
        yield _finding(case, "not_learning", "warning", evidence, advice.higher_rate)
    elif before - end > _STILL * (start - end) and case.run.status.is_terminal:
        yield _finding(case, "still_improving", "info", evidence, advice.longer)


def _finding(
    case: Case,
    code: str,
    severity: Literal["info", "warning", "error"],
    evidence: Sequence[str],
    advise: Any,
) -> Finding:
    edits = advise(case.run)
    facts = {"rate": _rate(case)}
    return Finding(
        code=code,
        severity=severity,
        message=say("finding", code, case.language, **facts),
        evidence=list(evidence),
        mend=say("advice", code, case.language),
        edits=edits,
        command=advice.clone(case.run, edits),
    )


def _rate(case: Case) -> str:
    rate = case.spec.get("learning_rate")
    return f"{rate:g}" if isinstance(rate, (int, float)) else "–"


def _seen(case: Case, alert: AlertRow) -> str:
    """An alert as evidence: its own words, which hold its figures."""
    return say("evidence", "alert", case.language, rule=alert.rule, message=alert.message)


def _course(case: Case, name: str, points: Sequence[Point]) -> str:
    first, last = points[0], points[-1]
    facts = {
        "metric": name,
        "first": f"{first.value:.4g}",
        "first_step": first.step if first.step is not None else "–",
        "last": f"{last.value:.4g}",
        "last_step": last.step if last.step is not None else "–",
    }
    return say("evidence", "course", case.language, **facts)


def _last(points: Sequence[Point]) -> float:
    return points[-1].value


def _nearest(points: Sequence[Point], other: Point) -> Point:
    """The point measured closest to another one's step, or time where there are no steps."""
    step = other.step
    if step is not None and all(point.step is not None for point in points):
        return min(points, key=lambda point: abs((point.step or 0) - step))
    return min(points, key=lambda point: abs(point.timestamp - other.timestamp))


def _value_at(points: Sequence[Point], other: Point) -> float:
    return _nearest(points, other).value
