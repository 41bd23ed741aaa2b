"""Tell the platform exactly what happens, from any training script; standard library only.

Every call prints one line that the agent beside the process reads. Without an agent the line is
just a line, so a script needs no switch.

    from trainwright.job import report

    report.log(step=10, epoch=1, **{"train/loss": 0.31, "lr": 1e-3})
    report.checkpoint("checkpoints/last.pt", step=10)
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii as _quoted
from math import isfinite, isnan
from threading import Lock
from typing import Any, Literal, SupportsFloat

PREFIX = "::trainwright:: "
LINE_BYTES = 16_384
"""Metrics beyond this go into a further line; of a line twice as long, the agent reads no more."""

_lock = Lock()


def log(
    metrics: Mapping[str, SupportsFloat] | None = None,
    /,
    *,
    step: int | None = None,
    epoch: float | None = None,
    **more: SupportsFloat,
) -> None:
    """Report metric values.

    Args:
        metrics: By name; numbers, or one-element numpy arrays or torch tensors. NaN is allowed.
        step: Optimizer step the values belong to.
        epoch: Epoch they belong to; fractions are fine.
        **more: Further metrics whose names are Python names.

    Raises:
        TypeError: A value is no number.
    """
    place = "" if step is None else f', "step": {_written(step)}'
    if epoch is not None:
        place += f', "epoch": {_written(epoch)}'
    values: list[str] = []
    room = LINE_BYTES
    for name, value in ({**metrics, **more} if metrics else more).items():
        text = f"{_quoted(name)}: {_plain(value)}"
        room -= len(text) + 2
        if room < 0 and values:
            _print(f'"kind": "metrics", "metrics": {{{", ".join(values)}}}{place}')
            values, room = [], LINE_BYTES - len(text)
        values.append(text)
    if values:
        _print(f'"kind": "metrics", "metrics": {{{", ".join(values)}}}{place}')


def progress(
    *,
    epoch: int | None = None,
    epochs: int | None = None,
    step: int | None = None,
    total: int | None = None,
    eta_seconds: float | None = None,
    phase: Literal["batch", "epoch"] = "batch",
    metrics: Mapping[str, SupportsFloat] | None = None,
) -> None:
    """Report how far training has come; `step` and `total` count over the whole run."""
    _emit(
        "progress",
        metrics=metrics or {},
        phase=phase,
        epoch=epoch,
        epochs=epochs,
        step=step,
        total=total,
        eta_seconds=eta_seconds,
    )


def checkpoint(
    path: str | os.PathLike[str],
    *,
    step: int | None = None,
    epoch: float | None = None,
    metrics: Mapping[str, SupportsFloat] | None = None,
    is_best: bool = False,
) -> None:
    """Report a checkpoint that is completely written (a file or a folder)."""
    _emit(
        "checkpoint",
        metrics=metrics or {},
        path=os.fspath(path),
        step=step,
        epoch=epoch,
        is_best=is_best,
    )


def resumed(step: int) -> None:
    """Report that training goes on after `step`: points of earlier attempts beyond it are void."""
    _emit("resumed", step=step)


def note(text: str) -> None:
    """Report something a person should read."""
    _emit("note", text=text)


def _emit(kind: str, *, metrics: Mapping[str, SupportsFloat] | None = None, **fields: Any) -> None:
    said = [f'"kind": "{kind}"']
    if metrics is not None:
        values = [f"{_quoted(name)}: {_plain(value)}" for name, value in metrics.items()]
        said.append(f'"metrics": {{{", ".join(values)}}}')
    said += [f'"{name}": {_written(v)}' for name, v in fields.items() if v is not None]
    _print(", ".join(said))


def _print(fields: str) -> None:
    line = f"{PREFIX}{{{fields}}}\n"
    with _lock:  # one write a line, so that lines of threads stay whole
        sys.stdout.write(line)
        sys.stdout.flush()


def _written(value: Any) -> str:
    return str(value) if type(value) is int else _encode(value)


def _plain(value: SupportsFloat) -> str:
    """A value as JSON."""
    try:
        number = float(value)
    except TypeError:  # numpy and torch convert no one-element array by themselves
        number = float(getattr(value, "item", lambda: value)())
    if isfinite(number):
        return repr(number)
    return '"NaN"' if isnan(number) else '"Infinity"' if number > 0 else '"-Infinity"'


def _number(value: Any) -> float | str:
    """What a field may be that JSON does not know, such as a number of numpy's."""
    number: float | str = json.loads(_plain(value))
    return number


_encode = json.JSONEncoder(default=_number).encode  # made once: json.dumps would make it each time
