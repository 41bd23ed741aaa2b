"""The dashboard, live: one reader for all who look, and for each only what they may see.

Whatever happens to a run within a quarter of a second is one message, so that neither many runs nor
many clients make more work than the changes do.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from trainwright.server import monitoring
from trainwright.server.run_views import run_view
from trainwright.spec.errors import TrainwrightError
from trainwright.spec.events import utc_now
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import Alerts

READ_SECONDS = 0.25
SNAPSHOT_SECONDS = 1.0
_CAPACITY = 500
_OVERLAP = timedelta(seconds=5)
"""Rows written a moment before they are seen, by a transaction that took its time."""

_log = logging.getLogger(__name__)

Scope = str | None
"""The only owner whose runs are seen; None for everyone's."""
_State = tuple[datetime, RunStatus | None]
"""When a run changed last, and to what; None in the trash."""


@dataclass(frozen=True)
class _Change:
    run_id: str
    owner_id: str | None
    text: str | None
    """The run as a message; None of one that is gone."""
    counted: bool
    """How many runs there are of a status may have changed."""


class Board:
    """Who looks at the dashboard, and what they are shown; it belongs to one event loop.

    Args:
        database: Where the runs are.
        home: The folder whose disk is shown.
    """

    def __init__(self, database: Database, home: Path) -> None:
        self._database = database
        self._home = home
        self._viewers: set[Viewer] = set()
        self._reader: asyncio.Task[None] | None = None
        self._seen: dict[str, _State] = {}
        self._from = utc_now()
        self._alerts: object = None
        self._version = 0
        self._shown: dict[Scope, tuple[int, asyncio.Task[str]]] = {}

    def look(self, scope: Scope) -> Viewer:
        """The dashboard of a scope: `async with board.look(…) as viewer: await viewer.next()`."""
        if self._reader is None:
            self._from = utc_now()
            self._reader = asyncio.get_running_loop().create_task(self._read_on())
        viewer = Viewer(self, scope)
        self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forget a viewer; without any, nothing is read."""
        self._viewers.discard(viewer)
        if not self._viewers and self._reader is not None:
            self._reader.cancel()
            self._reader = None
            self._seen.clear()
            self._shown.clear()

    async def dashboard(self, scope: Scope) -> str:
        """The dashboard of a scope as a message, made once for all who ask at the same time."""
        version, made = self._shown.get(scope, (-1, None))
        if made is None or version != self._version or made.cancelled():
            made = asyncio.create_task(asyncio.to_thread(self._make, scope))
            self._shown[scope] = (self._version, made)
        return await asyncio.shield(made)

    def _make(self, scope: Scope) -> str:
        view = monitoring.dashboard(self._database, scope, self._home)
        return _message("dashboard", view.model_dump_json()[1:-1])

    async def _read_on(self) -> None:
        while True:
            await asyncio.sleep(READ_SECONDS)
            try:
                changes, alerts = await asyncio.to_thread(self._changes)
            except (TrainwrightError, SQLAlchemyError) as error:
                _log.warning("the dashboard could not be read: %s", error)
                continue
            if changes or alerts:
                self._version += 1
                for viewer in self._viewers:
                    viewer.offer(changes, alerts=alerts)

    def _changes(self) -> tuple[list[_Change], bool]:
        """Runs that have changed, and whether alerts have."""
        since = self._from - _OVERLAP
        marks = select(Run.id, Run.updated_at, Run.status, Run.deleted_at)
        with self._database.session(write=False) as session:
            rows = [
                *session.execute(marks.where(Run.deleted_at.is_(None), Run.updated_at >= since)),
                *session.execute(marks.where(Run.deleted_at >= since)),
            ]
            changed = {
                run_id: state
                for run_id, updated, status, deleted in rows
                if (state := (deleted or updated, None if deleted else status))
                != self._seen.get(run_id)
            }
            runs = session.scalars(select(Run).where(Run.id.in_(changed))).all()
            before, self._alerts = self._alerts, Alerts(session).last_change()
        found = [self._change(run, self._seen.get(run.id)) for run in runs]
        self._seen |= changed
        self._from = max([self._from, *(at for at, _ in changed.values())])
        return found, before is not None and before != self._alerts

    def _change(self, run: Run, before: _State | None) -> _Change:
        if run.deleted_at is not None:
            return _Change(run.id, run.owner_id, None, counted=True)
        text = _message("run", f'"run":{run_view(run).model_dump_json()}')
        counted = before is None or before[1] != run.status
        return _Change(run.id, run.owner_id, text, counted=counted)


class Viewer:
    """What one client is still to be told: of each run the newest only, so it never grows."""

    def __init__(self, board: Board, scope: Scope) -> None:
        self._board = board
        self._scope = scope
        self._changed = asyncio.Event()
        self._news: dict[str, str] = {}
        self._known: set[str] = set()
        self._outdated = True
        self._shown_at = -SNAPSHOT_SECONDS

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._board.leave(self)

    def offer(self, changes: list[_Change], *, alerts: bool = False) -> None:
        """Take what is in the client's sight; too much of it is told as a whole dashboard."""
        self._outdated |= alerts
        for change in changes:
            seen = self._scope is None or change.owner_id == self._scope
            if not seen and change.run_id not in self._known:
                continue
            gone = change.text is None or not seen
            text = _gone(change.run_id) if gone else change.text
            self._news[change.run_id] = text or ""
            (self._known.discard if gone else self._known.add)(change.run_id)
            self._outdated |= change.counted or gone
        if len(self._news) > _CAPACITY:
            self._news.clear()
            self._outdated = True
        if self._news or self._outdated:
            self._changed.set()

    async def next(self) -> str:
        """The next message; whole dashboards no more often than once a second."""
        while not self._outdated and not self._news:
            self._changed.clear()
            await self._changed.wait()
        if self._outdated:
            await asyncio.sleep(self._shown_at + SNAPSHOT_SECONDS - time.monotonic())
            self._outdated, self._shown_at = False, time.monotonic()
            return await self._board.dashboard(self._scope)
        return self._news.pop(next(iter(self._news)))


def _message(kind: str, fields: str) -> str:
    return f'{{"type":"{kind}",{fields}}}'


def _gone(run_id: str) -> str:
    return _message("run_gone", f'"run_id":{json.dumps(run_id)}')
