"""Runs: found, listed, changed."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import defer

from trainwright.spec.errors import ConflictError, InvalidRequestError, NotFoundError
from trainwright.spec.events import StatusChanged
from trainwright.spec.ids import new_id
from trainwright.spec.result import RunError
from trainwright.spec.runspec import RunSpec
from trainwright.spec.status import ACTIVE, HOLDS_SLOT, RunStatus
from trainwright.store.models import Attempt, Run
from trainwright.store.repositories.base import Page, Repository
from trainwright.store.repositories.events import Events, lock_run, no_run
from trainwright.store.repositories.lifecycle import Ending, move
from trainwright.store.repositories.run_query import RunQuery, in_trash, page_of_runs
from trainwright.store.repositories.status_news import follow_status

_QUEUE_LOCK = 0x7175_6575_65
_UNREAD = tuple(
    defer(column)
    for column in (Run.provenance, Run.reasons, Run.progress, Run.result, Run.error, Run.report)
)
_FIELDS = frozenset(
    {
        "name",
        "notes",
        "tags",
        "project_id",
        "owner_id",
        "priority",
        "target",
        "dataset",
        "task",
        "spec",
        "provenance",
        "reasons",
        "allocation",
        "progress",
        "result",
        "error",
        "report",
        "data_checked",
        "queue_position",
        "last_seen_at",
    }
)


class Runs(Repository):
    def add(
        self,
        spec: RunSpec,
        *,
        run_id: str | None = None,
        name: str | None = None,
        owner_id: str | None = None,
        project_id: str | None = None,
        parent_id: str | None = None,
        sentence: str | None = None,
        provenance: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
        tags: Sequence[str] = (),
        notes: str | None = None,
        caller: Mapping[str, Any] | None = None,
        resumed_from: str | None = None,
    ) -> Run:
        """Keep a new run, `created`, with its first attempt and the first event of its stream.

        Args:
            spec: What is asked.
            run_id: Default: a new id.
            name: Default: the spec's, or its model's.
            owner_id: The user who asked.
            project_id: Where it belongs.
            parent_id: The run it is a clone of.
            sentence: The words it came from.
            provenance: Field → `user`, `inferred` or `default`.
            reasons: Field → why it was chosen, in a line.
            tags: Words to find it by.
            notes: Free text.
            caller: Command, folder and code of whoever asked.
            resumed_from: Checkpoint of the parent that it starts from.
        """
        run = Run(
            id=run_id or new_id(),
            name=name or spec.name or spec.model.rpartition("/")[2],
            status=RunStatus.CREATED,
            attempt=1,
            task=spec.task.value if spec.task else None,
            model=spec.model,
            dataset=spec.dataset,
            owner_id=owner_id,
            project_id=project_id,
            parent_id=parent_id,
            target=spec.resources.target,
            priority=spec.resources.priority,
            sentence=sentence,
            notes=notes,
            tags=list(tags),
            spec=spec.model_dump(mode="json", exclude_none=True),
            provenance=dict(provenance or {}),
            reasons=dict(reasons or {}),
            caller=dict(caller) if caller else None,
        )
        self.session.add(run)
        self.session.flush()
        self.session.add(Attempt(run_id=run.id, number=1, resumed_from=resumed_from))
        Events(self.session).append(run.id, StatusChanged(status=RunStatus.CREATED))
        return run

    def get(self, run_id: str) -> Run:
        """The run, also while it is in the trash or being removed.

        Raises:
            NotFoundError: There is no such run.
        """
        run = self.session.get(Run, run_id)
        if run is None:
            raise no_run(run_id)
        return run

    def resolve(
        self, words: str, *, owner_id: str | None = None, trashed: bool | None = False
    ) -> Run:
        """The run a person means: an id, a name, the beginning of an id, or `last`.

        Args:
            words: What the person wrote.
            owner_id: Look among this user's runs only.
            trashed: Look in the trash instead; `None` looks there for what is nowhere else.

        Raises:
            NotFoundError: Nothing fits.
            ConflictError: More than one run fits; `details.candidates` lists them.
        """
        wanted = words.strip()
        found = self._fitting(wanted, owner_id, trashed=bool(trashed))
        if not found and not trashed and (gone := self._fitting(wanted, owner_id, trashed=True)):
            if trashed is not None:
                raise _is_trashed(gone[0])
            found = gone
        if not found:
            raise NotFoundError(
                f"there is no run {wanted!r}" + (" in the trash" if trashed else ""),
                field="run",
                expected="an id, the beginning of one, a name, or `last`",
                mend="trainwright runs list" + (" --trashed" if trashed else ""),
            )
        if len(found) > 1:
            raise _ambiguous(wanted, found)
        return found[0]

    def _fitting(self, wanted: str, owner_id: str | None, *, trashed: bool) -> Sequence[Run]:
        query = select(Run).where(in_trash() if trashed else Run.deleted_at.is_(None))
        if owner_id is not None:
            query = query.where(Run.owner_id == owner_id)
        order = Run.deleted_at if trashed else Run.created_at
        newest = query.order_by(order.desc(), Run.id.desc())
        if wanted.lower() == "last":
            return self.session.scalars(newest.limit(1)).all()
        return (
            self.session.scalars(query.where(Run.id == wanted)).all()
            or self.session.scalars(newest.where(Run.name == wanted).limit(11)).all()
            or self._by_prefix(newest, wanted)
        )

    def list(self, query: RunQuery | None = None) -> Page[Run]:
        """A page of runs.

        Raises:
            InvalidRequestError: The cursor or the sort order is not valid.
        """
        return page_of_runs(self.session, query or RunQuery())

    def count_by_status(self, owner_id: str | None = None) -> dict[RunStatus, int]:
        """How many runs have each status, of one owner or of all; a status nobody has is absent."""
        # every status is named, so that an index that begins with it is all that is read
        query = select(Run.status, func.count()).where(
            Run.deleted_at.is_(None), Run.status.in_([*RunStatus])
        )
        if owner_id is not None:
            query = query.where(Run.owner_id == owner_id)
        return dict(self.session.execute(query.group_by(Run.status)).all())

    def count_ended_since(
        self, moment: datetime, owner_id: str | None = None
    ) -> dict[RunStatus, int]:
        """How many runs have ended since then, by how, of one owner or of all."""
        # no run has ended after it changed last, for which there is an index
        query = select(Run.status, func.count()).where(
            Run.deleted_at.is_(None), Run.updated_at >= moment, Run.ended_at >= moment
        )
        if owner_id is not None:
            query = query.where(Run.owner_id == owner_id)
        return dict(self.session.execute(query.group_by(Run.status)).all())

    def set_status(
        self,
        run_id: str,
        status: RunStatus,
        *,
        reason: str | None = None,
        error: RunError | None = None,
        exit_code: int | None = None,
        signal: int | None = None,
    ) -> Run:
        """Move a run along `spec/status.py`: its row, its attempt and its stream as one.

        A run that has the status already is left alone, so that a repeated call does no harm.

        Args:
            run_id: The run.
            status: Where it goes.
            reason: Why, in words for a person.
            error: What went wrong, when something did.
            exit_code: How the attempt's trainer ended.
            signal: The signal that ended it.

        Raises:
            NotFoundError: There is no such run.
            IllegalTransitionError: It may not go there from where it is.
        """
        run = lock_run(self.session, run_id)
        if run.status != status:
            ending = Ending(error=error, exit_code=exit_code, signal=signal)
            changed = move(self.session, run, status, reason, ending)
            follow_status(self.session, run, changed)
            Events(self.session).append(run.id, changed)
        return run

    def set_queue_position(self, run_id: str, position: int) -> None:
        """Tell a queued run its place, 1 being next; an event says so when it changed."""
        run = lock_run(self.session, run_id)
        if run.status == RunStatus.QUEUED and run.queue_position != position:
            run.queue_position = position
            Events(self.session).append(
                run.id,
                StatusChanged(status=run.status, previous=run.status, queue_position=position),
            )

    def new_attempt(self, run_id: str, *, resumed_from: str | None = None) -> Attempt:
        """Begin the next attempt of a paused, failed or stopped run; `set_status` then moves it.

        Args:
            run_id: The run.
            resumed_from: The checkpoint that it is to go on from; default: the last.

        Raises:
            NotFoundError: There is no such run.
            ConflictError: The run is active, or complete.
        """
        run = lock_run(self.session, run_id)
        if not run.status.is_resumable:
            raise ConflictError(
                f"a run that is {run.status} cannot be resumed",
                field="status",
                expected="paused, failed or stopped",
            )
        run.attempt += 1
        attempt = Attempt(run_id=run.id, number=run.attempt, resumed_from=resumed_from)
        self.session.add(attempt)
        self.session.flush()
        return attempt

    def waiting(self) -> Sequence[Run]:
        """Queued runs: higher priority first, then first come.

        As with `holding`, documents that scheduling does not need load when they are looked at.
        """
        query = select(Run).where(Run.status == RunStatus.QUEUED, Run.deleted_at.is_(None))
        order = (Run.priority.desc(), Run.queued_at, Run.id)
        return [*self.session.scalars(query.order_by(*order).options(*_UNREAD))]

    def holding(self) -> Sequence[Run]:
        """Runs that hold a slot, `lost` ones included."""
        query = select(Run).where(Run.status.in_(HOLDS_SLOT)).order_by(Run.id)
        return [*self.session.scalars(query.options(*_UNREAD))]

    def active(self) -> Sequence[Run]:
        """Runs something is still to happen to."""
        query = select(Run).where(Run.status.in_(ACTIVE), Run.deleted_at.is_(None))
        return [*self.session.scalars(query.order_by(Run.created_at, Run.id))]

    def lock_queue(self) -> None:
        """Keep every other scheduler out until this transaction ends."""
        # a writing session on SQLite holds the one write lock already
        if self.dialect == "postgresql":
            self.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _QUEUE_LOCK})

    def update_fields(self, run_id: str, **fields: Any) -> Run:
        """Change columns of a run, all but its status and counters.

        Raises:
            NotFoundError: There is no such run.
            InvalidRequestError: A field cannot be changed this way.
        """
        run = lock_run(self.session, run_id)
        for field, value in fields.items():
            if field not in _FIELDS:
                raise InvalidRequestError(
                    f"{field} cannot be changed", field=field, expected=", ".join(sorted(_FIELDS))
                )
            setattr(run, field, value)
        self.session.flush()
        return run

    def set_agent_token(self, run_id: str, token: str) -> None:
        """Let the agent of the run in by `token`; only its hash is kept."""
        lock_run(self.session, run_id).agent_token_hash = hash_token(token)

    def check_agent_token(self, run_id: str, token: str) -> bool:
        query = select(Run.agent_token_hash).where(Run.id == run_id, Run.deleted_at.is_(None))
        known = self.session.scalar(query)
        return known is not None and hmac.compare_digest(known, hash_token(token))

    def _by_prefix(self, newest: Any, wanted: str) -> Sequence[Run]:
        if not wanted:
            return []
        query = newest.where(Run.id.startswith(wanted.lower(), autoescape=True)).limit(11)
        return list(self.session.scalars(query))


def hash_token(token: str) -> str:
    """What the store keeps of a token: its SHA-256. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _is_trashed(run: Run) -> NotFoundError:
    return NotFoundError(
        f"run {run.name} ({run.id}) is in the trash",
        field="run",
        mend=f"trainwright runs restore {run.id}",
    )


def _ambiguous(wanted: str, found: Sequence[Run]) -> ConflictError:
    candidates = [
        {
            "id": r.id,
            "name": r.name,
            "status": str(r.status),
            "created_at": r.created_at.isoformat(),
        }
        for r in found[:10]
    ]
    listed = ", ".join(f"{r.id} ({r.name})" for r in found[:10])
    more = "" if len(found) <= 10 else " and more"
    return ConflictError(
        f"{wanted!r} may be any of {listed}{more}",
        field="run",
        expected="a whole id",
        details={"candidates": candidates},
    )
