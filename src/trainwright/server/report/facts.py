"""Everything a report tells of a run, gathered once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trainwright.server.diagnosis import Language, diagnose
from trainwright.server.run_views import run_origin, run_result, run_view
from trainwright.server.sharing.discretion import Discretion
from trainwright.settings import Home
from trainwright.spec.api import Finding, RunView
from trainwright.spec.events import utc_now
from trainwright.spec.metrics import better_is
from trainwright.spec.result import Result
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import CurveQuery, Metrics, Point

BUCKETS = 300
_MOST_CURVES = 200

Curves = dict[str, list[Point]]


@dataclass(frozen=True)
class Facts:
    """What a report is made of.

    Attributes:
        run: The run as the API shows it, without places and secrets.
        spec: Its settings, likewise.
        provenance: Who chose them.
        reasons: And why.
        curves: What was measured, folded.
        result: What came out.
        summary: How it is, in a line.
        findings: What is wrong with it, the worst first.
        origin: What it was made of, without places and secrets.
        made_at: When this was gathered.
    """

    run: RunView
    spec: dict[str, Any]
    provenance: dict[str, str]
    reasons: dict[str, str]
    curves: Curves
    result: Result
    summary: str
    findings: list[Finding]
    origin: dict[str, Any]
    made_at: datetime


def gather(database: Database, home: Home, run: Run, language: Language) -> Facts:
    """The facts of a run.

    A report is made to be given away: it names no place of this machine's disks and no secret.
    """
    clean = Discretion(run, home.path)
    diagnosis = diagnose(database, run, language)
    view, result = run_view(run), run_result(run, [])
    error = clean.error(run.error, with_log=True)
    shown = {"model": clean.value(run.model), "dataset": clean.value(run.dataset), "error": error}
    said = {"sentence": clean.text(run.sentence or ""), "notes": clean.text(run.notes or "")}
    return Facts(
        run=view.model_copy(update=shown | said),
        spec=clean.value(run.spec),
        provenance=dict(run.provenance),
        reasons=clean.value(run.reasons),
        curves=_curves(database, run.id),
        result=result.model_copy(update={"error": error}),
        summary=clean.text(diagnosis.summary),
        findings=[_finding(found, clean) for found in diagnosis.findings],
        origin=clean.value(_told(run_origin(home, run.id))),
        made_at=utc_now(),
    )


def headlines(curves: Curves, most: int) -> list[str]:
    """The metrics a person looks at first: how good it is, and its loss."""
    splits = ("val", "test", "train", "")
    judged = [name for name in curves if better_is(name)] or list(curves)

    def rank(name: str) -> tuple[int, bool, str]:
        split = name.partition("/")[0]
        place = splits.index(split) if split in splits else len(splits)
        return place, better_is(name) != "greater", name

    return sorted(judged, key=rank)[:most]


def best_of(name: str, points: Sequence[Point]) -> Point | None:
    """Where a metric was best; None where nobody knows which way that is."""
    known = [point for point in points if point.value == point.value]
    if not known or better_is(name) is None:
        return None
    if better_is(name) == "smaller":
        return min(known, key=lambda point: point.minimum)
    return max(known, key=lambda point: point.maximum)


def _curves(database: Database, run_id: str) -> Curves:
    found: Curves = {}
    cursor: str | None = None
    with database.session(write=False) as session:
        while len(found) < _MOST_CURVES:
            page = Metrics(session).page(run_id, CurveQuery(buckets=BUCKETS, cursor=cursor))
            for name, points in page.curves:
                found.setdefault(name, []).extend(points)
            cursor = page.next_cursor
            if cursor is None:
                break
    return found


def _finding(found: Finding, clean: Discretion) -> Finding:
    return found.model_copy(
        update={
            "message": clean.text(found.message),
            "mend": clean.text(found.mend) if found.mend else None,
            "evidence": [clean.text(line) for line in found.evidence],
        }
    )


def _told(origin: dict[str, Any]) -> dict[str, Any]:
    """Of a provenance what says nothing of the machine's folders."""
    return {name: value for name, value in origin.items() if name not in ("cwd", "spec")}
