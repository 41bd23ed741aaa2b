"""What came out of a run: metrics, scores per class, the confusion matrix, artifacts."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import duration, number, size
from trainwright.cli.program import remedy
from trainwright.frameworks import registry
from trainwright.frameworks.base import CanExport, CanPredict
from trainwright.job.report import PREFIX
from trainwright.spec import (
    Artifact,
    ClassScores,
    Confusion,
    Result,
    RunError,
    RunSpec,
    RunStatus,
    TrainwrightError,
    shown,
)

_MAX_CLASSES = 30
_TAIL = 10
_LABEL = 14
_NAME = 40


def result_view(
    result: Result, width: int = 80, *, told: Container[str] = (), folder: Path | None = None
) -> RenderableType:
    """The whole result, as much as there is of it.

    Args:
        result: What came out.
        width: Columns there are.
        told: Lines about its error that the reader has seen already.
        folder: Where its files are, if they are on this machine.
    """
    parts: list[RenderableType] = [_headline(result)]
    if result.error:
        parts += _error(result.error, told)
    if tested := _tested(result):
        parts += [Text(), measures(tested)]
    parts += scores_parts(result.per_class, result.confusion, width)
    if result.artifacts:
        parts += [Text(), artifact_table(result.artifacts)]
        if folder is not None:
            parts.append(Text(f"in {folder}", style="dim", overflow="fold"))
    return Group(*parts)


def scores_parts(
    per_class: Sequence[ClassScores] | None, confusion: Confusion | None, width: int
) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if per_class:
        parts += [Text(), class_table(per_class)]
    if confusion:
        parts += [Text(), confusion_view(confusion, width)]
    return parts


def _headline(result: Result) -> Text:
    style = "green" if result.status == RunStatus.COMPLETED else "yellow"
    style = "red" if result.status == RunStatus.FAILED else style
    text = Text.assemble((f"{result.status} ", f"bold {style}"), (result.name, "bold"))
    text.append(f"  {result.model} on {result.dataset or '–'}", style="dim")
    if result.duration_seconds is not None:
        text.append(f"  in {duration(result.duration_seconds)}", style="dim")
    return text


def _error(error: RunError, told: Container[str]) -> Iterator[RenderableType]:
    if error.message not in told:
        yield Text(error.message, style="red")
    if error.hint and error.hint not in told:
        yield Text(remedy(error.hint))
    lines = [line for line in error.log_tail if not line.startswith(PREFIX)]
    yield from (Text(f"  {line}", style="dim") for line in lines[-_TAIL:] if line not in told)


def _tested(result: Result) -> dict[str, float]:
    """Held-out figures first; without any, the best of validation, then of training."""
    for split in ("test/", "val/", "train/"):
        found = {n: m for n, m in result.metrics.items() if n.startswith(split)}
        if found:
            return {n: m.final if split == "test/" else m.best for n, m in found.items()}
    return {}


def measures(values: Mapping[str, float]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(justify="right", style="bold")
    for name, value in values.items():
        table.add_row(name, number(value))
    return table


def class_table(scores: Sequence[ClassScores]) -> Table:
    """Precision, recall and F1 of each class; the weakest ones when there are very many."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("class", no_wrap=True, max_width=_NAME)
    for name in ("precision", "recall", "F1", "samples"):
        table.add_column(name, justify="right")
    listed = list(scores)
    if len(listed) > _MAX_CLASSES:
        listed = sorted(listed, key=lambda s: s.f1)[:_MAX_CLASSES]
        table.caption = f"the {_MAX_CLASSES} weakest of {len(scores)} classes"
    for s in listed:
        figures = [f"{v:.3f}" for v in (s.precision, s.recall, s.f1)]
        table.add_row(Text(shown(s.name)), *figures, str(s.support))
    return table


def confusion_view(confusion: Confusion, width: int = 80) -> RenderableType:
    """The matrix, mistakes coloured; when it is too wide, the commonest mistakes as a list."""
    labels, matrix = [shown(label) for label in confusion.labels], confusion.matrix
    digits = max((len(str(n)) for row in matrix for n in row), default=1)
    cell = max(digits, min(_LABEL, max(map(len, labels), default=1)))
    cell = cell if _LABEL + len(labels) * (cell + 2) <= width else digits
    if _LABEL + len(labels) * (cell + 2) > width:
        return commonest_mistakes(confusion)
    table = Table(box=None, padding=(0, 0, 0, 2), header_style="dim")
    table.add_column("", no_wrap=True, max_width=_LABEL)
    for label in labels:
        table.add_column(Text(label[:cell]), justify="right", no_wrap=True)
    for i, row in enumerate(matrix):
        worst = max((n for j, n in enumerate(row) if j != i), default=0)
        cells = [_cell(n, diagonal=i == j, worst=worst) for j, n in enumerate(row)]
        table.add_row(Text(labels[i][:_LABEL], style="dim"), *cells)
    return Group(Text("confusion (row: true class, column: predicted)", style="dim"), table)


def _cell(count: int, *, diagonal: bool, worst: int) -> Text:
    if diagonal:
        return Text(str(count), style="bold green")
    if count == 0:
        return Text("·", style="dim")
    return Text(str(count), style="red" if count == worst and count > 1 else "yellow")


def commonest_mistakes(confusion: Confusion, limit: int = 10) -> Table:
    pairs = [
        (count, shown(confusion.labels[i]), shown(confusion.labels[j]))
        for i, row in enumerate(confusion.matrix)
        for j, count in enumerate(row)
        if i != j and count
    ]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("true class", "taken for", "times"):
        table.add_column(name, justify="right" if name == "times" else "left")
    for count, true, predicted in sorted(pairs, reverse=True)[:limit]:
        table.add_row(Text(true), Text(predicted), str(count))
    return table


def artifact_table(artifacts: Sequence[Artifact]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("artifact", overflow="fold")
    table.add_column("size", justify="right")
    for artifact in artifacts:
        table.add_row(Text(artifact.path), size(artifact.bytes))
    return table


def next_commands(result: Result, *, platform_stays: bool = False) -> list[tuple[str, str]]:
    """What to try next, and can: (command, what it does)."""
    run = result.run_id
    if result.status == RunStatus.COMPLETED:
        up = ("trainwright up", "keep the platform running, with its web app")
        return [
            *_uses(result),
            (f"trainwright runs show {run}", "everything about the run"),
            (f"trainwright open {run}", "the same in a browser"),
            *([] if platform_stays else [up]),
        ]
    if result.error is not None and result.error.is_request_fault:
        return _corrections(result)
    again = "go on from the last checkpoint" if result.best_checkpoint else "try it once more"
    resume = (f"trainwright runs resume {run}", again)
    if result.status != RunStatus.FAILED:
        return [resume, (f"trainwright runs show {run}", "everything about the run")]
    return [(f"trainwright runs diagnose {run}", "what went wrong, and what to do"), resume]


def _uses(result: Result) -> Iterator[tuple[str, str]]:
    """What the framework of the model can do with it."""
    try:
        adapter = registry.get(RunSpec(model=result.model).framework)
    except (ImportError, RuntimeError, ValueError, TrainwrightError):
        return  # a plug-in that only the platform's machine has
    if isinstance(adapter, CanPredict):
        yield f"trainwright predict {result.run_id} IMAGE…", "use the model"
    if isinstance(adapter, CanExport):
        kind = "onnx" if "onnx" in adapter.formats else adapter.formats[0]
        yield f"trainwright export {result.run_id} --format {kind}", "take the model elsewhere"


def _corrections(result: Result) -> list[tuple[str, str]]:
    """Nothing was trained: the same request would be refused again."""
    change = (
        f"trainwright runs clone {result.run_id} --set FIELD=VALUE",
        "the same with changes",
    )
    if result.dataset is None:
        return [change]
    check = f"trainwright datasets validate {quote(result.dataset)}"
    return [(check, "check the data again"), change]
