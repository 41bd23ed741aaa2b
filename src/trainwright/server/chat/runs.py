"""Answers about runs: how one is doing, which there are, why one failed, which is best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from trainwright.server.chat import by_model, topics
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.phrases import duration, number, status_words
from trainwright.server.chat.references import Meant, newest, one, spoken_of
from trainwright.server.diagnosis import diagnose
from trainwright.server.run_health import health_of
from trainwright.server.run_views import run_view
from trainwright.spec.api import ChatTable, RunView
from trainwright.spec.labels import shown
from trainwright.spec.metrics import better_is
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run

_LISTED = 10
_METRICS = 6
_EVIDENCE = 8
_FINDINGS = 3
_RECENT = 200
_WILL_END = re.compile(
    r"\bwhen (?:will|does|is)\b|\b(?:eta|left|remaining|much longer)\b"
    r"|언제\s?(?:끝|다|돼|되)|남았|진행"
)
_HEADLINES = ("accuracy", "map50_95", "miou", "reward_mean", "f1_macro", "perplexity", "loss")
_SPLITS = ("test", "val", "train")


def status(message: Message, meant: Meant) -> Answer:
    spoken = spoken_of(message) if meant.refers("it") and not meant.runs else None
    run = _at_work(message, meant) or spoken or one(message, meant)
    if run is None:
        return Answer("status", message.say("no_runs_like" if meant.statuses else "no_runs"))
    lines = [" ".join(_state(message, run)), *_place(message, run), *_measured(message, run)]
    return Answer("status", "\n".join(lines), runs=[run.id])


def _at_work(message: Message, meant: Meant) -> Run | None:
    """When what will end is asked for, one that is at work, if the one spoken of has ended."""
    if meant.runs or meant.statuses or not _WILL_END.search(meant.text):
        return None
    spoken = one(message, meant)
    if spoken is None or not spoken.status.is_terminal:
        return spoken
    active = newest(message, fits=lambda run: not run.status.is_terminal, limit=_RECENT)
    return active[0] if active else None


def _state(message: Message, run: Run) -> Iterable[str]:
    yield message.say("status", name=run.name, id=run.id, status=_status(message, run))
    if run.status is RunStatus.FAILED and run.error:
        yield message.say("failed_with", message=str(run.error.get("message", "")).rstrip("."))
    elif run.status_reason not in (None, run.status.value) and run.status.is_terminal:
        yield message.say("reason", reason=str(run.status_reason).rstrip("."))
    if run.attempt > 1:
        yield message.say("attempt", attempt=run.attempt)
    if run.status is RunStatus.QUEUED and run.queue_position:
        yield message.say("queue", place=run.queue_position)
    health = health_of(message.services.database, run)
    if not health.ok and run.status is not RunStatus.FAILED:
        yield message.say("silent", message=health.message)


def _place(message: Message, run: Run) -> list[str]:
    view, said = run_view(run), []
    progress, ended = view.progress, run.status.is_terminal
    if progress and progress.epochs:
        said.append(message.say("epoch", epoch=progress.epoch or 0, epochs=progress.epochs))
    if progress and progress.total and not ended:
        said.append(message.say("step", step=progress.step or 0, total=progress.total))
    if progress and progress.eta_seconds is not None and not ended:
        left = duration(progress.eta_seconds, message.language)
        said.append(message.say("eta", time=left))
    if view.duration_seconds is not None and (ended or run.status is RunStatus.RUNNING):
        took = duration(view.duration_seconds, message.language)
        said.append(message.say("took" if ended else "so_far", time=took))
    return [" ".join(said)] if said else []


def _measured(message: Message, run: Run) -> list[str]:
    metrics = run_view(run).metrics
    first = _by_weight(metrics)[:_METRICS]
    told = ", ".join(f"{name} {number(metrics[name])}" for name in first)
    return [message.say("measured", metrics=told)] if told else []


def _by_weight(metrics: Iterable[str]) -> list[str]:
    """Names of metrics, those that tell most first."""

    def weight(name: str) -> tuple[int, int, str]:
        split, _, rest = name.rpartition("/")
        by_split = _SPLITS.index(split) if split in _SPLITS else len(_SPLITS)
        by_name = _HEADLINES.index(rest) if rest in _HEADLINES else len(_HEADLINES)
        return by_split, by_name, name

    return sorted(metrics, key=weight)


def listing(message: Message, meant: Meant) -> Answer:
    statuses = meant.statuses
    since, until = _period(meant)
    groups = by_model.named(message, meant)
    of_model = {run.id for group in groups for run in group}
    found = newest(
        message,
        mine=meant.refers("mine"),
        statuses=statuses,
        limit=1000,
        fits=lambda run: since <= run.created_at < until and (not groups or run.id in of_model),
    )
    found = found[: meant.several] if meant.several else found
    if _SORTED.search(meant.text):
        found = sorted(found, key=_by_headline)
    if not found:
        narrowed = statuses or topics.said("when", meant.text)
        why = "nothing_running" if RunStatus.RUNNING in statuses else "no_runs_like"
        return Answer("list", message.say(why if narrowed else "no_runs"))
    first = found[:_LISTED]
    key = "listed_one" if len(found) == 1 else "listed"
    text = message.say(
        "listed_part" if len(found) > len(first) else key, total=len(found), shown=len(first)
    )
    return Answer("list", text, [table_of(message, first)], [run.id for run in first])


_SORTED = re.compile(r"\b(?:sort|order|rank)(?:ed)?\b[^.]*\bby\b|순으로|순서로")


def _by_headline(run: Run) -> tuple[bool, float]:
    """The best first; those without a measure last."""
    best = headline(run_view(run))
    if best is None or best[1] != best[1]:
        return True, 0.0
    return False, best[1] if better_is(best[0]) == "smaller" else -best[1]


def table_of(message: Message, runs: Sequence[Run]) -> ChatTable:
    rows = []
    for place, run in enumerate(runs, 1):
        best = headline(run_view(run))
        rows.append(
            [
                str(place),
                shown(run.name),
                run.id,
                _status(message, run),
                shown(run.model),
                shown(run.dataset or "–"),
                f"{best[0]} {number(best[1])}" if best else "–",
            ]
        )
    names = message.columns("name", "run", "status", "model", "dataset", "measured")
    return ChatTable(columns=["#", *names], rows=rows)


def _period(meant: Meant) -> tuple[datetime, datetime]:
    """From when to when, by the calendar of the platform's host."""
    now = datetime.now().astimezone()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    said = topics.said("when", meant.text)
    end = now + timedelta(days=1)
    if "today" in said:
        return today, end
    if "yesterday" in said:
        return today - timedelta(days=1), today
    if "week" in said:
        return today - timedelta(days=7), end
    return datetime.fromtimestamp(0).astimezone(), end


def _status(message: Message, run: Run) -> str:
    return status_words(run.status.value, message.language)


def _overfitted(message: Message, meant: Meant) -> Answer:
    recent = newest(message, mine=meant.refers("mine"), limit=_LISTED)
    found = []
    for run in recent:
        findings = diagnose(message.services.database, run, message.language).findings
        if any(finding.code == "overfitting" for finding in findings):
            found.append(run)
    if not found:
        return Answer("why", message.say("none_overfitted", count=len(recent)))
    return Answer(
        "why", message.say("overfitted"), [table_of(message, found)], [run.id for run in found]
    )


def why(message: Message, meant: Meant) -> Answer:
    if _OVERFITTED.search(meant.text) and not (meant.runs or meant.refers("it", "newest")):
        return _overfitted(message, meant)
    run = one(message, meant) if meant.runs else _troubled(message, meant)
    if run is None:
        return Answer("why", message.say("not_failed"))
    found = diagnose(message.services.database, run, message.language)
    if not found.findings:
        said = {"name": run.name, "id": run.id, "status": _status(message, run)}
        if run.status_reason and run.status_reason != run.status.value:
            text = message.say("asked_of", **said, why=run.status_reason)
        else:
            text = message.say("nothing_wrong", **said)
        return Answer("why", text, runs=[run.id])
    head = {"name": run.name, "id": run.id, "status": _status(message, run)}
    lines = [message.say("diagnosis", **head)]
    for finding in found.findings[:_FINDINGS]:
        lines.append(f"- {shown(finding.message)}")
        lines += [f"    {shown(line)}" for line in finding.evidence[-_EVIDENCE:]]
        if finding.mend:
            lines.append(message.say("mend", mend=finding.mend))
    return Answer("why", "\n".join(lines), runs=[run.id])


def _troubled(message: Message, meant: Meant) -> Run | None:
    """The run whose trouble is asked for: the one spoken of, else the newest that failed."""
    bad = (RunStatus.FAILED, RunStatus.LOST)
    if meant.refers("newest") and not topics.said("status", meant.text):
        return one(message, meant)
    if _OF_QUALITY.search(meant.text):
        return one(message, meant)
    spoken = one(message, meant) if meant.refers("it") or message.memory.run else None
    if spoken is not None and (spoken.status in bad or meant.refers("it")):
        return spoken
    found = newest(message, mine=meant.refers("mine"), statuses=bad, limit=1)
    return found[0] if found else None


_OVERFITTED = re.compile(
    r"\bany\b[^.]*\bover-?fit|\bover-?fit[^.]*\bany\b|과적합\S*\s?(?:런|실행|학습|거|것)"
)
_OF_QUALITY = re.compile(
    r"\b(?:accuracy|loss|low|bad|poor|slow|high|over-?fit\w*|improv\w*)\b"
    r"|정확도|손실|로스|낮|높|느려|느린|과적합|안\s?좋"
)
"""What may be asked of a run that has not failed."""


def headline(run: RunView) -> tuple[str, float] | None:
    """The metric that tells most of how good a run is, and its value."""
    for name in _by_weight(run.metrics):
        if better_is(name):
            return name, run.metrics[name]
    return None


def best(message: Message, meant: Meant) -> Answer:
    """The best completed run of each dataset, as runs on different data do not compare.

    Or the worst, if that is asked for.
    """
    worst = meant.refers("worst")
    completed = newest(
        message, mine=meant.refers("mine"), statuses=[RunStatus.COMPLETED], limit=1000
    )
    groups: dict[str, list[tuple[str, float, Run]]] = {}
    for run in completed:
        named = _named_metric(meant, run) or headline(run_view(run))
        if named and named[1] == named[1]:  # not NaN
            groups.setdefault(run.dataset or "–", []).append((*named, run))
    asked = {name: group for name, group in groups.items() if _mentions(meant.text, name)}
    lines, found = [], []
    for dataset, group in (asked or groups).items():
        metric = group[0][0]
        ranked = _ranked([entry for entry in group if entry[0] == metric])
        _, value, run = ranked[-1 if worst else 0]
        words = {"dataset": dataset, "name": run.name, "id": run.id, "metric": metric}
        lines.append(
            f"{message.say('worst' if worst else 'best', **words, value=number(value))} "
            f"{message.say('best_of', count=len(ranked))}"
        )
        found.append(run)
    if not found:
        return Answer("best", message.say("none_measured"))
    return Answer("best", "\n".join(lines[:_LISTED]), runs=[run.id for run in found[:_LISTED]])


def _named_metric(meant: Meant, run: Run) -> tuple[str, float] | None:
    metrics = run_view(run).metrics
    for name in _by_weight(metrics):
        if better_is(name) and _mentions(meant.text, name.rpartition("/")[2]):
            return name, metrics[name]
    return None


def _mentions(text: str, name: str) -> bool:
    return len(name) > 2 and name.lower() in text


def _ranked(group: list[tuple[str, float, Run]]) -> list[tuple[str, float, Any]]:
    smaller = better_is(group[0][0]) == "smaller"
    return sorted(group, key=lambda entry: entry[1] if smaller else -entry[1])
