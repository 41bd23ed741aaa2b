"""What a run used of its machine, as so many points as a chart can show."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from statistics import fmean

from trainwright.spec.api import ResourcePoint, ResourcesView
from trainwright.spec.events import Vitals, VitalsEvent
from trainwright.store import Database
from trainwright.store.repositories import Events

_OVERSAMPLED = 8
"""Samples that are read for a point, at most; a long run has many more."""


def resources_of(database: Database, run_id: str, points: int) -> ResourcesView:
    """The run's vitals, folded into at most so many points."""
    with database.session(write=False) as session:
        events = Events(session)
        places = events.places(run_id, "vitals")
        chosen = _spread(places, points * _OVERSAMPLED)
        found = [e for e in events.at(run_id, chosen) if isinstance(e, VitalsEvent)]
    samples = [(event.timestamp, event.data) for event in found]
    return ResourcesView(
        run_id=run_id,
        samples=len(places),
        points=[_point(part) for part in _parts(samples, points)],
    )


def _spread(places: Sequence[int], most: int) -> list[int]:
    """At most so many of them, evenly spread, the last one among them."""
    if len(places) <= most:
        return list(places)
    return [places[(n + 1) * len(places) // most - 1] for n in range(most)]


def _parts(
    samples: Sequence[tuple[datetime, Vitals]], most: int
) -> list[Sequence[tuple[datetime, Vitals]]]:
    if len(samples) <= most:
        return [samples[n : n + 1] for n in range(len(samples))]
    edges = [n * len(samples) // most for n in range(most + 1)]
    return [samples[start:end] for start, end in itertools.pairwise(edges)]


def _point(part: Sequence[tuple[datetime, Vitals]]) -> ResourcePoint:
    vitals = [sample for _, sample in part]
    gpus = [gpu for sample in vitals for gpu in sample.gpus]
    used = [gpu.memory_used_gb for gpu in gpus if gpu.memory_used_gb is not None]
    totals = [gpu.memory_total_gb for gpu in gpus if gpu.memory_total_gb is not None]
    free = [v.disk_free_gb for v in vitals if v.disk_free_gb is not None]
    return ResourcePoint(
        at=part[-1][0],
        samples=len(part),
        cpu_percent=fmean(v.cpu_percent for v in vitals),
        cpu_percent_max=max(v.cpu_percent for v in vitals),
        memory_gb=fmean(v.memory_gb for v in vitals),
        memory_gb_max=max(v.memory_gb for v in vitals),
        host_cpu_percent=_mean([v.host_cpu_percent for v in vitals]),
        host_memory_percent=_mean([v.host_memory_percent for v in vitals]),
        disk_free_gb=min(free, default=None),
        gpu_percent=_mean([gpu.utilization for gpu in gpus]),
        gpu_memory_gb=max(used, default=None),
        gpu_memory_total_gb=max(totals, default=None),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
