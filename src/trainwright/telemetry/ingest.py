"""Events of agents in: each applied once, a whole batch or none of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from trainwright.settings import Home
from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.events import (
    Alert,
    CheckpointSavedEvent,
    Event,
    LogEvent,
    MetricsEvent,
    Origin,
    TrainingCompleteEvent,
    TrainingErrorEvent,
    TrainingProgress,
    TrainingProgressEvent,
    make_event,
    utc_now,
)
from trainwright.spec.metrics import too_many_metrics
from trainwright.store.database import Database
from trainwright.store.documents import Raw
from trainwright.store.models import Run
from trainwright.store.repositories import Attempts, Checkpoints, Events, Metrics, NewPoint
from trainwright.store.repositories.events import event_row, lock_run
from trainwright.telemetry.alerts import AlertEngine
from trainwright.telemetry.logs import LogGapError, LogStore

_TOO_LARGE = 1 << 63
_LONGEST_PATH = 1000
_LONGEST_DIGEST = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Applied:
    """What became of a batch.

    Attributes:
        last_seq: The highest agent `seq` applied so far; the agent goes on after it.
        applied: Events of this batch that were new.
        stream_seq: The last `seq` of the run's stream.
    """

    last_seq: int
    applied: int
    stream_seq: int


class Ingest:
    """Applies what agents send.

    Args:
        database: Where rows go.
        home: Where logs go.
    """

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._logs = LogStore(home.run_logs)

    def apply(self, run_id: str, events: Sequence[Event]) -> Applied:
        """Apply those events that follow what was applied before.

        Events seen before are skipped. Those after a gap are left for the agent to send again
        from `last_seq` on: applying them would make the missing ones look seen.

        Args:
            run_id: The run whose agent sends.
            events: In the agent's order.

        Raises:
            NotFoundError: There is no such run.
            InvalidRequestError: An event is of another run, or of an attempt there never was.
            StorageError: The home cannot be written; nothing was applied.
        """
        with self._database.session() as session:
            run = lock_run(session, run_id)
            _check(run, events)
            run.last_seen_at = utc_now()
            fresh = _following(run.agent_seq, events)
            if fresh:
                _Batch(session, self._logs, run).apply(fresh)
            return Applied(run.agent_seq, len(fresh), run.event_seq)


def _check(run: Run, events: Sequence[Event]) -> None:
    for event in events:
        if event.run_id != run.id:
            raise InvalidRequestError(
                f"an event of run {event.run_id} was sent for run {run.id}", field="run_id"
            )
        if event.attempt > run.attempt:
            raise InvalidRequestError(
                f"run {run.id} has no attempt {event.attempt}",
                field="attempt",
                expected=f"at most {run.attempt}",
            )


def _following(last: int, events: Sequence[Event]) -> list[Event]:
    """The events that continue `last` without a hole."""
    fresh = []
    for event in events:
        if event.seq == last + 1:
            fresh.append(event)
            last = event.seq
        elif event.seq > last:
            break
    return fresh


@dataclass
class _Batch:
    """One transaction's worth of events of one run, whose row is locked."""

    session: Session
    logs: LogStore
    run: Run
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _points: list[NewPoint] = field(default_factory=list)
    _points_of: int = 0
    _text: list[bytes] = field(default_factory=list)
    _text_size: int = 0

    def apply(self, events: Sequence[Event]) -> None:
        run = self.run
        for event in events:
            run.event_seq += 1
            self._rows.append(
                event_row(event, run.event_seq, Origin.AGENT, event.seq, self._kept(event))
                | {"timestamp": _possible(event.timestamp)}
            )
        run.agent_seq = events[-1].seq
        self._write_points()
        self._write_log()
        Events(self.session).insert_rows(self._rows)
        AlertEngine(self.session, run).look(events)

    def _kept(self, event: Event) -> Raw | dict[str, Any]:
        """Let the event take effect; what its row keeps of the data."""
        match event:
            case LogEvent():
                return self._log(event)
            case MetricsEvent():
                self._metrics(event)
            case TrainingProgressEvent():
                self._progress(event)
            case CheckpointSavedEvent():
                self._checkpoint(event)
            case TrainingCompleteEvent() | TrainingErrorEvent():
                self._end(event)
        return Raw(event.data.model_dump_json(exclude_none=True))

    def _log(self, event: LogEvent) -> dict[str, Any]:
        raw = event.data.text.encode("utf-8", "replace")
        place = self.run.log_size + self._text_size
        self._text.append(raw)
        self._text_size += len(raw)
        return {"offset": place, "size": len(raw)}

    def _checkpoint(self, event: CheckpointSavedEvent) -> None:
        """Keep it, unless no file can be so: then it stays in the stream only."""
        said = event.data
        fits = len(said.path) <= _LONGEST_PATH and len(said.sha256) <= _LONGEST_DIGEST
        if fits and said.size < _TOO_LARGE and "\0" not in said.path + said.sha256:
            saved = said.model_copy(update={"step": _kept_step(said.step)})
            Checkpoints(self.session).save(self.run.id, event.attempt, saved)

    def _metrics(self, event: MetricsEvent) -> None:
        if event.attempt != self._points_of:
            self._write_points()
            self._points_of = event.attempt
        at = _microseconds(_possible(event.timestamp))
        self._points += [
            NewPoint(
                p.name.replace("\0", "�"),
                p.value,
                _kept_step(p.step),
                p.epoch,
                at if p.timestamp is None else _microseconds(_possible(p.timestamp)),
            )
            for p in event.data.points
        ]

    def _progress(self, event: TrainingProgressEvent) -> None:
        if event.attempt == self.run.attempt:
            self.run.progress = _standing(self.run.progress, event.data)
        start = _kept_step(event.data.resumed_from)
        if start is not None:
            self._write_points()
            Attempts(self.session).starts_after(self.run.id, event.attempt, start)

    def _end(self, event: TrainingCompleteEvent | TrainingErrorEvent) -> None:
        attempt = Attempts(self.session).get(self.run.id, event.attempt)
        attempt.exit_code = _kept_code(event.data.exit_code)
        if isinstance(event, TrainingErrorEvent):
            attempt.signal = _kept_code(event.data.signal)

    def _write_points(self) -> None:
        if not self._points:
            return
        self._infer_start()
        dropped = Metrics(self.session).write(self.run.id, self._points_of, self._points)
        self._points = []
        if dropped is not None:
            self._say_once(too_many_metrics(dropped))

    def _say_once(self, alert: Alert) -> None:
        """Add an alert of the platform's own, unless the stream has it already."""
        if Events(self.session).has_alert(self.run.id, alert.code):
            return
        self.run.event_seq += 1
        seq = self.run.event_seq
        event = make_event(self.run.id, self.run.attempt, seq, alert)
        kept = Raw(alert.model_dump_json(exclude_none=True))
        self._rows.append(event_row(event, seq, Origin.PLATFORM, seq, kept))

    def _infer_start(self) -> None:
        """A later attempt that never says where it starts is held to its first step."""
        if self._points_of == 1:
            return
        attempts = Attempts(self.session)
        if attempts.get(self.run.id, self._points_of).start_step is None:
            steps = [p.step for p in self._points if p.step is not None]
            if steps:
                attempts.starts_after(self.run.id, self._points_of, max(min(steps) - 1, 0))

    def _write_log(self) -> None:
        """Write before the commit: a crash between the two writes the same bytes again."""
        if not self._text:
            return
        run, data = self.run, b"".join(self._text)
        try:
            self.logs.write(run.id, run.log_size, data)
        except LogGapError:
            # what the file lost stays lost; what comes now keeps its place
            self.logs.skip_to(run.id, run.log_size)
            self.logs.write(run.id, run.log_size, data)
        run.log_size += len(data)


def _standing(before: dict[str, Any] | None, said: TrainingProgress) -> dict[str, Any]:
    """Where the run stands; a resumed attempt first says only where it goes on."""
    if said.resumed_from is None:
        return said.model_dump(mode="json", exclude_none=True)
    news = said.model_dump(mode="json", exclude_defaults=True)
    return {**(before or {}), "step": said.resumed_from, **news}


def _kept_step(step: int | None) -> int | None:
    """A step read from a log may be any number; one no column can hold must not stop the rest."""
    return step if step is not None and abs(step) < _TOO_LARGE else None


def _kept_code(code: int | None) -> int | None:
    return code if code is not None and abs(code) < 1 << 31 else None


def _possible(time: datetime) -> datetime:
    """The time in UTC; now, when it is beyond what UTC can say."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return utc_now()


def _microseconds(time: datetime) -> int:
    delta = time - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
