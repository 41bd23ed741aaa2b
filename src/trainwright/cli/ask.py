"""Ask the open questions of a sentence on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from trainwright.cli.arguments import parse_value
from trainwright.spec import Question


def answers(questions: Iterable[Question]) -> dict[str, Any]:
    """The person's answer to each question, by field."""
    return {question.field: _answer(question) for question in questions}


def _answer(question: Question) -> Any:
    click.echo(f"? {question.question}")
    for i, suggestion in enumerate(question.suggestions, 1):
        click.echo(f"  {i}. {suggestion}")
    first = question.suggestions[0] if question.suggestions else None
    text = str(click.prompt("  number or value", default=first)).strip()
    if text.isdigit() and 1 <= int(text) <= len(question.suggestions):
        text = question.suggestions[int(text) - 1]
    return parse_value(text)
