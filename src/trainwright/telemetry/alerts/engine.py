"""From a batch of events to alerts that open, stay and close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from trainwright.spec.api import AlertRules
from trainwright.spec.events import (
    Alert,
    AlertEvent,
    CheckpointSavedEvent,
    Event,
    MetricsEvent,
    TrainingProgressEvent,
    VitalsEvent,
)
from trainwright.store.models import Run
from trainwright.store.repositories import Alerts, Trouble
from trainwright.store.repositories.alerts import LASTING
from trainwright.telemetry.alerts.losses import LossMemory, LossRules
from trainwright.telemetry.alerts.machine import MachineMemory, MachineRules
from trainwright.telemetry.alerts.pace import PaceMemory, PaceRule
from trainwright.telemetry.alerts.thresholds import effective_rules
from trainwright.telemetry.alerts.verdict import Over, Verdict

_WATCHED = (MetricsEvent, TrainingProgressEvent, CheckpointSavedEvent, VitalsEvent, AlertEvent)
_LONGEST_RULE = 64


@dataclass
class Memory:
    """All that the rules remember of one attempt."""

    attempt: int = 0
    losses: dict[str, LossMemory] = field(default_factory=dict)
    pace: PaceMemory = field(default_factory=PaceMemory)
    machine: MachineMemory = field(default_factory=MachineMemory)


_MEMORY = TypeAdapter(Memory)


class AlertEngine:
    """Lets the rules look at what an agent has sent, within the ingest's transaction.

    Args:
        session: The transaction; it holds the run's lock.
        run: Whose events they are.
    """

    def __init__(self, session: Session, run: Run) -> None:
        self._session = session
        self._run = run
        self._alerts = Alerts(session)

    def look(self, events: Sequence[Event]) -> None:
        """Feed new events of the run's present attempt to the rules, in order."""
        watched = [
            event
            for event in events
            if isinstance(event, _WATCHED) and event.attempt == self._run.attempt
        ]
        if not watched:
            return
        kept = self._alerts.memory(self._run.id)
        memory = _recall(kept.state)
        if memory.attempt != self._run.attempt:
            memory = Memory(attempt=self._run.attempt)
        rules = effective_rules(
            self._session, owner_id=self._run.owner_id, project_id=self._run.project_id
        )
        watch = _Watch(memory, rules, _warmup_steps(self._run))
        verdicts = [verdict for event in watched for verdict in watch.see(event)]
        is_open = {*self._alerts.open_of(self._run.id)} if verdicts else set()
        for verdict, count in _merged(verdicts):
            if isinstance(verdict, Over):
                if verdict.rule in is_open:
                    self._alerts.resolve(self._run, [verdict.rule], verdict.why)
            elif self._is_heard(verdict, rules):
                self._alerts.report(self._run, verdict, count)
                is_open.add(verdict.rule)
        kept.state = _MEMORY.dump_python(memory)

    def _is_heard(self, trouble: Trouble, rules: AlertRules) -> bool:
        """Of a run that has ended, what comes in late opens nothing that only passes by."""
        has_ended = self._run.status.is_terminal
        return trouble.rule not in rules.off and (trouble.rule in LASTING or not has_ended)


def _recall(state: dict[str, Any]) -> Memory:
    """The memory as it was kept; a new one where another version kept it in another shape."""
    try:
        return _MEMORY.validate_python(state)
    except ValidationError:
        return Memory()


def _merged(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, int]]:
    """The verdicts in order, each rule's repetitions as one: the last of them, and how many."""
    merged: list[tuple[Verdict, int]] = []
    last: dict[str, int] = {}
    for verdict in verdicts:
        place = last.get(verdict.rule)
        if place is not None and type(merged[place][0]) is type(verdict):
            merged[place] = (verdict, merged[place][1] + 1)
        else:
            last[verdict.rule] = len(merged)
            merged.append((verdict, 1))
    return merged


class _Watch:
    """The rules over one memory."""

    def __init__(self, memory: Memory, rules: AlertRules, warmup_steps: int) -> None:
        self._memory = memory
        self._losses = LossRules(memory.losses, rules, warmup_steps)
        self._pace = PaceRule(memory.pace, rules)
        self._machine = MachineRules(memory.machine, rules)

    def see(self, event: Event) -> Iterator[Verdict]:
        at = event.timestamp.timestamp()
        match event:
            case MetricsEvent(data=data):
                for point in data.points:
                    if self._losses.watches(point.name):
                        yield from self._losses.look(point)
                steps = [point.step for point in data.points if point.step is not None]
                if steps:
                    yield from self._pace.moved(max(steps), at)
            case TrainingProgressEvent(data=data):
                if data.step is not None:
                    yield from self._pace.moved(data.step, at, data.total)
            case CheckpointSavedEvent(data=data):
                if data.step is not None:
                    yield from self._pace.moved(data.step, at)
            case VitalsEvent(data=data):
                yield from self._pace.waited(at)
                begun = self._memory.pace.step is not None
                yield from self._machine.look(data, at, has_begun=begun)
            case AlertEvent(data=data):
                yield from _of_agent(data)


def _of_agent(said: Alert) -> Iterator[Verdict]:
    """What the agent warns of is an alert, too; its notes are not."""
    if said.code == "stall_over":
        yield Over("stall", said.message)
    elif said.severity != "info":
        rule = said.code[:_LONGEST_RULE]
        yield Trouble(rule, said.severity, said.message, said.hint, is_told=True)


def _warmup_steps(run: Run) -> int:
    """Steps of the spec's warm-up: a share of all steps where it is below 1."""
    said = run.spec.get("warmup") or 0
    if said >= 1:
        return int(said)
    return int(said * ((run.progress or {}).get("total") or 0))
