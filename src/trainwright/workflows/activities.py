"""The steps around training. Each may be run again at any moment: it looks before it acts."""

from __future__ import annotations

import contextlib
import functools
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from trainwright.datasets.checks import Report
from trainwright.datasets.checks import check as check_dataset
from trainwright.datasets.s3 import S3Dataset, is_in_s3
from trainwright.frameworks import registry as frameworks
from trainwright.spec import DatasetRef, RunSpec, RunStatus, TrainwrightError, dump_yaml
from trainwright.spec.events import Alert
from trainwright.spec.result import MetricSummary, RunError
from trainwright.spec.rundir import AgentConfig, Control
from trainwright.spec.runspec import STALL_RESTARTS, Supervision
from trainwright.store.models import Run
from trainwright.store.repositories import Artifacts, Events, Metrics, Runs, hash_token
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.store.repositories.mirror import Mirrored
from trainwright.targets.base import CanDescribe, UnreachableError
from trainwright.workflows import provenance
from trainwright.workflows.fitting import fit
from trainwright.workflows.messages import Attempt, Ending, EndRequest, Finish
from trainwright.workflows.outcome import build_result
from trainwright.workflows.resuming import bring_from_parent
from trainwright.workflows.returning import bring_back
from trainwright.workflows.service import preflight, start_next_attempt
from trainwright.workflows.services import Services

P = ParamSpec("P")
R = TypeVar("R")


def said_plainly(function: Callable[P, R]) -> Callable[P, R]:
    """Turn our errors into Temporal's; a wrong request is not tried again, a fault of ours is."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TrainwrightError as error:
            ours = error.exit_code != 2 or error.status >= 500
            raise as_application_error(error, retry=ours) from error

    return wrapped


def as_application_error(error: TrainwrightError, *, retry: bool) -> ApplicationError:
    """The error in Temporal's words; `_failed` in `definitions.py` reads it back."""
    details = {"hint": error.mend, **error.details}
    return ApplicationError(error.message, details, type=error.code, non_retryable=not retry)


def current_run(services: Services, attempt: Attempt) -> Run:
    """The run, if this attempt is still its present one.

    Raises:
        ApplicationError: It has ended or moved on; this workflow has nothing more to do.
    """
    with services.database.session(write=False) as session:
        run = Runs(session).get(attempt.run_id)
    if run.attempt != attempt.number or run.status.is_terminal:
        raise ApplicationError("the attempt is over", type="superseded", non_retryable=True)
    return run


def ask_trainer(services: Services, run: Run, kind: str, *, now: bool = False) -> None:
    """Ask the run's trainer to stop or pause, with the time to save that the spec gives it.

    Raises:
        UnreachableError: The run cannot be seen, so that nobody was asked.
    """
    spec = run.run_spec
    at = (run.request or {}).get("at")
    control = Control(
        attempt=run.attempt,
        request="pause" if kind == "pause" else "stop",
        now=now,
        save_grace_seconds=spec.supervision.save_grace_seconds,
        # when it was asked, so that a repetition says the same
        requested_at=datetime.fromisoformat(at) if at else datetime.now(UTC),
    )
    target, directory = services.target(spec), services.directory(run.id)
    target.observe(directory)  # a request must not be written where the run no longer is
    target.request(directory, control)


class RunActivities:
    """Activities that finish in seconds; the long one is in `training.py`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._database = services.database

    def all(self) -> list[Callable[..., Any]]:
        """What a worker registers."""
        return [self.validate, self.prepare, self.enqueue, self.request_end, self.finish]

    def _advance(self, run: Run, status: RunStatus, expected: RunStatus) -> bool:
        """Move a run on from `expected`; False when it is elsewhere on the road already."""
        if run.status is not expected:
            return False
        with self._database.session() as session:
            Runs(session).set_status(run.id, status)
        self._services.wake(run.id)
        return True

    @activity.defn(name="validate")
    @said_plainly
    def validate(self, attempt: Attempt) -> None:
        """Check names, framework settings and the data, before any compute is taken."""
        run = current_run(self._services, attempt)
        self._advance(run, RunStatus.VALIDATING, RunStatus.CREATED)
        if run.data_checked or run.status.holds_slot:
            return
        spec = run.run_spec
        preflight(spec)
        report = None
        if spec.dataset is not None:
            report = self._look_at(spec.dataset, spec)
        with self._database.session() as session:
            Runs(session).update_fields(
                run.id,
                report=report.model_dump(mode="json") if report else None,
                data_checked=report is None or not report.fatal,
            )
        if report is not None:
            report.raise_if_fatal()
        self._fit(run, report)
        self._tell_of_changed_data(run, report)

    def _look_at(self, dataset: str, spec: RunSpec) -> Report:
        if is_in_s3(dataset):
            return S3Dataset(dataset, self._services.settings).check(spec, fetch=False)
        return check_dataset(DatasetRef.parse(dataset), spec, home=self._services.home)

    def _tell_of_changed_data(self, run: Run, report: Report | None) -> None:
        """A clone of a run is to be compared with it: say so when its data are not the same."""
        if run.parent_id is None or report is None:
            return
        with self._database.session() as session:
            parent = Runs(session).get(run.parent_id)
            before = (parent.report or {}).get("fingerprint")
            changed = before is not None and report.fingerprint not in (None, before)
            if changed and parent.dataset == run.dataset:
                alert = Alert(
                    code="data_changed",
                    message=f"{run.dataset} has changed since {parent.name} was trained on it",
                    hint=f"trainwright runs compare {parent.id} {run.id}",
                )
                Events(session).append(run.id, alert)

    def _fit(self, run: Run, report: Report | None) -> None:
        """Let defaults follow data and machine, now that they are known, and say so."""
        spec = run.run_spec
        fitted = fit(spec, run.provenance, report, self._services.target(spec))
        if not fitted.reasons:
            return
        changes = [
            f"{name} is {getattr(fitted.spec, name)}: {why}" for name, why in fitted.reasons.items()
        ]
        with self._database.session() as session:
            Runs(session).update_fields(
                run.id,
                spec=fitted.spec.model_dump(mode="json", exclude_none=True),
                reasons=run.reasons | fitted.reasons,
            )
            alert = Alert(code="settings", severity="info", message="; ".join(changes))
            Events(session).append(run.id, alert)

    @activity.defn(name="prepare")
    @said_plainly
    def prepare(self, attempt: Attempt) -> None:
        """Make the run directory: the spec, where it came from, and the run's own token."""
        run = current_run(self._services, attempt)
        if run.status.holds_slot:
            return  # a workflow told anew, of a run that trains already
        self._advance(run, RunStatus.PREPARING, RunStatus.VALIDATING)
        if run.attempt > 1:
            bring_back(self._services, run)
        bring_from_parent(self._database, self._services.home, run)
        spec = run.run_spec
        target = self._services.target(spec)
        record = provenance.collect(
            spec,
            capacity=target.capacity(),
            data_hash=(run.report or {}).get("fingerprint"),
            sources=_sources(run),
            caller=run.caller,
            device=target.device(None) if isinstance(target, CanDescribe) else None,
        )
        target.prepare(
            self._services.directory(run.id),
            {"spec.yaml": dump_yaml(spec), "provenance.json": json.dumps(record, indent=2)},
        )

    @activity.defn(name="enqueue")
    @said_plainly
    def enqueue(self, attempt: Attempt) -> None:
        """Stand in the queue; the dispatcher grants the slot."""
        self._advance(current_run(self._services, attempt), RunStatus.QUEUED, RunStatus.PREPARING)

    @activity.defn(name="request_end")
    @said_plainly
    def request_end(self, request: EndRequest) -> None:
        """Carry a stop or pause to the trainer."""
        run = current_run(self._services, request.attempt)
        if request.kind == "pause":
            self._advance(run, RunStatus.PAUSING, RunStatus.RUNNING)
        # of a run that cannot be seen, `train` carries it as soon as it can, or ends the run
        with contextlib.suppress(UnreachableError):
            ask_trainer(self._services, run, request.kind, now=request.now)

    @activity.defn(name="finish")
    @said_plainly
    def finish(self, finish: Finish) -> None:
        """Always the last step: free the slot, keep the result, and say how it ended."""
        ending, attempt = finish.ending, finish.attempt
        with self._database.session(write=False) as session:
            run = Runs(session).get(attempt.run_id)
        if run.attempt != attempt.number or run.status.is_terminal:
            return
        status, spec = RunStatus(ending.status), run.run_spec
        directory = self._services.directory(run.id)
        self._services.target(spec).cleanup(directory)
        error = _error(ending)
        result = build_result(
            run,
            status=status,
            directory=directory,
            trained=frameworks.get(spec.framework).normalize_output(spec, directory),
            logged=self._summaries(run.id),
            error=error,
            duration_seconds=_duration(run),
        )
        with self._database.session() as session:
            runs = Runs(session)
            Artifacts(session).put(run.id, result.artifacts)
            Mirrored(session).mark_due(run.id)
            runs.update_fields(
                run.id,
                result=result.model_dump(mode="json", by_alias=True),
                allocation=None,
            )
            Dispatch(session).clear(run.id)
            run = runs.set_status(
                run.id,
                status,
                reason=ending.reason,
                error=error,
            )
            if _should_retry(run, ending):
                start_next_attempt(runs, run, reason="resumed automatically")
        self._services.wake(run.id)

    def _summaries(self, run_id: str) -> dict[str, MetricSummary]:
        with self._database.session(write=False) as session:
            return Metrics(session).best(run_id)


def _sources(run: Run) -> Path | None:
    """Folder of the user's own training script, when that is what runs."""
    spec = run.run_spec
    return Path(spec.model_name).parent if spec.framework == "script" else None


def _error(ending: Ending) -> RunError | None:
    if ending.status != RunStatus.FAILED:
        return None
    message = ending.reason or "the training failed"
    body: dict[str, Any] = {"code": "run_failed", "message": message} | (ending.error or {})
    return RunError.model_validate(body)


def _duration(run: Run) -> float | None:
    return (datetime.now(UTC) - run.started_at).total_seconds() if run.started_at else None


def _should_retry(run: Run, ending: Ending) -> bool:
    """Whether what ended gets another attempt by itself."""
    if run.status is not RunStatus.FAILED:
        return False
    return run.attempt <= _retries(run.run_spec.supervision, ending.error or {})


def _retries(supervision: Supervision, error: Mapping[str, Any]) -> int:
    """Attempts after the first that an error is worth; of a run ended on purpose, none."""
    match error.get("code"):
        case "time_limit":
            return 0
        case "stalled" if supervision.on_stall == "restart":
            return max(supervision.max_retries, STALL_RESTARTS)
        case "stalled":
            return 0
    return supervision.max_retries if error.get("stage") == "train" else 0


def run_token(services: Services, run: Run) -> str:
    """The run's token for its agent: kept in its directory, only a hash in the database."""
    file = services.directory(run.id).agent
    try:
        token = AgentConfig.model_validate_json(file.read_bytes()).token
    except (OSError, ValueError):
        token = None
    token = token or secrets.token_urlsafe(32)
    if run.agent_token_hash != hash_token(token):
        with services.database.session() as session:
            Runs(session).set_agent_token(run.id, token)
    return token
