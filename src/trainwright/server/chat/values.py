"""What a run was told to do, or the spec under discussion: its settings, and who chose them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainwright.catalog.complete import flatten
from trainwright.intent.questions import field_name
from trainwright.server.chat import topics
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.phrases import setting
from trainwright.server.chat.references import Meant, one
from trainwright.spec.api import ChatTable
from trainwright.spec.labels import shown
from trainwright.spec.result import Chosen

_ADAPTER = "peft"


@dataclass(frozen=True)
class _Asked:
    """Whose settings are asked for."""

    name: str
    values: Mapping[str, Any]
    provenance: Mapping[str, str]
    runs: list[str]


def settings(message: Message, meant: Meant) -> Answer:
    """The settings that are named, or all of them."""
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
    ]
    table = ChatTable(columns=message.columns("field", "value", "chosen"), rows=rows)
    return Answer("settings", message.say("settings", name=asked.name), [table], asked.runs)


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
    if run is None:
        return None
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


_WHO = {Chosen.USER.value, Chosen.INFERRED.value, Chosen.DEFAULT.value}
