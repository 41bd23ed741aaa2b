"""A plan: will it fit, what takes the memory, how long, and what would help."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import duration, size
from trainwright.cli.program import runnable
from trainwright.cli.views.spec import shown
from trainwright.spec.plan import Cost, Interval, MemoryEstimate, Plan, Suggestion

_BAR = 32
_VERDICT = {
    True: ("it fits", "green"),
    False: ("it does not fit", "red"),
    None: ("whether it fits is not known", "yellow"),
}


def plan_line(plan: Plan) -> str:
    """The plan in one line, for where a run is about to start."""
    words = [_VERDICT[plan.fits][0]]
    if plan.memory_bytes is not None:
        words.append(f"{_span(plan.memory_bytes)} of {_whole(plan)}")
    if plan.duration_seconds is not None:
        words.append(f"about {duration(plan.duration_seconds.expected)} of training")
    if plan.cost is not None:
        words.append(f"about {_money(plan.cost.expected, plan.cost)}")
    return ", ".join(words)


def plan_view(plan: Plan) -> RenderableType:
    words, style = _VERDICT[plan.fits]
    parts: list[RenderableType] = [Text.assemble((words, f"bold {style}"), f" on {plan.device}")]
    if plan.memory_bytes is not None:
        parts += [Text(), _memory(plan, plan.memory_bytes)]
    if plan.duration_seconds is not None:
        low, high = plan.duration_seconds.low, plan.duration_seconds.high
        expected = duration(plan.duration_seconds.expected)
        parts += [Text(), Text(f"time    {expected}   ({duration(low)} to {duration(high)})")]
        if plan.cost is not None:
            ends = f"{plan.cost.low:.2f} to {_money(plan.cost.high, plan.cost)}"
            parts.append(Text(f"cost    {_money(plan.cost.expected, plan.cost)}   ({ends})"))
    elif plan.memory_bytes is not None:
        parts += [Text(), Text("time    not known: say how many --samples there are", style="dim")]
    if plan.suggestions:
        parts += [Text(), Text("it would fit with", style="bold"), _suggestions(plan.suggestions)]
    parts += [Text(), Text("from " + "; ".join(plan.sources), style="dim")]
    return Group(*parts)


def _money(amount: float, cost: Cost) -> str:
    return f"{amount:.2f} {cost.currency}"


def _memory(plan: Plan, memory: MemoryEstimate) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column()
    table.add_column(justify="right")
    whole = plan.device_bytes or memory.high
    for name, part in memory.parts.items():
        table.add_row(name, _bar(part, whole), size(int(part.expected)))
    table.add_row("memory", _bar(memory, whole), Text(size(int(memory.expected)), style="bold"))
    table.add_row("", Text(f"{_span(memory)} of {_whole(plan)}", style="dim"), "")
    return table


def _bar(part: Interval, whole: float) -> Text:
    """Filled up to what is expected, lighter up to the most it may be."""
    expected, high = (round(min(1, end / whole) * _BAR) for end in (part.expected, part.high))
    style = "red" if part.expected > whole else "yellow" if part.high > whole else "cyan"
    return Text.assemble(
        ("█" * expected, style), ("░" * (high - expected), style), ("·" * (_BAR - high), "dim")
    )


def _suggestions(suggestions: list[Suggestion]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for suggestion in suggestions:
        changes = " ".join(f"--set {k}={shown(v)}" for k, v in suggestion.changes.items())
        memory = size(int(suggestion.memory_bytes)) if suggestion.memory_bytes else ""
        table.add_row(Text(runnable(changes)), Text(memory), Text(suggestion.why, style="dim"))
    return table


def _span(memory: Interval) -> str:
    return f"{size(int(memory.low))} to {size(int(memory.high))}"


def _whole(plan: Plan) -> str:
    return size(plan.device_bytes) if plan.device_bytes else "memory of unknown size"
