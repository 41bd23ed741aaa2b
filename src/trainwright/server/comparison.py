"""Runs side by side: settings, provenance and metrics, each only as far as it tells something."""

from __future__ import annotations

from collections.abc import Sequence

from trainwright.evaluation.differing import differing, origin_of, settings_of
from trainwright.server.run_views import run_origin, run_result
from trainwright.settings import Home
from trainwright.spec.api import RunComparison
from trainwright.spec.api.comparing import ComparedRun
from trainwright.store.models import Run


def compared(home: Home, runs: Sequence[Run]) -> RunComparison:
    """What differs between runs, in their order."""
    results = [run_result(run, []) for run in runs]
    metrics = dict.fromkeys(name for result in results for name in result.metrics)
    return RunComparison(
        runs=[ComparedRun.of(run) for run in runs],
        settings=differing([settings_of(run.spec) for run in runs]),
        provenance=differing([origin_of(run_origin(home, run.id)) for run in runs]),
        metrics={
            name: [
                result.metrics[name].best if name in result.metrics else None for result in results
            ]
            for name in metrics
        },
    )
