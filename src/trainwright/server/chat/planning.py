"""Whether the spec at hand fits, and how long it will take."""

from __future__ import annotations

from trainwright import planner
from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.phrases import duration, setting
from trainwright.server.chat.references import Meant, one
from trainwright.spec.plan import Plan
from trainwright.spec.runspec import RunSpec
from trainwright.targets.local.device import device

_GIB = 2**30
_FITS = {True: "plan_fits", False: "plan_too_large", None: "plan_unknown"}


def plan(message: Message, meant: Meant) -> Answer | None:
    """The plan of the spec under discussion, or of the run that is meant.

    `None`: what is asked of a run at work is its own estimate, which is better.
    """
    last = message.memory.last
    if last is not None and last.questions and not meant.runs:
        asked = "\n".join(question.question for question in last.questions)
        return Answer("plan", f"{message.say('no_spec')}\n{asked}")
    spec, runs = _spec(message, meant)
    if spec is None:
        return None if runs else Answer("plan", message.say("no_spec"))
    return Answer(
        "plan", _told(message, spec, planner.plan(spec, device(spec.resources.gpus))), runs=runs
    )


def _spec(message: Message, meant: Meant) -> tuple[RunSpec | None, list[str]]:
    last = message.memory.last
    if last is not None and last.spec is not None and not meant.runs:
        return last.spec, []
    run = one(message, meant)
    if run is None:
        return None, []
    return (run.run_spec if run.status.is_terminal else None), [run.id]


def _told(message: Message, spec: RunSpec, found: Plan) -> str:
    device_said = message.say("plan_cores", cores=found.cores) if found.cores else found.device
    lines = [message.say(_FITS[found.fits], model=spec.model, device=device_said)]
    if memory := found.memory_bytes:
        figures = {n: f"{getattr(memory, n) / _GIB:.2g}" for n in ("low", "expected", "high")}
        lines.append(message.say("plan_memory", **figures))
    if time := found.duration_seconds:
        times = {
            n: duration(getattr(time, n), message.language) for n in ("low", "expected", "high")
        }
        lines.append(message.say("plan_time", **times))
    if cost := found.cost:
        sums = {n: f"{getattr(cost, n):.2f}" for n in ("low", "expected", "high")}
        lines.append(message.say("plan_cost", currency=cost.currency, **sums))
    for suggestion in found.suggestions[:3]:
        changes = ", ".join(f"{name} {setting(v)}" for name, v in suggestion.changes.items())
        lines.append(message.say("plan_suggestion", changes=changes, why=suggestion.why))
    return "\n".join(lines)
