"""Which run took longest, was the first, or had the highest learning rate."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from trainwright.catalog.complete import flatten
from trainwright.intent.questions import field_name
from trainwright.server.chat import topics
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.phrases import duration, setting
from trainwright.server.chat.references import Meant, newest
from trainwright.server.run_views import run_view
from trainwright.store.models import Run

_LEAST = re.compile(
    r"\b(?:lowest|smallest|least|fewest|shortest|fastest|quickest)\b|낮|작|적|빨|빠른|짧"
)
_TIME = re.compile(
    r"\b(?:longest|shortest|fastest|slowest|quickest|most time)\b"
    r"|오래(?!된)|빨리|빠른|느린|길게|짧게"
)
_MOST_RUNS = 1000


@dataclass(frozen=True)
class _By:
    """What runs are ranked by, and how that is said of the first and of the last."""

    measure: Callable[[Run], float | None]
    most: str
    least: str
    field: str = ""


def ranking(message: Message, meant: Meant) -> Answer:
    """The run that is first by a setting, by how long it took, or by when it was begun."""
    runs = newest(message, mine=meant.refers("mine"), statuses=meant.statuses, limit=_MOST_RUNS)
    if not runs:
        return Answer("ranking", message.say("no_runs"))
    if _TIME.search(meant.text):
        return _first(message, meant, runs, _By(_took, "took_most", "took_least"))
    if fields := topics.fields(meant.text):
        by = _By(_set_to(fields[0]), "set_most", "set_least", fields[0])
        return _first(message, meant, runs, by)
    run = runs[-1]
    text = message.say("oldest", name=run.name, id=run.id, day=f"{run.created_at:%Y-%m-%d}")
    return Answer("ranking", text, runs=[run.id])


def _first(message: Message, meant: Meant, runs: list[Run], by: _By) -> Answer:
    measured = [(value, run) for run in runs if (value := by.measure(run)) is not None]
    if not measured:
        return Answer("ranking", message.say("none_measured"))
    smallest = _LEAST.search(meant.text) is not None
    value, run = (min if smallest else max)(measured, key=lambda entry: entry[0])
    told = setting(value) if by.field else duration(value, message.language)
    named = field_name(by.field, message.language) if by.field else ""
    words = {"name": run.name, "id": run.id, "field": named, "value": told}
    text = message.say(by.least if smallest else by.most, **words)
    return Answer("ranking", text, runs=[run.id])


def _took(run: Run) -> float | None:
    return run_view(run).duration_seconds


def _set_to(field: str) -> Callable[[Run], float | None]:
    def value(run: Run) -> float | None:
        found = flatten(run.spec).get(field)
        number = isinstance(found, int | float) and not isinstance(found, bool)
        return found if number else None

    return value
