"""Why a run failed, and what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from trainwright.job.report import PREFIX
from trainwright.server.diagnosis import advice
from trainwright.server.diagnosis.case import Case
from trainwright.server.diagnosis.wording import find, say, worded
from trainwright.spec.api import Finding
from trainwright.spec.result import RunError
from trainwright.store.models import Run

_TAIL = 20
_EDITS: dict[str, Callable[[Run], dict[str, Any]]] = {
    "cuda_oom": advice.smaller_batch,
    "oom": advice.smaller_batch,
    "out_of_memory": advice.smaller_batch,
    "killed": advice.smaller_batch,
    "nan": advice.lower_rate,
    "time_limit": advice.more_hours,
    "stalled": advice.more_patience,
}
_COMMANDS = {
    "disk_full": "trainwright runs prune --status failed",
    "import_error": "trainwright doctor",
    "missing_dependency": "trainwright doctor",
    "framework_not_installed": "trainwright models list --installed",
    "trainer_vanished": "trainwright runs resume {run}",
    "agent_failed": "trainwright runs resume {run}",
    "bad_dataset": "trainwright datasets validate {dataset}",
}


def of_error(case: Case) -> Iterator[Finding]:
    """What ended the run, with the last words of its log."""
    run, language = case.run, case.language
    if not run.error:
        return
    error = RunError.model_validate(run.error)
    how = _how(error, case)
    lines = [line for line in error.log_tail if not line.startswith(PREFIX)]
    message, original = worded("error", error.code, error.message, language)
    mend, hint = find("mend", error.code, language, run=run.id), error.hint
    if mend and hint:
        mend = f"{mend} ({say('say', 'original', language, message=hint)})"
    edits = _EDITS[error.code](run) if error.code in _EDITS else {}
    command = _COMMANDS.get(error.code, "").format(run=run.id, dataset=run.dataset)
    yield Finding(
        code=error.code,
        severity="error",
        message=message,
        evidence=[*original, *how, *lines[-_TAIL:]],
        mend=mend or hint or f"trainwright runs logs {run.id}",
        edits=edits,
        command=advice.clone(run, edits) or command or None,
    )


def _how(error: RunError, case: Case) -> list[str]:
    """Exit code or signal, where the message does not say it."""
    if error.signal is not None:
        return [say("say", "signal", case.language, signal=error.signal)]
    if error.exit_code is None or f"exit code {error.exit_code}" in error.message:
        return []
    return [say("say", "exit_code", case.language, code=error.exit_code)]
