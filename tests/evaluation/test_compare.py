"""Two results, side by side."""

from __future__ import annotations

import math

from trainwright.evaluation import compare
from trainwright.spec import ClassScores, Result
from trainwright.spec.result import MetricSummary


def result(run_id: str, dataset: str = "digits", **metrics: float) -> Result:
    return Result(
        run_id=run_id,
        name=run_id,
        status="completed",
        model="builtin/lenet5",
        dataset=dataset,
        metrics={k.replace("__", "/"): MetricSummary(final=0, best=v) for k, v in metrics.items()},
        per_class=[ClassScores(name="0", precision=1, recall=1, f1=metrics["f"], support=3)]
        if "f" in metrics
        else None,
    )


def test_verdicts_know_which_way_is_better() -> None:
    found = compare(
        result("a", test__accuracy=0.9, val__loss=0.5, lr=0.1),
        result("b", test__accuracy=0.95, val__loss=0.7, lr=0.2, extra=1),
    )
    assert {d.name: d.verdict for d in found.metrics} == {
        "test/accuracy": "better",
        "val/loss": "worse",
        "lr": "unknown",
    }
    assert found.only_second == ["extra"]
    assert found.only_first == []
    assert found.same_data


def test_equal_and_not_a_number() -> None:
    found = compare(
        result("a", train__loss=1, val__loss=1), result("b", train__loss=1, val__loss=math.nan)
    )
    assert [d.verdict for d in found.metrics] == ["equal", "unknown"]
    assert '"NaN"' in found.model_dump_json()


def test_classes_are_compared_by_f1() -> None:
    found = compare(result("a", f=0.5), result("b", "mnist", f=0.75))
    assert [(d.name, d.change, d.verdict) for d in found.classes] == [("0/f1", 0.25, "better")]
    assert not found.same_data
