"""Everything that a diagnosis looks at, read once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trainwright.server.diagnosis.wording import Language
from trainwright.spec.events import AlertEvent, Vitals, VitalsEvent
from trainwright.store import Database
from trainwright.store.models import AlertRow, Run
from trainwright.store.repositories import AlertQuery, Alerts, CurveQuery, Events, Metrics, Point
from trainwright.telemetry.alerts.losses import is_loss

_ALERTS = 200
_VITALS = 200
_BUCKETS = 200
_CURVES = 12
_QUALITY = ("accuracy", "map50", "miou", "f1_macro")


@dataclass(frozen=True)
class Case:
    """A run and what it left.

    Attributes:
        run: Its row.
        language: Of the words to be found.
        said: The `alert` events of its stream, newest first.
        alerts: Alerts by id.
        curves: Points of its losses and main scores, by name; those without a value are left out.
        vitals: The last samples of its machine, oldest first.
    """

    run: Run
    language: Language
    said: list[AlertEvent] = field(default_factory=list)
    alerts: Mapping[str, AlertRow] = field(default_factory=dict)
    curves: Mapping[str, list[Point]] = field(default_factory=dict)
    vitals: list[Vitals] = field(default_factory=list)

    @property
    def spec(self) -> Mapping[str, Any]:
        return self.run.spec

    def rules(self) -> dict[str, AlertRow]:
        """The newest alert of each rule in the present attempt."""
        ordered = sorted(self.alerts.values(), key=lambda alert: alert.opened_at)
        return {alert.rule: alert for alert in ordered if alert.attempt == self.run.attempt}

    def pair(self, measure: str) -> tuple[list[Point], list[Point]]:
        """The training and the validation curve of a measure."""
        return self.curves.get(f"train/{measure}", []), self.curves.get(f"val/{measure}", [])

    def train_loss(self) -> tuple[str, list[Point]]:
        """The name and the curve of what is trained on."""
        for name in ("train/loss", "loss"):
            if self.curves.get(name):
                return name, self.curves[name]
        losses = [name for name in self.curves if is_loss(name) and not name.startswith("val")]
        return (losses[0], self.curves[losses[0]]) if losses else ("train/loss", [])


def open_case(database: Database, run: Run, language: Language) -> Case:
    """Read what there is of a run."""
    with database.session(write=False) as session:
        events = Events(session)
        said = events.newest(run.id, "alert", _ALERTS)
        samples = events.newest(run.id, "vitals", _VITALS)
        rows = Alerts(session).list(AlertQuery(run_id=run.id, limit=_ALERTS)).items
        metrics = Metrics(session)
        wanted = _worth_reading(series.name for series in metrics.summaries(run.id))
        query = CurveQuery(names=wanted, buckets=_BUCKETS)
        curves = dict(metrics.page(run.id, query).curves) if wanted else {}
    return Case(
        run=run,
        language=language,
        said=[event for event in said if isinstance(event, AlertEvent)],
        alerts={shown.row.id: shown.row for shown in rows},
        curves={
            name: [point for point in points if math.isfinite(point.value)]
            for name, points in curves.items()
        },
        vitals=[event.data for event in reversed(samples) if isinstance(event, VitalsEvent)],
    )


def _worth_reading(names: Iterable[str]) -> list[str]:
    """Losses and main scores, training and validation first."""
    found = [name for name in names if is_loss(name) or name.rpartition("/")[2] in _QUALITY]
    found.sort(key=lambda name: (name.partition("/")[0] not in ("train", "val"), name))
    return found[:_CURVES]
