"""Lines that `trainwright.job.report` prints."""

from __future__ import annotations

import json
from typing import Any

from trainwright.job.parsers.items import Parsed, ParsedMetric, Points, Progress, Report
from trainwright.job.parsers.numbers import to_float, whole
from trainwright.job.parsers.patterns import standard_name
from trainwright.job.report import PREFIX


def read_report(text: str, end: int) -> list[Parsed] | None:
    """What a report line says; `None` where there is none, nothing where it is broken."""
    start = text.find(PREFIX)
    if start < 0:
        return None
    try:
        data = json.loads(text[start + len(PREFIX) :])
    except (ValueError, RecursionError):
        return []
    return _items(data, end) if isinstance(data, dict) else []


def _items(data: dict[str, Any], end: int) -> list[Parsed]:
    metrics = _metrics(data.get("metrics"))
    step, epoch = _count(data.get("step")), _number(data.get("epoch"))
    match data.get("kind"):
        case "metrics" if metrics:
            points = (ParsedMetric(name, value, step, epoch) for name, value in metrics.items())
            return [Points(end, tuple(points))]
        case "progress":
            return [
                Progress(
                    end,
                    phase="epoch" if data.get("phase") == "epoch" else "batch",
                    epoch=_count(data.get("epoch")),
                    epochs=_count(data.get("epochs")),
                    step=step,
                    total=_count(data.get("total")),
                    eta_seconds=_number(data.get("eta_seconds")),
                    metrics=metrics,
                )
            ]
        case "checkpoint" if isinstance(path := data.get("path"), str) and path:
            where = {"path": path, "step": step, "epoch": epoch}
            found = where | {"metrics": metrics, "is_best": data.get("is_best") is True}
            return [Report(end, "checkpoint", found)]
        case "resumed" if step is not None:
            return [Report(end, "resumed", {"step": step})]
        case "note" if isinstance(note := data.get("text"), str) and note:
            return [Report(end, "note", {"text": note})]
    return []


def _metrics(given: Any) -> dict[str, float]:
    if not isinstance(given, dict):
        return {}
    pairs = ((standard_name(name), _number(value)) for name, value in given.items() if name.strip())
    return {name: value for name, value in pairs if value is not None}


def _number(given: Any) -> float | None:
    if isinstance(given, str):
        return to_float(given)
    if isinstance(given, bool) or not isinstance(given, int | float) or abs(given) > 1e308:
        return None
    return float(given)


def _count(given: Any) -> int | None:
    return whole(_number(given))
