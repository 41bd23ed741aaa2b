"""Short answers: thanks and farewells, what the chat leaves to others, where things are."""

from __future__ import annotations

from trainwright.job.report import PREFIX
from trainwright.server.chat import planning
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.references import Meant, one
from trainwright.spec.labels import shown_lines
from trainwright.spec.status import RunStatus

_LINES = 8
_READ = 500
"""Lines that are looked at: what a trainer tells the platform is none of its words."""
_BYTES = 1 << 18


def said(message: Message, topic: str) -> Answer:
    """What is always said of this."""
    return Answer(topic, message.say(topic))


def keep(message: Message, _: Meant) -> Answer:
    return Answer("keep", message.say("dropped"))


def trash(message: Message, meant: Meant) -> Answer:
    """How what was deleted comes back."""
    gone = message.memory.trashed
    text = message.say("trashed", id=gone) if gone and not meant.runs else message.say("trash")
    return Answer("trash", text)


def rename(message: Message, meant: Meant) -> Answer:
    run = one(message, meant)
    return Answer("rename", message.say("rename", id=run.id if run else "RUN"))


def saved(message: Message, meant: Meant) -> Answer:
    """Where the files of a run are, and what can be done with its model."""
    run = one(message, meant, lambda run: run.status is RunStatus.COMPLETED)
    if run is None:
        return Answer("saved", message.say("none_measured"))
    return Answer("saved", message.say("saved", name=run.name, id=run.id), runs=[run.id])


def log(message: Message, meant: Meant) -> Answer:
    """The last lines that a run printed."""
    run = one(message, meant)
    if run is None:
        return Answer("log", message.say("no_runs"))
    printed = message.services.logs.tail(run.id, _READ, _BYTES).text.splitlines()
    told = [line for line in printed if line.strip() and not line.startswith(PREFIX)]
    lines = shown_lines("\n".join(told[-_LINES:])) or "–"
    words = {"name": run.name, "id": run.id, "lines": lines}
    return Answer("log", message.say("log", **words), runs=[run.id])


def cost(message: Message, meant: Meant) -> Answer | None:
    """The plan, which holds the cost where an hour has a price."""
    if message.services.settings.trainwright_price_per_hour is None:
        return Answer("cost", message.say("no_price"))
    return planning.plan(message, meant)
