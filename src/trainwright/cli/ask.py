"""Ask an open question of a sentence on the terminal."""

from __future__ import annotations

import click

from trainwright.spec import Question


def answer(question: Question) -> str:
    """The person's answer: one of the numbered suggestions, or their own words."""
    click.echo(f"? {question.question}")
    for i, suggestion in enumerate(question.suggestions, 1):
        click.echo(f"  {i}. {suggestion}")
    first = question.suggestions[0] if question.suggestions else None
    text = str(click.prompt("  a number, or your own words", default=first)).strip()
    if text.isdigit() and 1 <= int(text) <= len(question.suggestions):
        return question.suggestions[int(text) - 1]
    return text
