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
from collections.abc import Iterator, Mapping
from math import isinf, isnan
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
    for part in _parts({**(metrics or {}), **more}):
        _emit("metrics", metrics=part, step=step, epoch=epoch)


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


def _parts(metrics: Mapping[str, SupportsFloat]) -> Iterator[dict[str, SupportsFloat]]:
    """The metrics in portions that fit a line each."""
    part: dict[str, SupportsFloat] = {}
    room = LINE_BYTES
    for name, value in metrics.items():
        size = 12 * len(name) + 32  # at most: JSON escapes some characters as surrogate pairs
        if part and size > room:
            yield part
            part, room = {}, LINE_BYTES
        part[name] = value
        room -= size
    if part:
        yield part


def _emit(kind: str, *, metrics: Mapping[str, SupportsFloat] | None = None, **fields: Any) -> None:
    record: dict[str, Any] = {"kind": kind}
    if metrics is not None:
        record["metrics"] = {name: _plain(value) for name, value in metrics.items()}
    record |= {name: value for name, value in fields.items() if value is not None}
    line = f"{PREFIX}{_encode(record)}\n"
    with _lock:  # one write a line, so that lines of threads stay whole
        sys.stdout.write(line)
        sys.stdout.flush()


def _plain(value: SupportsFloat) -> float | str:
    try:
        number = float(value)
    except TypeError:  # numpy and torch convert no one-element array by themselves
        number = float(getattr(value, "item", lambda: value)())
    if isnan(number):
        return "NaN"
    if isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


_encode = json.JSONEncoder(default=_plain).encode  # made once: json.dumps would make it each time
