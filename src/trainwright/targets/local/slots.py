"""Who gets the next slot: pure functions over the queue and what is held."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heapreplace

from trainwright.targets.base import Allocation, Capacity


@dataclass(frozen=True)
class Request:
    """A run that waits for compute."""

    run_id: str
    owner: str
    gpus: int
    cpus: int
    priority: int
    queued_at: datetime


@dataclass(frozen=True)
class Grant:
    """A run and what it may use from now on."""

    run_id: str
    allocation: Allocation


def schedule(
    waiting: Iterable[Request],
    held: Iterable[Allocation],
    capacity: Capacity,
    owners_running: Mapping[str, int],
) -> list[Grant]:
    """Grant all that can be granted now.

    A later run passes one that waits only when it takes nothing that one waits for: of the kinds
    that are short nothing, and of the others only what is left when the waiting one has its share.

    Args:
        waiting: In any order.
        held: What running runs hold already.
        capacity: All there is.
        owners_running: How many runs each owner has running.
    """
    free = _Free.of(capacity, held)
    grants = []
    for request in order(waiting, owners_running):
        if impossible(request, capacity):
            continue
        if (allocation := free.take(request)) is not None:
            grants.append(Grant(request.run_id, allocation))
        else:
            free.reserve(request)
    return grants


def positions(waiting: Iterable[Request], owners_running: Mapping[str, int]) -> dict[str, int]:
    """Place in the queue of each waiting run, the first being 1."""
    return {r.run_id: place for place, r in enumerate(order(waiting, owners_running), 1)}


def order(waiting: Iterable[Request], owners_running: Mapping[str, int]) -> list[Request]:
    """The queue: higher priority, then the owner with fewest runs, then first come."""
    counts, lines = Counter(owners_running), defaultdict[str, deque[Request]](deque)
    for request in sorted(waiting, key=lambda r: (-r.priority, r.queued_at, r.run_id)):
        lines[request.owner].append(request)

    def rank(owner: str) -> tuple[int, int, datetime, str, str]:
        first = lines[owner][0]
        return -first.priority, counts[owner], first.queued_at, first.run_id, owner

    # nobody but the first of each owner can be next, and a grant changes the rank of its owner only
    ranks = [rank(owner) for owner in lines]
    heapify(ranks)
    queue = []
    while ranks:
        owner = ranks[0][-1]
        queue.append(lines[owner].popleft())
        counts[owner] += 1
        if lines[owner]:
            heapreplace(ranks, rank(owner))
        else:
            heappop(ranks)
    return queue


def impossible(request: Request, capacity: Capacity) -> str | None:
    """Why a request can never be granted, in words; `None` when it can."""
    short = [
        f"{wanted} {kind} where there are {have} in all"
        for kind, wanted, have in (
            ("GPUs", request.gpus, capacity.gpus),
            ("CPUs", request.cpus, capacity.cpus),
        )
        if wanted > have
    ]
    return f"the run asks for {' and '.join(short)}" if short else None


@dataclass
class _Free:
    """What may still be granted in this pass."""

    gpus: list[int]
    cpus: int

    @classmethod
    def of(cls, capacity: Capacity, held: Iterable[Allocation]) -> _Free:
        held = list(held)
        used = {index for allocation in held for index in allocation.gpus}
        gpus = [index for index in range(capacity.gpus) if index not in used]
        return cls(gpus, max(0, capacity.cpus - sum(a.cpus for a in held)))

    def take(self, request: Request) -> Allocation | None:
        if request.gpus > len(self.gpus) or request.cpus > self.cpus:
            return None
        taken, self.gpus = self.gpus[: request.gpus], self.gpus[request.gpus :]
        self.cpus -= request.cpus
        return Allocation(gpus=taken, cpus=request.cpus)

    def reserve(self, request: Request) -> None:
        """Keep what a waiting run needs, and all of what is short for it."""
        self.gpus = self.gpus[request.gpus :]
        self.cpus = max(0, self.cpus - request.cpus)
