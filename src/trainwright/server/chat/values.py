"""What a run was told to do, or the spec under discussion: its settings, and who chose them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainwright.catalog.complete import flatten
from trainwright.intent.questions import field_name
from trainwright.server.chat import topics
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.phrases import setting
from trainwright.server.chat.references import Meant, one, run_of
from trainwright.spec.api import ChatTable
from trainwright.spec.labels import shown
from trainwright.spec.result import Chosen
from trainwright.store.models import Run

_ADAPTER = "peft"
_NOT_OF_LEARNING = ("supervision", "overrides")


@dataclass(frozen=True)
class _Asked:
    """Whose settings are asked for."""

    name: str
    values: Mapping[str, Any]
    provenance: Mapping[str, str]
    runs: list[str]


def settings(message: Message, meant: Meant) -> Answer:
    """The settings that are named, or all of them."""
    if each := _each(message, meant):
        return each
    asked = _of(message, meant)
    if asked is None:
        return Answer("settings", message.say("no_runs"))
    if fields := topics.fields(meant.text):
        message.memory.field = fields[0] if len(fields) == 1 and not asked.runs else None
        lines = [_line(message, asked, field) for field in fields]
        return Answer("settings", "\n".join(lines), runs=asked.runs)
    rows = [
        [shown(field), setting(value), _chosen(message, asked, field)]
        for field, value in asked.values.items()
        if value not in ({}, [], "") and field not in _NOT_OF_LEARNING
    ]
    table = ChatTable(columns=message.columns("field", "value", "chosen"), rows=rows)
    return Answer("settings", message.say("settings", name=asked.name), [table], asked.runs)


def _each(message: Message, meant: Meant) -> Answer | None:
    """`what batch size did each use?`: of the runs that were shown last."""
    fields = topics.fields(meant.text)
    if meant.runs or not fields or not _EACH.search(meant.text):
        return None
    shown_last = [run_of(message, run_id) for run_id in message.memory.shown[:_MOST]]
    each = [_of_run(run) for run in shown_last if run is not None]
    lines = [_line(message, asked, field) for asked in each for field in fields]
    ids = [run_id for asked in each for run_id in asked.runs]
    return Answer("settings", "\n".join(lines), runs=ids) if lines else None


def has_some(message: Message, meant: Meant) -> bool:
    """Whether there is something whose settings can be told."""
    return _of(message, meant) is not None


def _of(message: Message, meant: Meant) -> _Asked | None:
    """The run that is named, the spec that could be started now, or the run spoken of."""
    last = message.memory.last
    discussed = last is not None and (message.starts or bool(last.questions))
    if last is not None and discussed and not (meant.runs or meant.refers("newest")):
        values = flatten(last.spec.model_dump(mode="json", exclude_none=True)) if last.spec else {}
        chosen = {name: who.value for name, who in last.provenance.items()}
        return _Asked(message.say("this_spec"), values or dict(last.intent), chosen, [])
    run = one(message, meant)
    return None if run is None else _of_run(run)


def _of_run(run: Run) -> _Asked:
    values = {name: value for name, value in flatten(run.spec).items() if name != "name"}
    return _Asked(f"{run.name} ({run.id})", values, run.provenance, [run.id])


def _line(message: Message, asked: _Asked, field: str) -> str:
    named = field_name(field, message.language)
    value = asked.values.get(field)
    if value is None and field == _ADAPTER:
        value = "none"
    if value is None:
        return message.say("setting_open", name=asked.name, field=named)
    words = {"field": named, "value": setting(value), "chosen": _chosen(message, asked, field)}
    return message.say("setting", name=asked.name, **words)


def _chosen(message: Message, asked: _Asked, field: str) -> str:
    who = asked.provenance.get(field, Chosen.DEFAULT.value)
    return message.say(f"chosen_{who}" if who in _WHO else "chosen_default")


_EACH = re.compile(r"\b(?:each|both|all)\b|각각|둘\s?다|모두|다들")
_MOST = 5
_WHO = {Chosen.USER.value, Chosen.INFERRED.value, Chosen.DEFAULT.value}
