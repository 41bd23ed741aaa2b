"""Which runs and checkpoints are to go, and their going."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from trainwright.server.auth import Principal
from trainwright.server.chat.runs import headline
from trainwright.server.run_views import run_view
from trainwright.server.services import Services
from trainwright.spec.api.storage import Pruned, PruneRequest, RunStorage
from trainwright.spec.errors import InvalidRequestError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.spec.metrics import lower_is_better
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run
from trainwright.store.repositories import Settings
from trainwright.store.repositories.run_query import in_trash
from trainwright.telemetry.retention import Retention
from trainwright.telemetry.storage import Storage
from trainwright.telemetry.trash import DEFAULT_TRASH_DAYS, TRASH_DAYS


def prune(services: Services, user: Principal, asked: PruneRequest) -> Pruned:
    """Delete the runs that are asked for, among the asker's, or say which ones those are.

    Raises:
        InvalidRequestError: One of the statuses is that of a run that has not ended.
    """
    if going := [status for status in asked.status if not status.is_terminal]:
        ended = [str(status) for status in RunStatus if status.is_terminal]
        raise InvalidRequestError(
            f"a run that is {going[0]} has not ended", field="status", expected=", ".join(ended)
        )
    if asked.checkpoints:
        return _prune_checkpoints(services, user, asked)
    now = asked.now or asked.trashed
    doomed = {run.id for run in _doomed(services, user, asked)}
    sizes = [one for one in _storage(services).runs(user.scope) if one.run_id in doomed]
    gone = sizes if asked.dry_run else [one for one in sizes if _delete(services, one, now=now)]
    return Pruned(
        dry_run=asked.dry_run,
        runs=gone,
        bytes=sum(one.bytes for one in gone),
        trash_days=0 if now else _trash_days(services),
    )


def _prune_checkpoints(services: Services, user: Principal, asked: PruneRequest) -> Pruned:
    retention = Retention(services.database, services.settings.home)
    found = {}
    for run_id in retention.candidates(user.scope):
        with suppress(NotFoundError):  # somebody deleted it meanwhile
            found[run_id] = (retention.excess if asked.dry_run else retention.apply)(run_id)
    touched = [one for one in _storage(services).runs(user.scope) if found.get(one.run_id)]
    excess = [one for removed in found.values() for one in removed]
    return Pruned(
        dry_run=asked.dry_run,
        runs=touched,
        bytes=sum(one.bytes for one in excess),
        checkpoints=len(excess),
        trash_days=0,
    )


def _doomed(services: Services, user: Principal, asked: PruneRequest) -> list[Run]:
    query = select(Run).where(in_trash() if asked.trashed else Run.deleted_at.is_(None))
    if not asked.trashed:
        query = query.where(Run.status.in_(asked.status))
    if user.scope is not None:
        query = query.where(Run.owner_id == user.scope)
    with services.database.session(write=False) as session:
        runs = list(session.scalars(query))
    if asked.older_than_days is not None:
        limit = utc_now() - timedelta(days=asked.older_than_days)
        runs = [run for run in runs if _ended_at(run, trashed=asked.trashed) < limit]
    spared = {run.id for run in _best(runs, asked.keep_best)}
    return [run for run in runs if run.id not in spared]


def _ended_at(run: Run, *, trashed: bool) -> datetime:
    return (run.deleted_at if trashed else run.ended_at) or run.updated_at


def _best(runs: Iterable[Run], count: int) -> list[Run]:
    """The best of each task and dataset; runs on different data do not compare."""
    groups: dict[tuple[str | None, ...], list[tuple[float, Run]]] = defaultdict(list)
    for run in runs if count else ():
        told = headline(run_view(run))
        if told is not None and told[1] == told[1]:  # not NaN
            name, value = told
            score = -value if lower_is_better(name) else value
            groups[run.task, run.dataset, name].append((score, run))
    ranked = (sorted(group, key=lambda one: -one[0])[:count] for group in groups.values())
    return [run for group in ranked for _, run in group]


def _delete(services: Services, run: RunStorage, *, now: bool) -> bool:
    with suppress(NotFoundError):  # somebody else was faster
        services.runs.delete(run.run_id, now=now)
        services.pool.stop(run.run_id)
        return True
    return False


def _trash_days(services: Services) -> int:
    with services.database.session(write=False) as session:
        return int(Settings(session).get(TRASH_DAYS, DEFAULT_TRASH_DAYS))


def _storage(services: Services) -> Storage:
    return Storage(services.database, services.settings.home)
