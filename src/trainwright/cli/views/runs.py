"""Runs in a list, one run in full, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
_SHORTEST = 8


def run_table(runs: Sequence[RunView], width: int = 100) -> Table:
    """Runs, one a line; model, dataset and progress only where there is room."""
    roomy = width >= _ROOMY
    fixed = {
        "run": [run.id for run in runs],
        "status": [_status(run, roomy=roomy) for run in runs],
        "measured": [_headline_metric(run) for run in runs],
        "age": [age(run.created_at) for run in runs],
    }
    names = ("run", "name", "status", *(("model", "dataset") if roomy else ()), "measured", "age")
    taken = sum(max(map(len, [name, *cells])) + 2 for name, cells in fixed.items())
    cut = len(names) - len(fixed)
    most = max(_SHORTEST, (width - taken) // cut - 2)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        # what is cut can still be told by the run's id
        table.add_column(name, no_wrap=True, max_width=None if name in fixed else most)
    for run, run_id, status, measured, old in zip(runs, *fixed.values(), strict=True):
        about = (Text(run.model), Text(run.dataset or "–")) if roomy else ()
        state = Text(status, style=STYLES.get(run.status, "blue"))
        cells = (Text(run_id), Text(run.name), state, *about, Text(measured))
        table.add_row(*cells, Text(old, style="dim"))
    return table


def _status(run: RunView, *, roomy: bool) -> str:
    moving = roomy and run.progress and not run.status.is_terminal
    where = place(run.progress) if moving and run.progress else ""
    return f"{run.status} ({where})" if where else str(run.status)


def _headline_metric(run: RunView) -> str:
    for name in _HEADLINE:
        if name in run.metrics:
            return f"{name.partition('/')[2]} {number(run.metrics[name])}"
    return "–"


def run_view(
    run: RunDetail,
    result: Result,
    checkpoints: Sequence[CheckpointView],
    width: int,
    folder: Path | None = None,
) -> RenderableType:
    head = Text.assemble((run.name, "bold"), f"  {run.id}  attempt {run.attempt}")
    parts: list[RenderableType] = [head]
    if run.sentence:
        parts.append(Text(f"“{run.sentence}”", style="italic"))
    if run.reason and not (result.error and result.error.message == run.reason):
        parts.append(Text(run.reason, style="dim"))
    spec = RunSpec.model_validate(run.spec)
    parts += [Text(), spec_table(spec, run.provenance, run.reasons, width)]
    if run.report:
        parts += [Text(), data_report(run.report)]
    parts += [Text(), result_view(result, width, folder=folder)]
    if checkpoints:
        parts += [Text(), _checkpoints(checkpoints)]
    return Group(*parts)


def _checkpoints(checkpoints: Sequence[CheckpointView]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("checkpoint", "step", "size", ""):
        table.add_column(name, justify="right" if name in ("step", "size") else "left")
    newest = {c.path: c for c in checkpoints}  # a file that is written again is listed once
    for c in newest.values():
        step = "–" if c.step is None else str(c.step)
        table.add_row(Text(c.path), step, size(c.size), Text("best" if c.is_best else ""))
    return table


def diagnosis_view(diagnosis: Diagnosis) -> RenderableType:
    parts: list[RenderableType] = [Text(diagnosis.summary, style="bold")]
    told: set[str] = set()
    for finding in diagnosis.findings:
        # the summary has told the worst one
        if finding.message not in diagnosis.summary:
            parts.append(Text(f"• {finding.message}", style=SEVERITY_STYLES[finding.severity]))
        parts += [Text(f"    {line}", style="dim") for line in finding.evidence if line not in told]
        if finding.mend and finding.mend not in told:
            parts.append(Text(f"    {remedy(finding.mend)}"))
        if finding.command and finding.command not in told | {finding.mend}:
            parts.append(Text(f"    {remedy(finding.command)}", style="cyan"))
        told |= {*finding.evidence, finding.mend or "", finding.command or ""}
    return Group(*parts)
