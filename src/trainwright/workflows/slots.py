"""Granting slots: one pass over the queue in one transaction."""

from __future__ import annotations

import logging
from collections import Counter

from trainwright.spec import NotFoundError, RunStatus
from trainwright.spec.events import utc_now
from trainwright.spec.runspec import RunSpec
from trainwright.store.models import Run
from trainwright.store.repositories import Runs
from trainwright.targets.base import Allocation, Capacity, UnreachableError, target_name
from trainwright.targets.local.slots import Request, impossible, positions, schedule
from trainwright.workflows.services import Services

logger = logging.getLogger(__name__)


def cpus_by_default(capacity: Capacity, gpus: int) -> int:
    """Half the machine, so that a second run fits beside it; a GPU run needs a few to feed it."""
    half = max(1, capacity.cpus // 2)
    return min(half, 4 * gpus) if gpus else half


def request_of(run: Run, capacity: Capacity) -> Request:
    """What a run asks of its target, with the target's own defaults filled in."""
    gpus, cpus = wanted(run.run_spec, capacity)
    return Request(
        run_id=run.id,
        owner=run.owner_id or "",
        gpus=gpus,
        cpus=cpus,
        priority=run.priority,
        queued_at=run.queued_at or run.created_at,
    )


def wanted(spec: RunSpec, capacity: Capacity) -> tuple[int, int]:
    """GPUs and CPUs a spec asks for; what it leaves open follows what the target has."""
    asked = spec.resources
    gpus = asked.gpus if asked.gpus is not None else min(1, capacity.gpus)
    cpus = asked.cpus if asked.cpus is not None else cpus_by_default(capacity, gpus)
    return gpus, cpus


def misfit(spec: RunSpec, capacity: Capacity) -> str | None:
    """Why a spec can never be granted a slot, in words; `None` when it can."""
    gpus, cpus = wanted(spec, capacity)
    return impossible(Request("", "", gpus, cpus, 0, utc_now()), capacity)


def grant_slots(services: Services) -> list[str]:
    """Grant every slot that can be granted; tell each waiting run its place.

    Returns:
        Ids of the runs that were granted one.
    """
    granted: list[str] = []
    with services.database.session() as session:
        runs = Runs(session)
        runs.lock_queue()
        # a run whose workflow has not been started yet could not be told
        waiting = [run for run in runs.waiting() if run.dispatched_attempt == run.attempt]
        holding = runs.holding()
        for name in sorted({target_name(run.run_spec) for run in waiting}):
            here = [run for run in waiting if target_name(run.run_spec) == name]
            held = [run for run in holding if target_name(run.run_spec) == name]
            granted += _grant_on(runs, services, name, here, held)
    return granted


def _grant_on(
    runs: Runs, services: Services, name: str, waiting: list[Run], holding: list[Run]
) -> list[str]:
    try:
        capacity = services.targets.get(name).capacity()
    except (UnreachableError, NotFoundError) as error:  # runs on other targets go on
        logger.warning("cannot grant slots on %s: %s", name, error)
        return []
    requests = [request_of(run, capacity) for run in waiting]
    held = [Allocation.model_validate(run.allocation or {}) for run in holding]
    owners = Counter(run.owner_id or "" for run in holding)
    grants = schedule(requests, held, capacity, owners)
    for grant in grants:
        runs.update_fields(grant.run_id, allocation=grant.allocation.model_dump())
        runs.set_status(grant.run_id, RunStatus.ALLOCATING)
    taken = {grant.run_id for grant in grants}
    rest = [request for request in requests if request.run_id not in taken]
    for run_id, place in positions(rest, owners).items():
        runs.set_queue_position(run_id, place)
    return sorted(taken)
