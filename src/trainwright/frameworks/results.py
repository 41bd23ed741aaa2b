"""Reading what a trainer measured of its own model: it is a stranger's file."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from trainwright.spec import ClassScores, Confusion, MetricSummary, RunDir
from trainwright.spec.rundir import TrainerResult


def read_result(run: RunDir) -> TrainerResult:
    """`result.json` in the one shape.

    A metric may be written as a bare number, its final and best value. A file that cannot be used
    is left out whole, with a note: how a run ended must not hang on what its trainer wrote.

    Returns:
        What was measured; empty when there is no such file.
    """
    try:
        result = TrainerResult.model_validate_json(run.result.read_bytes())
        result.metrics = {name: _summary(value) for name, value in result.metrics.items()}
        for row in result.per_class or []:
            ClassScores.model_validate(row)
        if result.confusion is not None:
            Confusion.model_validate(result.confusion)
    except FileNotFoundError:
        return TrainerResult()
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        return _unusable(f"{place}: {fault['msg']}" if place else str(fault["msg"]))
    except OSError as error:
        return _unusable(error.strerror or str(error))
    return result


def _summary(value: Any) -> dict[str, Any]:
    fields = value if isinstance(value, dict) else {"final": value, "best": value}
    return MetricSummary.model_validate(fields).model_dump()


def _unusable(why: str) -> TrainerResult:
    return TrainerResult(notes=[f"result.json is left out, it cannot be used: {why}"])
