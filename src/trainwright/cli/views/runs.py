"""Runs in a list, one run in full, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.phrases import SEVERITY_STYLES, STYLES, place
from trainwright.api.panel.words import age, number, size
from trainwright.cli.program import remedy
from trainwright.cli.views.datasets import data_report
from trainwright.cli.views.result import result_view
from trainwright.cli.views.spec import spec_table
from trainwright.spec import Result, RunSpec
from trainwright.spec.api import CheckpointView, Diagnosis, RunDetail, RunView

_HEADLINE = ("test/accuracy", "val/accuracy", "val/map50_95", "val/miou", "val/loss", "train/loss")
_ROOMY = 120


def run_table(runs: Sequence[RunView], width: int = 100) -> Table:
    """Runs, one a line; model and dataset only where there is room, as names tell them."""
    roomy = width >= _ROOMY
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("run", "name", "status", *(("model", "dataset") if roomy else ()), "measured"):
        table.add_column(name, no_wrap=name in ("run", "measured"), overflow="fold")
    table.add_column("age", no_wrap=True, style="dim")
    for run in runs:
        about = (Text(run.model), Text(run.dataset or "–")) if roomy else ()
        table.add_row(
            Text(run.id),
            Text(run.name),
            Text(_status(run), style=STYLES.get(run.status, "blue")),
            *about,
            Text(_headline_metric(run)),
            age(run.created_at),
        )
    return table


def _status(run: RunView) -> str:
    where = place(run.progress) if run.progress and not run.status.is_terminal else ""
    return f"{run.status} ({where})" if where else str(run.status)


def _headline_metric(run: RunView) -> str:
    for name in _HEADLINE:
        if name in run.metrics:
            return f"{name.partition('/')[2]} {number(run.metrics[name])}"
    return "–"


def run_view(
    run: RunDetail, result: Result, checkpoints: Sequence[CheckpointView], width: int
) -> RenderableType:
    head = Text.assemble((run.name, "bold"), f"  {run.id}  attempt {run.attempt}")
    parts: list[RenderableType] = [head]
    if run.sentence:
        parts.append(Text(f"“{run.sentence}”", style="italic"))
    if run.reason:
        parts.append(Text(run.reason, style="dim"))
    spec = RunSpec.model_validate(run.spec)
    parts += [Text(), spec_table(spec, run.provenance, run.reasons)]
    if run.report:
        parts += [Text(), data_report(run.report)]
    parts += [Text(), result_view(result, width)]
    if checkpoints:
        parts += [Text(), _checkpoints(checkpoints)]
    return Group(*parts)


def _checkpoints(checkpoints: Sequence[CheckpointView]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("checkpoint", "step", "size", ""):
        table.add_column(name, justify="right" if name in ("step", "size") else "left")
    for c in checkpoints:
        step = "–" if c.step is None else str(c.step)
        table.add_row(Text(c.path), step, size(c.size), Text("best" if c.is_best else ""))
    return table


def diagnosis_view(diagnosis: Diagnosis) -> RenderableType:
    parts: list[RenderableType] = [Text(diagnosis.summary, style="bold")]
    for finding in diagnosis.findings:
        # the summary has told the worst one
        if finding.message not in diagnosis.summary:
            parts.append(Text(f"• {finding.message}", style=SEVERITY_STYLES[finding.severity]))
        parts += [Text(f"    {line}", style="dim") for line in finding.evidence]
        if finding.mend:
            parts.append(Text(f"    {remedy(finding.mend)}"))
    return Group(*parts)
