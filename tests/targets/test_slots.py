"""The scheduler: never too much, nobody forgotten, and in the promised order."""

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from trainwright.targets.base import Allocation, Capacity
from trainwright.targets.local.slots import (
    Request,
    impossible,
    order,
    positions,
    schedule,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
MACHINE = Capacity(gpus=2, cpus=8, memory_gb=32)


def request(run_id, *, owner="ann", gpus=0, cpus=1, priority=0, at=0):
    return Request(run_id, owner, gpus, cpus, priority, START + timedelta(seconds=at))


requests = st.lists(
    st.builds(
        request,
        run_id=st.uuids().map(str),
        owner=st.sampled_from(["ann", "bo", "cy"]),
        gpus=st.integers(0, 4),
        cpus=st.integers(0, 6),
        priority=st.sampled_from([-1, 0, 0, 0, 5]),
        at=st.integers(0, 5),
    ),
    max_size=12,
    unique_by=lambda r: r.run_id,
)
capacities = st.builds(
    Capacity, gpus=st.integers(0, 4), cpus=st.integers(1, 8), memory_gb=st.just(8.0)
)
owners = st.dictionaries(st.sampled_from(["ann", "bo", "cy"]), st.integers(0, 3))


@given(requests, capacities, owners, st.data())
def test_never_over_capacity_and_never_a_device_twice(waiting, capacity, running, data):
    held = data.draw(
        st.lists(
            st.builds(
                Allocation,
                gpus=st.lists(st.integers(0, 3), max_size=2, unique=True),
                cpus=st.integers(0, 3),
            ),
            max_size=2,
        )
    )
    grants = schedule(waiting, held, capacity, running)
    devices = [g for grant in grants for g in grant.allocation.gpus]
    assert len(devices) == len(set(devices))
    assert set(devices) <= set(range(capacity.gpus)) - {g for a in held for g in a.gpus}
    used = sum(a.cpus for a in held)
    assert sum(g.allocation.cpus for g in grants) <= max(0, capacity.cpus - used)
    asked = {r.run_id: r for r in waiting}
    for grant in grants:
        wanted = asked[grant.run_id]
        assert (len(grant.allocation.gpus), grant.allocation.cpus) == (wanted.gpus, wanted.cpus)


@given(requests, capacities, owners)
def test_everyone_gets_a_turn_when_runs_end(waiting, capacity, running):
    left = {r.run_id: r for r in waiting if not impossible(r, capacity)}
    held = {}
    while left:
        grants = schedule(left.values(), held.values(), capacity, running)
        assert grants or held, "nothing runs, and nothing is granted"
        for grant in grants:
            held[grant.run_id] = grant.allocation
            del left[grant.run_id]
        if held:
            held.pop(next(iter(held)))  # the oldest ends


@given(requests, capacities, owners)
def test_whoever_passes_takes_nothing_that_is_waited_for(waiting, capacity, running):
    """Withdrawing every later run never lets a waiting one start."""
    granted = {g.run_id for g in schedule(waiting, [], capacity, running)}
    queue = [r for r in order(waiting, running) if not impossible(r, capacity)]
    for index, blocked in enumerate(queue):
        if blocked.run_id in granted:
            continue
        ahead = [r for r in queue[:index] if r.run_id in granted]
        free_gpus = capacity.gpus - sum(r.gpus for r in ahead)
        free_cpus = capacity.cpus - sum(r.cpus for r in ahead)
        kept = [r for r in queue[:index] if r.run_id not in granted]
        short_alone = blocked.gpus > free_gpus or blocked.cpus > free_cpus
        assert short_alone or kept, "it would have fitted, and nobody ahead waits"
        for later in queue[index + 1 :]:
            if later.run_id in granted:
                assert not (blocked.gpus > free_gpus and later.gpus)
                assert not (blocked.cpus > free_cpus and later.cpus)


@given(requests, owners)
def test_positions_count_from_one_without_holes(waiting, running):
    places = positions(waiting, running)
    assert sorted(places.values()) == list(range(1, len(waiting) + 1))
    by_place = [r.priority for r in sorted(waiting, key=lambda r: places[r.run_id])]
    assert by_place == sorted(by_place, reverse=True)


@given(requests, owners, st.randoms(use_true_random=False))
def test_the_queue_does_not_depend_on_the_order_of_the_rows(waiting, running, random):
    shuffled = list(waiting)
    random.shuffle(shuffled)
    assert order(shuffled, running) == order(waiting, running)


def test_owners_take_turns_rather_than_the_first_taking_all():
    waiting = [request(f"a{i}", owner="ann", at=i) for i in range(3)]
    waiting += [request(f"b{i}", owner="bo", at=10 + i) for i in range(2)]
    assert [r.run_id for r in order(waiting, {})] == ["a0", "b0", "a1", "b1", "a2"]
    assert [r.run_id for r in order(waiting, {"ann": 2})] == ["b0", "b1", "a0", "a1", "a2"]


def test_a_cpu_run_passes_one_that_waits_for_gpus_but_not_on_its_cpus():
    held = [Allocation(gpus=[0], cpus=4)]
    big = request("big", gpus=2, cpus=3)
    granted = schedule([big, request("one", cpus=1, at=1)], held, MACHINE, {})
    assert [g.run_id for g in granted] == ["one"]
    assert schedule([big, request("two", cpus=2, at=1)], held, MACHINE, {}) == []
    assert schedule([big, request("gpu", gpus=1, at=1)], held, MACHINE, {}) == []


def test_what_can_never_be_granted_is_said_and_does_not_block_the_queue():
    huge = request("huge", gpus=3, cpus=99, priority=9)
    words = impossible(huge, MACHINE)
    assert words is not None
    assert "3 GPUs" in words
    assert "99 CPUs" in words
    granted = schedule([huge, request("small")], [], MACHINE, {})
    assert [g.run_id for g in granted] == ["small"]
    assert impossible(request("all", gpus=2, cpus=8), MACHINE) is None


@given(requests, owners)
def test_the_order_is_that_of_choosing_anew_each_time(waiting, running):
    counts, left, chosen = dict(running), list(waiting), []
    while left:
        first = min(
            left, key=lambda r: (-r.priority, counts.get(r.owner, 0), r.queued_at, r.run_id)
        )
        left.remove(first)
        chosen.append(first)
        counts[first.owner] = counts.get(first.owner, 0) + 1
    assert order(waiting, running) == chosen


def test_a_long_queue_is_ordered_in_no_time():
    waiting = [request(str(n), owner=f"owner {n % 7}", at=n) for n in range(20_000)]
    began = time.process_time()
    assert len(order(waiting, {})) == 20_000
    assert time.process_time() - began < 5  # choosing anew each time takes minutes
