"""What is said of a run: its head, its troubles, notes, settings and where it came from."""

from __future__ import annotations

import json
import shlex
from typing import Any

from trainwright.job.report import PREFIX
from trainwright.server.diagnosis import Language
from trainwright.server.diagnosis.wording import find, worded
from trainwright.server.report.facts import Facts, best_of, headlines
from trainwright.server.report.markup import Node, tag
from trainwright.server.report.numbers import duration, metric, moment
from trainwright.server.report.results import table
from trainwright.server.report.wording import Say
from trainwright.spec.metrics import better_is
from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus

_TONES = {
    RunStatus.COMPLETED: "good",
    RunStatus.FAILED: "bad",
    RunStatus.LOST: "warn",
    RunStatus.PAUSED: "warn",
    RunStatus.RUNNING: "info",
}
_LONGEST_VALUE = 2000
_WHO_TONES = {"user": "info", "inferred": "good"}
_SEVERITIES = {"error": "bad", "warning": "warn", "info": "info"}


def header(facts: Facts, say: Say, language: Language) -> Node:
    """What it is, how it ended, and what it was made of."""
    run = facts.run
    told = {
        say("field", "task"): say("task", run.task) if run.task else None,
        say("field", "model"): run.model,
        say("field", "dataset"): run.dataset,
        say("say", "duration"): duration(run.duration_seconds, language)
        if run.duration_seconds is not None
        else None,
        say("say", "created"): moment(run.created_at),
        say("say", "attempt"): str(run.attempt) if run.attempt > 1 else None,
        say("say", "id"): run.id,
    }
    pairs = [tag("div", tag("dt", k), tag("dd", v)) for k, v in told.items() if v]
    status = say("status", run.status.value)
    return tag(
        "header",
        tag("div", _mark(), f"TRAINWRIGHT · {say('say', 'report')}", class_="kicker"),
        tag(
            "div",
            tag("h1", run.name),
            tag("span", status, class_=f"badge {_TONES.get(run.status, '')}".rstrip()),
            class_="title",
        ),
        tag("p", _verdict(facts, say, language), class_="verdict"),
        tag("p", say("say", "asked", sentence=run.sentence), class_="sentence")
        if run.sentence
        else None,
        tag("dl", pairs, class_="facts"),
    )


def trouble(facts: Facts, say: Say, language: Language) -> Node | None:
    """Why it failed, with the end of its log."""
    error = facts.run.error
    if error is None:
        return None
    lines = [line for line in error.log_tail if not line.startswith(PREFIX)]
    where = say("stage", error.stage) if error.stage else None
    title = _why(error, language)
    hint = find("mend", error.code, language, run=facts.run.id) or error.hint
    return tag(
        "section",
        tag(
            "div",
            tag("h2", title),
            tag("p", error.message) if title != error.message else None,
            tag("p", hint) if hint else None,
            tag("p", tag("code", error.code), f" · {where}" if where else None),
            tag("ul", [tag("li", str(fault)) for fault in error.faults]) if error.faults else None,
            class_="card trouble",
        ),
        [tag("h3", say("say", "log")), tag("pre", "\n".join(lines))] if lines else [],
    )


def _why(error: RunError, language: Language) -> str:
    """In the report's language, where there are words for it."""
    return worded("error", error.code, error.message, language)[0]


def findings(facts: Facts, say: Say) -> Node | None:
    """What the platform makes of it."""
    if not facts.findings:
        return None
    error = facts.run.error
    told = {*error.log_tail, error.message} if error else set()
    items = [
        tag(
            "li",
            tag(
                "h3",
                tag("span", found.code, class_=f"badge {_SEVERITIES[found.severity]}"),
                f" {found.message}",
            ),
            tag("p", found.mend) if found.mend else None,
            tag("ul", [tag("li", line) for line in found.evidence if line not in told]),
            class_="card",
        )
        for found in facts.findings
    ]
    return tag("section", tag("h2", say("say", "findings")), tag("ul", items, class_="findings"))


def notes(facts: Facts, say: Say) -> Node | None:
    """What a person wrote about it."""
    if not facts.run.notes:
        return None
    text = tag("p", facts.run.notes, class_="card notes")
    return tag("section", tag("h2", say("say", "notes")), text)


def settings(facts: Facts, say: Say) -> Node:
    """All settings, with who chose each, and why."""
    spec = dict(facts.spec)
    nested = [
        dict(spec.pop(part, None) or {}) for part in ("resources", "supervision", "overrides")
    ]
    fields = spec | {name: value for part in nested for name, value in part.items()}
    rows = [
        tag(
            "tr",
            tag("th", say("field", name), scope="row"),
            tag("td", _shown(value), class_="mono"),
            tag("td", _who(facts.provenance.get(name), say)),
            tag("td", facts.reasons.get(name), class_="why"),
        )
        for name, value in fields.items()
        if value is not None
    ]
    heads = [say("say", key) for key in ("field", "value", "who", "why")]
    return tag("section", tag("h2", say("say", "settings")), table(heads, rows, ends=0))


def origin(facts: Facts, say: Say) -> Node | None:
    """Software, hardware, code and data it was made of."""
    kept = facts.origin
    if not kept:
        return None
    hardware = {k: v for k, v in dict(kept.get("hardware") or {}).items() if _is_plain(v)}
    told: dict[str, Any] = {
        say("origin", "version"): kept.get("trainwright"),
        say("origin", "python"): str(kept.get("python") or "").partition(" ")[0],
        say("origin", "platform"): kept.get("platform"),
        **{say("origin", name): value for name, value in hardware.items()},
        say("origin", "seed"): kept.get("seed"),
        say("say", "data_hash"): kept.get("data_hash"),
        say("say", "code"): _code(dict(kept.get("git") or {}), say),
        say("say", "command"): shlex.join(map(str, kept.get("command") or [])),
    }
    pairs = [
        part
        for name, value in told.items()
        if value not in (None, "")
        for part in (tag("dt", name), tag("dd", str(value), class_="mono"))
    ]
    packages = dict(kept.get("packages") or {})
    listed = [tag("li", f"{name} {version}", class_="mono") for name, version in packages.items()]
    more = tag(
        "details",
        tag("summary", f"{say('say', 'packages')} ({len(packages)})"),
        tag("ul", listed, class_="packages"),
    )
    return tag(
        "section",
        tag("h2", say("say", "origin")),
        tag("dl", pairs, class_="pairs"),
        more if packages else None,
    )


def _verdict(facts: Facts, say: Say, language: Language) -> list[Node | str]:
    run = facts.run
    took = duration(run.duration_seconds, language)
    if run.status is RunStatus.FAILED:
        why = _why(run.error, language) if run.error else run.reason or facts.summary
        return [tag("strong", say("verdict", "failed", duration=took, why=why))]
    if run.status in (RunStatus.COMPLETED, RunStatus.STOPPED):
        ended = say("verdict", run.status.value, duration=took)
    else:
        ended = say("verdict", "going", status=say("status", run.status.value))
    judged = [name for name in headlines(facts.curves, 4) if better_is(name) == "greater"]
    best = best_of(judged[0], facts.curves[judged[0]]) if judged else None
    if best is None:
        return [tag("strong", ended)]
    reached = say("verdict", "measured", metric=judged[0], value=metric(best.maximum))
    return [tag("strong", ended), f" {reached}"]


def _who(who: str | None, say: Say) -> Node | None:
    if who is None:
        return None
    return tag("span", say("who", who), class_=f"badge {_WHO_TONES.get(who, '')}".rstrip())


def _code(git: dict[str, Any], say: Say) -> str | None:
    commit = git.get("commit")
    if not commit:
        return None
    named = f"{str(commit)[:12]} ({git['branch']})" if git.get("branch") else str(commit)[:12]
    return say("say", "changed", commit=named) if git.get("dirty") else named


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _mark() -> Node:
    """The platform's mark: a curve that rises."""
    return tag(
        "svg",
        tag("path", d="M2 13 L6 8 L9 10 L14 3", class_="line s1"),
        viewBox="0 0 16 16",
        width=16,
        height=16,
        aria_hidden="true",
    )
