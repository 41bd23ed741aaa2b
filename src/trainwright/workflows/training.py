"""The long activity: start or re-attach, observe, and say how the training ended.

It never ends training by going away itself: when Temporal cancels it (a worker stops, the server
was unreachable), it just lets go, and the next one re-attaches.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from trainwright.frameworks import registry as frameworks
from trainwright.job.ending import last_lines
from trainwright.spec import RunStatus, TrainwrightError, UnavailableError
from trainwright.spec.events import TrainingErrorEvent
from trainwright.spec.rundir import AgentConfig, Outcome, Phase, RunDir
from trainwright.store.models import Run
from trainwright.store.repositories import Attempts, Events, Runs
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.targets.base import Allocation, Observation, Target, UnreachableError
from trainwright.workflows.activities import (
    as_application_error,
    ask_trainer,
    current_run,
    run_token,
)
from trainwright.workflows.data import spec_with_data
from trainwright.workflows.messages import Attempt, Ending
from trainwright.workflows.resuming import starting_point
from trainwright.workflows.services import Services

_LOOK = 0.3  # seconds between looks at the run directory
_BEAT = 5.0  # seconds between heartbeats to Temporal
_LOST_AFTER = 10.0  # seconds out of sight before a run is called lost
_GIVEN_UP_AFTER = 60.0  # seconds without a trainer and without a sign of any agent


@dataclass
class _Watch:
    """One activity's view of one attempt."""

    run: Run
    target: Target
    directory: RunDir
    config: AgentConfig
    last_seen: float = 0.0
    ended_by: str | None = None
    heartbeat: datetime | None = None
    heard_at: float = field(default_factory=time.monotonic)

    def is_silent(self, seen: Observation) -> bool:
        """No agent can be kept alive, and there is no trainer that one could watch."""
        heartbeat = seen.state.heartbeat if seen.state else None
        if seen.trainer_alive or heartbeat != self.heartbeat:
            self.heartbeat, self.heard_at = heartbeat, time.monotonic()
        # an agent that is there says something, sooner or later
        return not seen.agent_alive and time.monotonic() - self.heard_at > _GIVEN_UP_AFTER


class TrainActivity:
    """The activity `train`, one for each attempt under way."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._database = services.database

    @activity.defn(name="train")
    async def train(self, attempt: Attempt) -> Ending:
        """Train to the end, however often this activity is started."""
        watch = await asyncio.to_thread(self._attach, attempt)
        watch.last_seen = time.monotonic()
        beaten = 0.0
        while True:
            if time.monotonic() - beaten >= _BEAT:
                activity.heartbeat()
                beaten = time.monotonic()
            ending = await asyncio.to_thread(self._look, watch)
            if ending is not None:
                return ending
            await asyncio.sleep(_LOOK)

    def _attach(self, attempt: Attempt) -> _Watch:
        run = current_run(self._services, attempt)
        target = self._services.target(run.run_spec)
        directory = self._services.directory(run.id)
        config = self._services.agent_config(run, run_token(self._services, run))
        if run.status is RunStatus.ALLOCATING:
            self._start(run, target, directory, config)
        return _Watch(run, target, directory, config)

    def _start(self, run: Run, target: Target, directory: RunDir, config: AgentConfig) -> None:
        """Start the trainer. Repeating it after a crash is safe: the target starts it once."""
        spec = spec_with_data(run)
        adapter = frameworks.get(spec.framework)
        try:
            resume_from = starting_point(self._database, run, directory)
            launch = adapter.prepare_training_script(spec, directory, resume_from=resume_from)
            launch = launch.model_copy(update={"attempt": run.attempt})
            allocation = Allocation.model_validate(run.allocation or {})
            target.start(directory, launch, config, allocation)
        except UnavailableError:
            raise  # out of reach for now: Temporal tries again
        except TrainwrightError as error:
            raise as_application_error(error, retry=False) from error
        with self._database.session() as session:
            Attempts(session).get(run.id, run.attempt).resumed_from = resume_from
            Runs(session).set_status(run.id, RunStatus.RUNNING)
        self._services.wake(run.id)

    def _look(self, watch: _Watch) -> Ending | None:
        try:
            seen = watch.target.observe(watch.directory)
        except UnreachableError as error:
            return self._out_of_sight(watch, str(error))
        watch.last_seen = time.monotonic()
        self._back_in_sight(watch)
        if seen.phase is Phase.DONE and seen.outcome is not None:
            return self._ending(watch, seen, seen.outcome)
        if watch.is_silent(seen):
            return _abandoned(watch, seen)
        if not seen.agent_alive:
            watch.config.api_url = self._services.api_url
            watch.target.ensure_agent(watch.directory, watch.config)
        self._supervise(watch, seen)
        return None

    def _out_of_sight(self, watch: _Watch, reason: str) -> Ending | None:
        if time.monotonic() - watch.last_seen < _LOST_AFTER:
            return None
        if watch.run.status is not RunStatus.LOST:
            self._move(watch, RunStatus.LOST, reason)
        with self._database.session(write=False) as session:
            request = Runs(session).get(watch.run.id).request or {}
        # nobody can carry it to the trainer; what the target finds of the run is ended in `finish`
        return Ending("stopped", reason=reason) if request.get("kind") == "stop" else None

    def _back_in_sight(self, watch: _Watch) -> None:
        if watch.run.status is not RunStatus.LOST:
            return
        self._move(watch, RunStatus.RUNNING, "seen again")
        if request := watch.run.request:  # asked while nobody could carry it
            ask_trainer(self._services, watch.run, request["kind"], now=request["now"])

    def _move(self, watch: _Watch, status: RunStatus, reason: str) -> None:
        with self._database.session() as session:
            watch.run = Runs(session).set_status(watch.run.id, status, reason=reason)
        self._services.wake(watch.run.id)

    def _supervise(self, watch: _Watch, seen: Observation) -> None:
        """End what ran too long, or went silent when the user asked for that to end it."""
        spec = watch.run.run_spec
        if (seen.trainer_seconds or 0) > spec.resources.max_hours * 3600:
            self._end(watch, by="time_limit")
        elif seen.state and seen.state.stalled and spec.supervision.on_stall != "alert":
            self._end(watch, by="stall")

    def _end(self, watch: _Watch, *, by: str) -> None:
        if watch.ended_by:
            return
        at = datetime.now(UTC).isoformat()
        request: dict[str, Any] = {"kind": "stop", "now": False, "by": by, "at": at}
        with self._database.session() as session:
            watch.run = Runs(session).get(watch.run.id)
            asked = (watch.run.request or {}).get("by")
            if asked is None:
                watch.run = Dispatch(session).ask(watch.run.id, request, pending=False)
        # what a person asked stands; what was decided here is asked again, lest it got lost
        if asked in (None, by):
            ask_trainer(self._services, watch.run, "stop")
        watch.ended_by = asked or by

    def _ending(self, watch: _Watch, seen: Observation, outcome: Outcome) -> Ending:
        with self._database.session() as session:
            run = Runs(session).get(watch.run.id)
            if seen.exit is not None:
                row = Attempts(session).get(run.id, run.attempt)
                row.exit_code, row.signal = seen.exit.exit_code, seen.exit.signal
            error = _last_error(Events(session), run)
        by = (run.request or {}).get("by")
        if outcome is Outcome.STOPPED and by in ("stall", "time_limit"):
            return _supervised_ending(run, by)
        if outcome is Outcome.FAILED:
            error = error or {"code": "trainer_vanished", "message": "the trainer is gone"}
            return Ending("failed", reason=error["message"], error=error | {"stage": "train"})
        reasons = {Outcome.STOPPED: "stopped", Outcome.PAUSED: "paused"}
        return Ending(outcome.value, reason=reasons.get(outcome))


def _last_error(events: Events, run: Run) -> dict[str, Any] | None:
    found = events.after(run.id, types={"training_error"})
    errors = [e for e in found if isinstance(e, TrainingErrorEvent) and e.attempt == run.attempt]
    return errors[-1].data.model_dump(mode="json") if errors else None


def _abandoned(watch: _Watch, seen: Observation) -> Ending:
    """The trainer is gone, and what it did cannot be read."""
    if seen.exit is not None and seen.exit.exit_code == 0:
        return Ending("completed", reason="its last events could not be read")
    words = last_lines(watch.directory.agent_log)
    message = "no agent can be kept alive for this run"
    error = {
        "code": "agent_failed",
        "message": f"{message}: {words[-1]}" if words else message,
        "hint": f"trainwright runs resume {watch.run.id}",
        "stage": "train",
        "exit_code": seen.exit.exit_code if seen.exit else None,
        "signal": seen.exit.signal if seen.exit else None,
    }
    return Ending("failed", reason=message, error=error)


def _supervised_ending(run: Run, by: str) -> Ending:
    if by == "time_limit":
        hours = run.run_spec.resources.max_hours
        code, message = "time_limit", f"the run reached its limit of {hours:g} hours"
        hint = f"trainwright runs resume {run.id}"
    else:
        minutes = run.run_spec.supervision.stall_minutes
        code, message = "stalled", f"the trainer gave no sign of life for {minutes:g} minutes"
        hint = f"trainwright runs logs {run.id}"
    error = {"code": code, "message": message, "hint": hint, "stage": "train"}
    return Ending("failed", reason=message, error=error)
