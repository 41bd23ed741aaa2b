"""What is known of a run's troubles, gathered and put into words."""

from __future__ import annotations

from collections.abc import Iterator

from trainwright.server.diagnosis.case import Case, open_case
from trainwright.server.diagnosis.learning import of_learning
from trainwright.server.diagnosis.machine import of_machine
from trainwright.server.diagnosis.outcome import of_error
from trainwright.server.diagnosis.wording import Language, find, say, worded
from trainwright.spec.api import Diagnosis, Finding
from trainwright.spec.events import AlertEvent
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import Run

_ORDER = {"error": 0, "warning": 1, "info": 2}
_EXPLAINED = {
    "rate_too_high": ("nan_loss", "loss_diverging", "loss_spike", "nan"),
    "spikes": ("loss_spike",),
    "memory_short": ("host_memory",),
    "gpu_unused": ("gpu_idle",),
}
"""Findings that say what these alerts are about, and more."""


def diagnose(database: Database, run: Run, language: Language = "en") -> Diagnosis:
    """Everything known to be wrong with `run`, worst first.

    Args:
        database: Where its events are.
        run: Its row.
        language: Of the words; what was said by others, such as log lines, stays as it is.
    """
    case = open_case(database, run, language)
    findings = [
        *of_error(case),
        *of_learning(case),
        *of_machine(case),
        *_of_data(case),
        *_of_queue(case),
    ]
    seen = {finding.code for finding in findings} | {finding.message for finding in findings}
    seen |= {code for finding in findings for code in _EXPLAINED.get(finding.code, ())}
    seen |= {"failed"}  # what the alert says, the error says with its evidence
    for event in case.said:
        said = event.data
        if said.state in ("resolved", "acknowledged") or seen & {said.code, said.message}:
            continue
        seen.add(said.code)
        findings.append(_of_alert(case, event))
    findings.sort(key=lambda finding: _ORDER[finding.severity])
    return Diagnosis(
        run_id=run.id,
        status=run.status,
        summary=_summary(case, findings),
        findings=findings,
    )


def _of_alert(case: Case, event: AlertEvent) -> Finding:
    said, language = event.data, case.language
    row = case.alerts.get(said.id or "")
    message, original = worded("alert", said.code, said.message, language)
    time = event.timestamp.isoformat(timespec="seconds")
    evidence = [*original, say("say", "event", language, seq=event.seq, time=time)]
    if row is not None and row.resolution:
        evidence.append(say("say", "over", language, why=row.resolution))
    return Finding(
        code=said.code,
        severity=said.severity,
        message=message,
        evidence=evidence,
        mend=find("mend", said.code, language, run=case.run.id) or said.hint,
    )


def _summary(case: Case, findings: list[Finding]) -> str:
    run, language = case.run, case.language
    worst = findings[0].message if findings else say("say", "nothing", language)
    reason = run.status_reason or ""
    known = {worst, run.status.value, (run.error or {}).get("message")}
    told = f" ({reason})" if reason and reason not in known else ""
    return f"{say('status', run.status, language).rstrip('.')}{told}. {worst}"


def _of_data(case: Case) -> Iterator[Finding]:
    for found in (case.run.report or {}).get("findings", []):
        message, original = worded("data", found["code"], found["message"], case.language)
        yield Finding(
            code=found["code"],
            severity=found["severity"],
            message=message,
            evidence=[*original, *(str(example) for example in found.get("examples", []))],
            mend=find("mend", found["code"], case.language, run=case.run.id) or found.get("mend"),
        )


def _of_queue(case: Case) -> Iterator[Finding]:
    position = case.run.queue_position
    if case.run.status is RunStatus.QUEUED and position:
        yield Finding(
            code="waiting",
            severity="info",
            message=say("say", "waiting", case.language, position=position),
            mend="trainwright runs list --status running",
        )
