"""Two runs, or more, side by side: what differs, and which is better by how much."""

from __future__ import annotations

from typing import Any

from trainwright.catalog.complete import flatten
from trainwright.evaluation.compare import Difference
from trainwright.evaluation.compare import compare as compare_results
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.phrases import duration, number, setting
from trainwright.server.chat.references import Meant, newest, run_of, spoken_of
from trainwright.server.chat.runs import headline
from trainwright.server.run_views import run_result, run_view
from trainwright.spec.api import ChatTable
from trainwright.spec.labels import shown
from trainwright.spec.metrics import better_is
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run

_LEFT_OUT = ("name",)
_MOST = 5
_ROWS = 15


def compare(message: Message, meant: Meant) -> Answer:
    runs = _meant(message, meant)
    if len(runs) < 2:
        return Answer("compare", message.say("compare_two", count=len(runs)))
    first, second = runs[0], runs[1]
    names = [f"{run.name} ({run.id})" for run in runs]
    lines = [message.say("comparing", first=", ".join(names[:-1]), second=names[-1])]
    differing = _settings(message, runs)
    if differing is None:
        lines.append(message.say("same_settings"))
    tables = [table for table in (differing, _metrics(message, runs)) if table]
    if len(runs) == 2:
        lines += [*_verdict(message, first, second), *_times(message, first, second)]
    return Answer("compare", "\n".join(lines), tables, [run.id for run in runs])


def _meant(message: Message, meant: Meant) -> list[Run]:
    """The runs named; those not named are the one spoken of and the newest."""
    wanted = min(_MOST, max(2, meant.several, len(meant.runs)))
    found = [*meant.runs] or _shown_pair(message, meant)
    spoken = spoken_of(message)
    told = not meant.several and meant.refers("it", "previous")
    if len(found) < wanted and spoken is not None and told:
        found.append(spoken)
    listed = newest(message, mine=meant.refers("mine"), statuses=meant.statuses, limit=50)
    if not (meant.several or meant.statuses):  # `better than before?` is asked of what has a result
        listed.sort(key=lambda run: run.status is not RunStatus.COMPLETED)
    for run in listed:
        if len(found) >= wanted:
            break
        if run.id not in {known.id for known in found}:
            found.append(run)
    # the older one first, so that a change reads as what came of it; as named, if they are named
    return found if meant.runs else sorted(found, key=lambda run: (run.created_at, run.id))


def _shown_pair(message: Message, meant: Meant) -> list[Run]:
    """`which is better?`: the two that were shown last, if nothing else is said."""
    shown_last = message.memory.shown
    if len(shown_last) != 2 or meant.several or meant.statuses or meant.refers("newest"):
        return []
    return [run for run_id in shown_last if (run := run_of(message, run_id))]


def _called(runs: list[Run]) -> list[str]:
    """What stands above each run's column; runs of one name are told apart by their ids."""
    names = [run.name for run in runs]
    return [shown(run.name if names.count(run.name) == 1 else run.id) for run in runs]


def _settings(message: Message, runs: list[Run]) -> ChatTable | None:
    specs = [flatten(run.spec) for run in runs]
    fields = [f for f in dict.fromkeys(f for spec in specs for f in spec) if f not in _LEFT_OUT]
    rows = [
        [shown(field), *(setting(spec.get(field)) for spec in specs)]
        for field in fields
        if any(spec.get(field) != specs[0].get(field) for spec in specs)
    ]
    if not rows:
        return None
    columns = [*message.columns("field"), *_called(runs)]
    return ChatTable(title=message.say("differ_settings"), columns=columns, rows=rows)


def _metrics(message: Message, runs: list[Run]) -> ChatTable | None:
    results = [run_result(run, []) for run in runs]
    if len(runs) == 2:
        differences = compare_results(*results).metrics
        known = [d for d in differences if better_is(d.name)]
        rows = [
            [shown(d.name), number(d.first), number(d.second), f"{d.change:+.4g}"] for d in known
        ]
        extra = message.columns("change")
    else:
        names = dict.fromkeys(name for result in results for name in result.metrics)
        rows = [[shown(name), *(_best(r.metrics.get(name)) for r in results)] for name in names]
        extra = []
    if not rows:
        return None
    columns = [*message.columns("metric"), *_called(runs), *extra]
    return ChatTable(title=message.say("differ_metrics"), columns=columns, rows=rows[:_ROWS])


def _best(summary: Any) -> str:
    return "–" if summary is None else number(summary.best)


def _verdict(message: Message, first: Run, second: Run) -> list[str]:
    compared = compare_results(run_result(first, []), run_result(second, []))
    told = {d.name: d for d in compared.metrics if better_is(d.name)}
    if not told:
        return [message.say("no_shared")]
    top = headline(run_view(second))
    difference = told[top[0]] if top and top[0] in told else next(iter(told.values()))
    lines = [_better(message, difference, first, second)]
    return lines if compared.same_data else [*lines, message.say("not_same_data")]


def _times(message: Message, first: Run, second: Run) -> list[str]:
    took = [run_view(run).duration_seconds for run in (first, second)]
    if None in took:
        return []
    told = [duration(seconds, message.language) for seconds in took]
    return [message.say("took_each", first=told[0], second=told[1])]


def _better(message: Message, found: Difference, first: Run, second: Run) -> str:
    if found.verdict == "equal":
        return message.say("equal", metric=found.name, value=number(found.first))
    wins = found.verdict == "better"
    winner = second if wins else first
    value, other = (found.second, found.first) if wins else (found.first, found.second)
    return message.say(
        "better",
        name=f"{winner.name} ({winner.id})",
        metric=found.name,
        value=number(value),
        other=number(other),
        change=f"{value - other:+.4g}",
    )
