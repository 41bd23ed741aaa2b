"""Lines that begin with a count and a colon.

CatBoost: `0:  learn: 0.69  test: 0.70  best: 0.70 (0)  total: 50ms  remaining: 1s`; Darknet:
`957: 0.660188, 0.689227 avg loss, 0.000839 rate, 3.3 seconds, 61248 images`.
"""

from __future__ import annotations

import re

from trainwright.job.parsers.context import Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame
from trainwright.job.parsers.numbers import NUMBER, SPECIAL, to_int

_LINE = re.compile(r"\s*(\d{1,9}):\s+(?=(?:learn|test\d*): )")
_VALUE = re.compile(rf"\b(learn|test)(\d*): ({NUMBER}|{SPECIAL})(?=\s|$)")


_DARKNET = re.compile(
    rf"\s*(\d{{1,9}}): {NUMBER}, ({NUMBER}|-?nan) avg loss, ({NUMBER}) rate, .{{0,200}}"
)


def read(text: str, _context: Context) -> Draft | None:
    """The loss function's value on the training and on each evaluation set."""
    if match := _DARKNET.fullmatch(text):
        points = {"train/loss": float(match[2]), "lr": float(match[3])}
        return Draft(Frame(step=to_int(match[1])), points)
    match = _LINE.match(text)
    if match is None:
        return None
    draft = Draft(Frame(step=to_int(match[1])))
    for which, index, value in _VALUE.findall(text):
        name = "train/loss" if which == "learn" else f"test/loss_{index}".removesuffix("_")
        draft.points.setdefault(name.removesuffix("_0"), float(value))
    return draft
