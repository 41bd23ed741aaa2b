"""What is known of a run's troubles, gathered and put into words."""

from __future__ import annotations

from collections.abc import Iterator

from trainwright.job.report import PREFIX
from trainwright.server.diagnosis.wording import Language, find, say
from trainwright.spec.api import Diagnosis, Finding
from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import Events

_ALERTS = 200
_TAIL = 20


def diagnose(database: Database, run: Run, language: Language = "en") -> Diagnosis:
    """Everything known to be wrong with `run`, worst first.

    Args:
        database: Where its events are.
        run: Its row.
        language: Of the words; what was said by others, such as log lines, stays as it is.
    """
    with database.session(write=False) as session:
        alerts = Events(session).newest(run.id, "alert", _ALERTS)
    findings = [*_of_error(run, language), *_of_data(run, language), *_of_queue(run, language)]
    seen = {finding.code for finding in findings} | {finding.message for finding in findings}
    for event in alerts:
        if event.type != "alert" or event.data.state in ("resolved", "acknowledged"):
            continue
        if event.data.code != "failed" and not seen & {event.data.code, event.data.message}:
            seen.add(event.data.code)
            when = say("say", "event", language, seq=event.seq, time=event.timestamp.isoformat())
            message, original = _worded("alert", event.data.code, event.data.message, language)
            findings.append(
                Finding(
                    code=event.data.code,
                    severity=event.data.severity,
                    message=message,
                    evidence=[*original, when],
                    mend=event.data.hint,
                )
            )
    order = {"error": 0, "warning": 1, "info": 2}
    findings.sort(key=lambda finding: order[finding.severity])
    return Diagnosis(
        run_id=run.id,
        status=run.status,
        summary=_summary(run, findings, language),
        findings=findings,
    )


def _worded(section: str, code: str, message: str, language: Language) -> tuple[str, list[str]]:
    """The words for a code, and the words that came with it where they differ."""
    words = find(section, code, language)
    if words is None or words == message:
        return message, []
    return words, [say("say", "original", language, message=message)]


def _summary(run: Run, findings: list[Finding], language: Language) -> str:
    worst = findings[0].message if findings else say("say", "nothing", language)
    reason = run.status_reason or ""
    known = {worst, run.status.value, (run.error or {}).get("message")}
    told = f" ({reason})" if reason and reason not in known else ""
    return f"{say('status', run.status, language).rstrip('.')}{told}. {worst}"


def _of_error(run: Run, language: Language) -> Iterator[Finding]:
    if not run.error:
        return
    error = RunError.model_validate(run.error)
    status = say("say", "exit_code", language, code=error.exit_code)
    told = error.exit_code is None or f"exit code {error.exit_code}" in error.message
    lines = [line for line in error.log_tail if not line.startswith(PREFIX)]
    message, original = _worded("error", error.code, error.message, language)
    mend, hint = find("mend", error.code, language, run=run.id), error.hint
    if mend and hint:
        mend = f"{mend} ({say('say', 'original', language, message=hint)})"
    yield Finding(
        code=error.code,
        severity="error",
        message=message,
        evidence=[*original, *([] if told else [status]), *lines[-_TAIL:]],
        mend=mend or hint or f"trainwright runs logs {run.id}",
    )


def _of_data(run: Run, language: Language) -> Iterator[Finding]:
    for found in (run.report or {}).get("findings", []):
        message, original = _worded("data", found["code"], found["message"], language)
        yield Finding(
            code=found["code"],
            severity=found["severity"],
            message=message,
            evidence=[*original, *(str(example) for example in found.get("examples", []))],
            mend=found.get("mend"),
        )


def _of_queue(run: Run, language: Language) -> Iterator[Finding]:
    if run.status is RunStatus.QUEUED and run.queue_position:
        yield Finding(
            code="waiting",
            severity="info",
            message=say("say", "waiting", language, position=run.queue_position),
            mend="trainwright runs list --status running",
        )
