"""Defaults that follow the data and the machine, once both are known."""

from __future__ import annotations

from collections.abc import Mapping

from trainwright import catalog, planner
from trainwright.catalog.fit import Fitted
from trainwright.catalog.reasons import reason
from trainwright.datasets.checks.report import Report
from trainwright.spec import RunSpec
from trainwright.targets.base import CanDescribe, Target


def fit(
    spec: RunSpec, provenance: Mapping[str, str], report: Report | None, target: Target
) -> Fitted:
    """Make defaults suit the size of the data and the target's memory; what a person chose stays.

    Args:
        spec: A completed spec.
        provenance: Who chose each field.
        report: What the data was found to be; `None` where there is none to look at.
        target: Where it will run.
    """
    fitted = Fitted(spec=spec, reasons={})
    if report is not None:
        samples = sum(report.samples.values())
        fitted = catalog.fit_to_data(spec, provenance, samples, median_side=report.median_side)
    if not isinstance(target, CanDescribe):
        return fitted
    device = target.device(spec.resources.gpus)
    smaller, batch = planner.fit_batch(fitted.spec, provenance, device)
    if batch is None:
        return fitted
    why = reason("batch_of_memory", "en", batch=batch, device=device.name)
    names = ("batch_size", "gradient_accumulation")
    changed = [name for name in names if getattr(smaller, name) != getattr(fitted.spec, name)]
    return Fitted(spec=smaller, reasons=fitted.reasons | dict.fromkeys(changed, why))
