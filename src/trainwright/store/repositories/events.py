"""The stream of a run's events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from trainwright.spec.errors import NotFoundError
from trainwright.spec.events import Event, EventAdapter, EventData, Origin, make_event, utc_now
from trainwright.store.documents import Raw
from trainwright.store.models import EventRow, Run
from trainwright.store.repositories.base import Repository

_INSERT = insert(EventRow.__table__)  # type: ignore[arg-type]
_STREAM = select(EventRow.seq, EventRow.attempt, EventRow.type, EventRow.timestamp, EventRow.data)

_PLACES_AT_ONCE = 500


class LogReader(Protocol):
    """Where the text of `log` events lies; `telemetry.LogStore` is one."""

    def read(self, run_id: str, offset: int, size: int) -> str: ...


def lock_run(session: Session, run_id: str) -> Run:
    """The run's row, locked until the transaction ends and read anew.

    Every writer of a run's stream goes through here, so its numbers rise without holes.

    Raises:
        NotFoundError: There is no such run, or it is in the trash.
    """
    run = session.get(Run, run_id, with_for_update=True, populate_existing=True)
    if run is None or run.deleted_at is not None:
        raise no_run(run_id)
    return run


def no_run(run_id: str) -> NotFoundError:
    return NotFoundError(f"there is no run {run_id!r}", field="run", mend="trainwright runs list")


class Events(Repository):
    """Reading and appending events.

    Args:
        session: The transaction.
        logs: Fills in the text of `log` events; without it they come with empty text.
    """

    def __init__(self, session: Session, logs: LogReader | None = None) -> None:
        super().__init__(session)
        self._logs = logs

    def append(self, run_id: str, data: EventData, *, timestamp: datetime | None = None) -> Event:
        """Add an event of the platform's own at the end of the run's stream.

        Raises:
            NotFoundError: There is no such run.
        """
        run = lock_run(self.session, run_id)
        run.event_seq += 1
        event = make_event(run.id, run.attempt, run.event_seq, data, timestamp or utc_now())
        kept = Raw(data.model_dump_json(exclude_none=True))
        self.insert_rows([event_row(event, event.seq, Origin.PLATFORM, event.seq, kept)])
        return event

    def insert_rows(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows made by `event_row`; the caller holds the run's lock."""
        if rows:
            self.session.flush()
            self.session.connection().execute(_INSERT, rows)

    def after(
        self,
        run_id: str,
        seq: int = 0,
        limit: int = 1000,
        types: Collection[str] | None = None,
    ) -> list[Event]:
        """Events of the stream beyond `seq`, in order, at most `limit`."""
        query = _STREAM.where(EventRow.run_id == run_id, EventRow.seq > seq)
        if types is not None:
            query = query.where(EventRow.type.in_(types))
        rows = self.session.execute(query.order_by(EventRow.seq).limit(limit))
        return [self._event(run_id, row) for row in rows]

    def newest(self, run_id: str, event_type: str, limit: int) -> list[Event]:
        """The last events of one type, newest first."""
        query = _STREAM.where(EventRow.run_id == run_id, EventRow.type == event_type)
        rows = self.session.execute(query.order_by(EventRow.seq.desc()).limit(limit))
        return [self._event(run_id, row) for row in rows]

    def log_offset(self, run_id: str, since: datetime) -> int | None:
        """Where the run's log went on at a time; None if nothing came from then on."""
        logged = select(EventRow.data).where(
            EventRow.run_id == run_id, EventRow.type == "log", EventRow.timestamp >= since
        )
        first = self.session.scalar(logged.order_by(EventRow.seq).limit(1))
        return None if first is None else int(first["offset"])

    def places(self, run_id: str, event_type: str) -> Sequence[int]:
        """Where in the stream the events of one type are."""
        query = select(EventRow.seq).where(EventRow.run_id == run_id, EventRow.type == event_type)
        return self.session.scalars(query.order_by(EventRow.seq)).all()

    def at(self, run_id: str, places: Sequence[int]) -> list[Event]:
        """The events at these places of the stream, in order."""
        found: list[Event] = []
        for start in range(0, len(places), _PLACES_AT_ONCE):
            some = places[start : start + _PLACES_AT_ONCE]
            query = _STREAM.where(EventRow.run_id == run_id, EventRow.seq.in_(some))
            rows = self.session.execute(query.order_by(EventRow.seq))
            found += [self._event(run_id, row) for row in rows]
        return found

    def has_alert(self, run_id: str, code: str) -> bool:
        """Whether the stream has an alert of this code."""
        alerts = select(EventRow.seq).where(EventRow.run_id == run_id, EventRow.type == "alert")
        found = alerts.where(EventRow.data["code"].as_string() == code)
        return self.session.scalar(found.limit(1)) is not None

    def last_seq(self, run_id: str) -> int:
        """The stream's last `seq`; 0 when there is none."""
        return self.session.scalar(select(Run.event_seq).where(Run.id == run_id)) or 0

    def last_agent_seq(self, run_id: str) -> int:
        """The last `seq` of the run's agent that was applied; 0 when there is none."""
        return self.session.scalar(select(Run.agent_seq).where(Run.id == run_id)) or 0

    def _event(self, run_id: str, row: Row[Any]) -> Event:
        data = row.data
        if row.type == "log":
            text = self._logs.read(run_id, data["offset"], data["size"]) if self._logs else ""
            data = {**data, "text": text}
        return EventAdapter.validate_python(
            {
                "type": row.type,
                "run_id": run_id,
                "attempt": row.attempt,
                "seq": row.seq,
                "timestamp": row.timestamp,
                "data": data,
            }
        )


def event_row(
    event: Event, seq: int, origin: Origin, origin_seq: int, data: Raw | dict[str, Any]
) -> dict[str, Any]:
    """The row that keeps `event` at place `seq` of its run's stream.

    Args:
        event: Whose envelope is kept.
        seq: Place in the stream.
        origin: Who numbered the event.
        origin_seq: The number it had there.
        data: What is kept of the event's data.
    """
    return {
        "run_id": event.run_id,
        "seq": seq,
        "attempt": event.attempt,
        "type": event.type,
        "origin": origin,
        "origin_seq": origin_seq,
        "timestamp": event.timestamp,
        "data": data,
    }
