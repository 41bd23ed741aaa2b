"""A sentence as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.cli.views.spec import WHO, shown, spec_table
from trainwright.spec import ParseResult, Question

_STATUS = {
    "complete": ("complete", "green"),
    "needs_clarification": ("something is missing", "yellow"),
    "not_a_training_request": ("not a training request", "yellow"),
}


def parsed_view(result: ParseResult, width: int = 80) -> RenderableType:
    words, style = _STATUS[result.status]
    parts: list[RenderableType] = [Text(words, style=style)]
    if result.reply:
        parts.append(Text(result.reply))
    if result.reader_note:
        parts.append(Text(result.reader_note, style="dim"))
    if result.spec is not None:
        parts += [Text(), spec_table(result.spec, result.provenance, result.reasons, width)]
    elif result.intent:
        parts += [Text(), _known(result.intent, result.provenance)]
    for question in result.questions:
        parts += [Text(), question_view(question)]
    return Group(*parts)


def question_view(question: Question) -> RenderableType:
    lines = [Text.assemble(("? ", "yellow"), (question.question, "bold"))]
    lines += [Text(f"  {i}. {s}") for i, s in enumerate(question.suggestions, 1)]
    return Group(*lines)


def _known(intent: Mapping[str, Any], provenance: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in intent.items():
        who, style = WHO[str(provenance.get(name, "user"))]
        table.add_row(Text(name, style="dim"), Text(shown(value), style=style), Text(who))
    return table
