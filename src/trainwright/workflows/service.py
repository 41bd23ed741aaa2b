"""What people may ask of runs: create, stop, pause, resume, clone, delete, restore.

Requests are written to the database and nothing else; the worker's dispatcher carries them to
Temporal. So a request is never lost while Temporal or the worker is away; the API needs neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trainwright import catalog
from trainwright.datasets.place import check_place
from trainwright.datasets.s3 import is_in_s3
from trainwright.frameworks import registry as frameworks
from trainwright.frameworks.inventory import bring_frameworks
from trainwright.settings import Home
from trainwright.spec import (
    Chosen,
    ConflictError,
    Fault,
    NotFoundError,
    RunSpec,
    RunStatus,
    SpecError,
    nearest,
)
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.objects import ObjectStore
from trainwright.store.repositories import Runs
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.store.repositories.events import lock_run
from trainwright.targets import registry as targets
from trainwright.targets.base import UnreachableError, target_name
from trainwright.telemetry import Trash
from trainwright.workflows.data import data_faults, in_folder
from trainwright.workflows.resuming import choose
from trainwright.workflows.slots import misfit

_PAUSABLE = frozenset({RunStatus.RUNNING})


class RunService:
    """Everything routers call to change a run."""

    def __init__(self, database: Database, home: Home, objects: ObjectStore | None = None) -> None:
        self._database = database
        self._home = home
        self._trash = Trash(database, home, objects)

    def create(
        self,
        spec: RunSpec,
        *,
        owner_id: str | None,
        provenance: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
        sentence: str | None = None,
        project_id: str | None = None,
        tags: list[str] | None = None,
        parent_id: str | None = None,
        caller: Mapping[str, Any] | None = None,
        resumed_from: str | None = None,
    ) -> Run:
        """Record a run of a completed spec; the worker takes it from there.

        `resumed_from` is a checkpoint of the parent, as a path in its directory.

        Raises:
            SpecError: With every fault that can be found without touching the data.
        """
        preflight(spec)
        with self._database.session() as session:
            return Runs(session).add(
                spec,
                owner_id=owner_id,
                provenance=provenance,
                reasons=reasons,
                sentence=sentence,
                project_id=project_id,
                tags=tags or [],
                parent_id=parent_id,
                caller=caller,
                resumed_from=resumed_from,
            )

    def stop(self, run_id: str, *, now: bool = False) -> Run:
        """Ask a run to end, saving first unless `now`. Asking again, harder, is fine.

        Raises:
            ConflictError: It has ended already.
        """
        return self._request(run_id, {"kind": "stop", "now": now})

    def pause(self, run_id: str) -> Run:
        """Ask a run to save, end, and free its slot.

        Raises:
            ConflictError: It is not running, or is being stopped.
        """
        return self._request(run_id, {"kind": "pause", "now": False})

    def resume(self, run_id: str, checkpoint: str | int | None = None) -> Run:
        """Start the next attempt of a paused, failed or stopped run.

        Args:
            run_id: The run.
            checkpoint: What to go on from: a step, `best`, `last` or a checkpoint's name; default:
                the last that can be read.

        Raises:
            ConflictError: The run has not ended, or is complete; or the checkpoint is of no use.
            NotFoundError: There is no such checkpoint.
        """
        with self._database.session(write=False) as session:
            _check_resumable(Runs(session).get(run_id), checkpoint)
        path = None
        if checkpoint is not None:
            bring_frameworks()
            path = choose(self._database, self._home, run_id, checkpoint)
        with self._database.session() as session:
            runs = Runs(session)
            run = runs.get(run_id)
            _check_resumable(run, checkpoint)
            preflight(run.run_spec)
            # with the attempt in one transaction: what was chosen is never lost
            return start_next_attempt(runs, run, reason=_resumed(path), resumed_from=path)

    def clone(
        self,
        run_id: str,
        changes: Mapping[str, Any],
        *,
        owner_id: str | None,
        caller: Mapping[str, Any] | None = None,
        checkpoint: str | int | None = None,
    ) -> Run:
        """A new run with the same spec, but for `changes` and the defaults that follow them.

        `None` takes a field back, which is then chosen anew. With a `checkpoint` (as for `resume`)
        it starts from there instead of from the beginning.
        """
        with self._database.session(write=False) as session:
            run = Runs(session).get(run_id)
        bring_frameworks()
        path = None
        if checkpoint is not None:
            path = choose(self._database, self._home, run_id, checkpoint, as_clone=True)
        chosen = {name: Chosen(who) for name, who in run.provenance.items()}
        completed = catalog.edit(run.spec, chosen, {"name": None, **changes}, checks=(check_place,))
        inferred = {
            name: why
            for name, why in run.reasons.items()
            if completed.provenance.get(name) == Chosen.INFERRED
        }
        return self.create(
            completed.spec,
            owner_id=owner_id,
            provenance=completed.provenance,
            reasons=inferred | completed.reasons,
            project_id=run.project_id,
            tags=[str(tag) for tag in run.tags],
            parent_id=run.id,
            caller=caller,
            resumed_from=path,
        )

    def delete(self, run_id: str, *, now: bool = False) -> Run:
        """Delete an ended run: into the trash, or with `now` its rows, files, log and objects.

        Returns:
            The run; one that can be restored has its `deleted_at`.

        Raises:
            ConflictError: It has not ended.
        """
        return self._trash.put(run_id, now=now)

    def restore(self, run_id: str) -> Run:
        """Take a run out of the trash.

        Raises:
            NotFoundError: It is not there.
        """
        return self._trash.restore(run_id)

    def finish_deletions(self) -> None:
        """Finish what a crash interrupted."""
        self._trash.finish()

    def empty_trash(self) -> None:
        """Remove for good what has been in the trash for long enough."""
        self._trash.empty()

    def _request(self, run_id: str, request: dict[str, Any]) -> Run:
        with self._database.session() as session:
            runs = Runs(session)
            run = lock_run(session, run_id)  # of several who ask at once, each sees the one before
            if request["kind"] == "pause":
                _check_pausable(run)
            elif run.status is RunStatus.PAUSED:
                return runs.set_status(run_id, RunStatus.STOPPED, reason="stopped while paused")
            if run.status.is_terminal:
                raise ConflictError(
                    f"run {run.name} has already ended: it is {run.status}",
                    field="status",
                    mend=f"trainwright runs show {run_id}",
                )
            # what was asked for at once stays so
            request["now"] |= bool((run.request or {}).get("now"))
            request |= {"by": "person", "at": datetime.now(UTC).isoformat()}
            return Dispatch(session).ask(run_id, request, pending=True)


def _check_resumable(run: Run, checkpoint: str | int | None) -> None:
    if run.status.is_resumable:
        return
    clone = f"trainwright runs clone {run.id}"
    if checkpoint is not None and run.status.is_terminal:
        clone += f" --from {checkpoint}"
    raise ConflictError(
        f"run {run.name} is {run.status} and cannot be resumed",
        expected="a paused, failed or stopped run; of another, a clone",
        field="status",
        mend=clone,
    )


def _resumed(path: str | None) -> str:
    return f"resumed from {path}" if path else "resumed"


def _check_pausable(run: Run) -> None:
    if run.status not in _PAUSABLE:
        raise ConflictError(
            f"run {run.name} is {run.status}; only a running run can be paused",
            field="status",
            mend=f"trainwright runs show {run.id}",
        )
    if (run.request or {}).get("kind") == "stop":
        raise ConflictError(
            f"run {run.name} is being stopped; it can be resumed afterwards",
            field="status",
            mend=f"trainwright runs resume {run.id}",
        )


def start_next_attempt(
    runs: Runs, run: Run, *, reason: str, resumed_from: str | None = None
) -> Run:
    """Open the next attempt and put it back on the road; data never found good is checked again."""
    runs.new_attempt(run.id, resumed_from=resumed_from)
    Dispatch(runs.session).clear(run.id)
    runs.update_fields(run.id, result=None)
    status = RunStatus.QUEUED if run.data_checked else RunStatus.VALIDATING
    return runs.set_status(run.id, status, reason=reason)


def preflight(spec: RunSpec) -> None:
    """Everything wrong with a spec that can be seen at once, without reading the data.

    Raises:
        SpecError: With every fault.
    """
    bring_frameworks()
    fields = spec.model_dump(mode="json", exclude_none=True)
    faults = catalog.check_names(fields) + check_place(fields)
    faults += data_faults(spec) + _framework_faults(spec) + _target_faults(spec)
    if faults:
        raise SpecError(faults)


def _framework_faults(spec: RunSpec) -> list[Fault]:
    try:
        adapter = frameworks.get(spec.framework)
    except NotFoundError:
        return [
            Fault(
                field="model",
                code="framework_not_installed",
                message=f"{spec.model} is known, but there is no {spec.framework} here to train it",
                expected=f"a model of {', '.join(frameworks.names())}",
                mend="trainwright models list --installed",
            )
        ]
    available = adapter.availability()
    if not available.installed:
        return [
            Fault(
                field="model",
                code="framework_not_installed",
                message=available.reason or f"{spec.framework} is not installed",
                mend=available.install,
            )
        ]
    # what has to be fetched first is a folder by the time the framework gets to see it
    return adapter.check(in_folder(spec, Path("/")) if is_in_s3(spec.dataset) else spec)


def _target_faults(spec: RunSpec) -> list[Fault]:
    name = spec.resources.target
    if target_name(spec) not in targets.names():
        return [
            Fault(
                field="resources.target",
                code="unknown_target",
                message=f"there is no target {name!r}",
                expected=", ".join(targets.names()),
                suggestions=nearest(name, targets.names()),
                mend="trainwright targets list",
            )
        ]
    try:
        capacity = targets.get(target_name(spec)).capacity()
    except UnreachableError:
        return []  # out of sight for now: the run waits for it
    why = misfit(spec, capacity)
    if why is None:
        return []
    field = "resources.gpus" if (spec.resources.gpus or 0) > capacity.gpus else "resources.cpus"
    return [Fault(field=field, code="too_large", message=why, mend="trainwright targets list")]
