"""Alerts: opened once, kept up to date while they last, resolved when they are over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, select

from trainwright.spec.errors import NotFoundError
from trainwright.spec.events import Alert, AlertState, Origin, make_event, utc_now
from trainwright.store.documents import Raw, storable
from trainwright.store.models import AlertMemory, AlertRow, Run, User
from trainwright.store.repositories.base import (
    Page,
    Repository,
    decode_cursor,
    encode_cursor,
    read_time,
)
from trainwright.store.repositories.events import Events, event_row, lock_run
from trainwright.store.repositories.notices import Notices

LASTING = frozenset({"failed", "nan_loss", "loss_diverging"})
"""What is still true of a run that has ended: open until somebody has seen it."""

_GRAVITY = {"error": 0, "warning": 1, "info": 2}

MAX_OPEN = 100
"""Open alerts of one run; an agent that warns of ever more codes is not listened to further."""


@dataclass(frozen=True)
class Trouble:
    """What a rule has noticed.

    Attributes:
        rule: Which rule speaks.
        severity: How bad it is.
        message: What was seen, with its figures.
        hint: What to do about it.
        facts: The evidence, by name.
        is_told: The run's stream says so already.
    """

    rule: str
    severity: Literal["info", "warning", "error"]
    message: str
    hint: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    is_told: bool = False


@dataclass(frozen=True)
class AlertQuery:
    """Which alerts, newest first.

    Attributes:
        run_id: Of one run.
        owner_id: Of one user's runs.
        rule: Of one rule.
        severity: At least as bad as one of these.
        state: `open`, `resolved`, `acknowledged` (whether open or not) or `unseen` (open, and not
            acknowledged); default: all.
        limit: Rows a page.
        cursor: `next_cursor` of the page before.
        worst_first: By severity before time; only the first page is to be had so.
    """

    run_id: str | None = None
    owner_id: str | None = None
    rule: str | None = None
    severity: Collection[str] = ()
    state: str | None = None
    limit: int = 50
    cursor: str | None = None
    worst_first: bool = False


@dataclass(frozen=True)
class Shown:
    """An alert with the names that people know."""

    row: AlertRow
    run_name: str
    seen_by: str | None


class Alerts(Repository):
    def open_of(self, run_id: str) -> dict[str, AlertRow]:
        """The run's open alerts by rule."""
        query = select(AlertRow).where(AlertRow.run_id == run_id, AlertRow.resolved_at.is_(None))
        return {row.rule: row for row in self.session.scalars(query.order_by(AlertRow.opened_at))}

    def report(self, run: Run, trouble: Trouble, count: int = 1) -> None:
        """Open an alert, or bring the one up to date that is open; the run is locked.

        Args:
            run: Whose trouble it is.
            trouble: As it was seen last.
            count: How often it was seen.
        """
        known = self.open_of(run.id)
        row = known.get(storable(trouble.rule))
        if row is not None:
            row.count += count
            row.message, row.facts = storable(trouble.message), dict(trouble.facts)
            row.updated_at = utc_now()
            return
        if len(known) >= MAX_OPEN:
            return
        row = AlertRow(
            run_id=run.id,
            attempt=run.attempt,
            rule=storable(trouble.rule),
            severity=trouble.severity,
            message=storable(trouble.message),
            hint=storable(trouble.hint) if trouble.hint else None,
            facts=dict(trouble.facts),
            count=count,
        )
        self.session.add(row)
        self.session.flush()
        if not trouble.is_told:
            self._say(run, row, "opened", row.message)
        self._tell(run, row, "alert.opened", f"{run.name}: {row.message}")

    def resolve(self, run: Run, rules: Collection[str] | None, why: str) -> None:
        """Close the open alerts of these rules, or of all; the run is locked."""
        over = [row for rule, row in self.open_of(run.id).items() if rules is None or rule in rules]
        for row in over:
            row.resolved_at = row.updated_at = utc_now()
            row.resolution = why
            self._say(run, row, "resolved", f"over: {why}")
            self._tell(run, row, "alert.resolved", f"{run.name}: {row.rule} is over: {why}")

    def acknowledge(self, alert_id: str, user_id: str) -> AlertRow:
        """Note who has seen an alert, once; of a run that has ended, it is thereby over.

        Raises:
            NotFoundError: There is none of this id.
        """
        row = self._get(alert_id)
        run = lock_run(self.session, row.run_id)
        self.session.refresh(row)
        if row.acknowledged_at is not None:
            return row
        user = self.session.get_one(User, user_id)
        row.acknowledged_at = row.updated_at = utc_now()
        row.acknowledged_by = user.id
        said = f"seen by {user.name}"
        self._say(run, row, "acknowledged", said)
        self._tell(run, row, "alert.acknowledged", f"{run.name}: {row.rule} was {said}")
        if run.status.is_terminal:
            self.resolve(run, [row.rule], said)
        return row

    def get(self, alert_id: str) -> Shown:
        """One alert.

        Raises:
            NotFoundError: There is none of this id.
        """
        found = self.session.execute(_shown().where(AlertRow.id == alert_id)).first()
        if found is None:
            raise _unknown(alert_id)
        return Shown(*found)

    def list(self, query: AlertQuery) -> Page[Shown]:
        """A page of alerts.

        Raises:
            InvalidRequestError: The cursor is not valid.
        """
        wanted = _wanted(query)
        counted = select(func.count()).select_from(AlertRow)
        total = self.session.scalar(counted.where(*wanted)) or 0
        if query.cursor:
            said, last = decode_cursor(query.cursor, str, str)
            at = read_time(said)
            wanted.append(
                (AlertRow.opened_at < at) | ((AlertRow.opened_at == at) & (AlertRow.id < last))
            )
        order = [AlertRow.opened_at.desc(), AlertRow.id.desc()]
        if query.worst_first:
            order.insert(0, case(_GRAVITY, value=AlertRow.severity, else_=len(_GRAVITY)))
        rows = self.session.execute(_shown().where(*wanted).order_by(*order).limit(query.limit + 1))
        found = [Shown(*row) for row in rows]
        more = None
        if len(found) > query.limit and not query.worst_first:
            end = found[query.limit - 1].row
            more = encode_cursor(end.opened_at.isoformat(), end.id)
        return Page(found[: query.limit], more, total)

    def count_open(self) -> dict[str, int]:
        """How many alerts are open, by severity; one that nobody has is absent."""
        query = select(AlertRow.severity, func.count()).join(Run, Run.id == AlertRow.run_id)
        query = query.where(AlertRow.resolved_at.is_(None), Run.deleted_at.is_(None))
        return dict(self.session.execute(query.group_by(AlertRow.severity)).all())

    def last_change(self) -> tuple[datetime | None, int]:
        """What differs as soon as an alert has come, changed or gone."""
        query = select(func.max(AlertRow.updated_at), func.count()).select_from(AlertRow)
        changed, count = self.session.execute(query).one()
        return changed, count

    def memory(self, run_id: str) -> AlertMemory:
        """What the rules remember of the run; the caller holds its lock."""
        memory = self.session.get(AlertMemory, run_id)
        if memory is None:
            memory = AlertMemory(run_id=run_id, state={})
            self.session.add(memory)
        return memory

    def _get(self, alert_id: str) -> AlertRow:
        row = self.session.get(AlertRow, alert_id)
        if row is None:
            raise _unknown(alert_id)
        return row

    def _say(self, run: Run, row: AlertRow, state: AlertState, message: str) -> None:
        """Add an alert's event to the stream of a locked run."""
        data = Alert(
            code=row.rule,
            severity=row.severity if state == "opened" else "info",
            message=message,
            hint=row.hint if state == "opened" else None,
            id=row.id,
            state=state,
        )
        run.event_seq += 1
        event = make_event(run.id, run.attempt, run.event_seq, data)
        kept = Raw(data.model_dump_json(exclude_none=True))
        Events(self.session).insert_rows(
            [event_row(event, event.seq, Origin.PLATFORM, event.seq, kept)]
        )

    def _tell(self, run: Run, row: AlertRow, event: str, text: str) -> None:
        about = {
            "id": row.id,
            "rule": row.rule,
            "severity": row.severity,
            "message": row.message,
            "hint": row.hint,
            "facts": dict(row.facts),
            "opened_at": row.opened_at.isoformat(),
            "resolution": row.resolution,
        }
        Notices(self.session).tell(event, run, text, {"alert": about})


def _shown() -> Any:
    query = select(AlertRow, Run.name, User.name).join(Run, Run.id == AlertRow.run_id)
    return query.outerjoin(User, User.id == AlertRow.acknowledged_by)


def _wanted(query: AlertQuery) -> list[ColumnElement[bool]]:
    # of runs only those in the trash, or an owner's, are looked at: alerts are fewer than runs
    trashed = select(Run.id).where(Run.deleted_at.is_not(None))
    wanted: list[ColumnElement[bool]] = [AlertRow.run_id.not_in(trashed)]
    if query.run_id is not None:
        wanted.append(AlertRow.run_id == query.run_id)
    if query.owner_id is not None:
        owned = select(Run.id).where(Run.owner_id == query.owner_id)
        wanted.append(AlertRow.run_id.in_(owned))
    if query.rule is not None:
        wanted.append(AlertRow.rule == query.rule)
    if query.severity:
        wanted.append(AlertRow.severity.in_(query.severity))
    match query.state:
        case "open":
            wanted.append(AlertRow.resolved_at.is_(None))
        case "unseen":
            wanted += [AlertRow.resolved_at.is_(None), AlertRow.acknowledged_at.is_(None)]
        case "resolved":
            wanted.append(AlertRow.resolved_at.is_not(None))
        case "acknowledged":
            wanted.append(AlertRow.acknowledged_at.is_not(None))
    return wanted


def _unknown(alert_id: str) -> NotFoundError:
    return NotFoundError(
        f"there is no alert {alert_id!r}", field="alert", mend="trainwright alerts list"
    )
