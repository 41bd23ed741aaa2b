"""Live streams: in order, once, without holes, whoever is slow, late, or leaves."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from trainwright.settings import Home
from trainwright.spec import RunStatus
from trainwright.spec.events import Alert, Event, Log, make_event
from trainwright.store import Database
from trainwright.store.repositories import Events, Runs
from trainwright.telemetry import Deletion, Hub, Ingest, Subscription
from trainwright.telemetry.hub import Resync

MakeRun = Callable[[Database], str]


def append(database: Database, run_id: str, count: int = 1) -> None:
    with database.session() as session:
        for _ in range(count):
            Events(session).append(run_id, Alert(code="x", message="m"))


async def take(subscription: Subscription, count: int, seconds: float = 20) -> list[int]:
    """The `seq` of the next events."""
    async with asyncio.timeout(seconds):
        return [(await anext(subscription)).seq for _ in range(count)]


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def play(database: Database, home: Home) -> Callable[..., None]:
    """Runs a scene with a hub, and ends the hub."""

    def run(scene: Callable[[Hub], Awaitable[None]], capacity: int = 1000) -> None:
        async def main() -> None:
            hub = Hub(database, home, capacity=capacity)
            try:
                await scene(hub)
            finally:
                await hub.close()

        asyncio.run(main())

    return run


Play = Callable[..., None]


def test_what_is_stored_comes_first_then_what_happens(
    play: Play, database: Database, run_id: str
) -> None:
    append(database, run_id, 4)

    async def scene(hub: Hub) -> None:
        async with hub.subscribe(run_id) as whole, hub.subscribe(run_id, after=3) as rest:
            assert await take(whole, 5) == [1, 2, 3, 4, 5]
            assert await take(rest, 2) == [4, 5]
            await asyncio.to_thread(append, database, run_id, 2)
            hub.wake(run_id)
            assert await take(whole, 2) == [6, 7]
            assert await take(rest, 2) == [6, 7]

    play(scene)


def test_the_text_of_logs_is_filled_in(
    play: Play, database: Database, home: Home, run_id: str
) -> None:
    event = make_event(run_id, 1, 1, Log(text="안녕\n", offset=0, size=7))
    Ingest(database, home).apply(run_id, [event])

    async def scene(hub: Hub) -> None:
        async with hub.subscribe(run_id, after=1) as events:
            got: Event = await anext(events)
            assert got.data == event.data

    play(scene)


def test_a_wake_from_another_thread(play: Play, database: Database, run_id: str) -> None:
    async def scene(hub: Hub) -> None:
        async with hub.subscribe(run_id, after=1) as events:
            pending = asyncio.ensure_future(take(events, 1))
            await asyncio.sleep(0)

            def elsewhere() -> None:
                append(database, run_id)
                hub.wake(run_id)

            thread = threading.Thread(target=elsewhere)
            thread.start()
            assert await pending == [2]
            thread.join()

    play(scene)


def test_events_nobody_woke_for_come_with_the_sweep(
    play: Play, database: Database, run_id: str
) -> None:
    async def scene(hub: Hub) -> None:
        async with hub.subscribe(run_id, after=1) as events:
            pending = asyncio.ensure_future(take(events, 2))
            await asyncio.to_thread(append, database, run_id, 2)
            assert await pending == [2, 3]

    play(scene)


def test_a_hundred_clients_each_get_all_of_it(play: Play, database: Database, run_id: str) -> None:
    total, rng = 121, random.Random(1)

    async def client(hub: Hub, after: int) -> list[int]:
        async with hub.subscribe(run_id, after) as events:
            return await take(events, total - after, 60)

    async def scene(hub: Hub) -> None:
        afters = [rng.randint(0, 20) for _ in range(100)]
        clients = [asyncio.ensure_future(client(hub, after)) for after in afters]
        for _ in range(24):
            await asyncio.to_thread(append, database, run_id, 5)
            hub.wake(run_id)
        for after, seen in zip(afters, await asyncio.gather(*clients), strict=True):
            assert seen == list(range(after + 1, total + 1))

    play(scene)


def test_a_slow_client_misses_nothing_and_delays_nobody(
    play: Play, database: Database, run_id: str
) -> None:
    async def scene(hub: Hub) -> None:
        async with hub.subscribe(run_id) as slow, hub.subscribe(run_id) as quick:
            assert await take(slow, 1) == [1]
            assert await take(quick, 1) == [1]
            waiting = asyncio.ensure_future(take(slow, 1))
            for number in range(2, 40):
                await asyncio.to_thread(append, database, run_id)
                hub.wake(run_id)
                assert await take(quick, 1) == [number]
            assert await waiting == [2]
            # far fewer are kept for it than it has missed
            assert slow.waiting <= 5
            assert await take(slow, 37) == list(range(3, 40))

    play(scene, capacity=5)


def test_who_does_not_want_to_be_waited_for_is_told_what_it_missed(
    play: Play, database: Database, run_id: str
) -> None:
    async def scene(hub: Hub) -> None:
        async with hub.subscribe(run_id, skip=True) as slow, hub.subscribe(run_id) as quick:
            assert await take(slow, 1) == [1]
            waiting = asyncio.ensure_future(slow.next())
            for _ in range(20):
                await asyncio.to_thread(append, database, run_id)
                hub.wake(run_id)
            assert await take(quick, 21) == list(range(1, 22))
            assert (await waiting).text
            missed = await slow.next()
            assert isinstance(missed, Resync)
            said = json.loads(missed.text)
            assert (said["type"], said["run_id"], said["seq"]) == ("resync", run_id, 2)
            assert slow.waiting <= 5
            reached = missed.next - 1
            while reached < 21:  # `quick` may have read ahead of what `slow` is still to be offered
                async with asyncio.timeout(20):
                    told = await slow.next()
                if isinstance(told, Resync):
                    assert told.seq == reached
                    reached = told.next - 1
                else:
                    assert told.seq == reached + 1
                    reached = told.seq

    play(scene, capacity=5)


def test_resuming_by_seq_has_no_gap_and_no_repeat(
    play: Play, database: Database, run_id: str
) -> None:
    rng = random.Random(3)

    async def scene(hub: Hub) -> None:
        seen: list[int] = []
        writer = asyncio.ensure_future(asyncio.to_thread(write_slowly, hub))
        while len(seen) < 101:
            async with hub.subscribe(run_id, after=seen[-1] if seen else 0) as events:
                seen += await take(events, min(rng.randint(1, 15), 101 - len(seen)))
        await writer
        assert seen == list(range(1, 102))

    def write_slowly(hub: Hub) -> None:
        for _ in range(50):
            append(database, run_id, 2)
            hub.wake(run_id)

    play(scene)


def test_a_cancelled_wait_loses_no_event(play: Play, database: Database, run_id: str) -> None:
    async def scene(hub: Hub) -> None:
        async with hub.subscribe(run_id) as events:
            writer = asyncio.ensure_future(asyncio.to_thread(append, database, run_id, 30))
            seen: list[int] = []
            while len(seen) < 31:
                try:
                    async with asyncio.timeout(0.002):
                        seen.append((await anext(events)).seq)
                except TimeoutError:
                    hub.wake(run_id)
            await writer
            assert seen == list(range(1, 32))

    play(scene)


def test_closing_ends_every_wait(database: Database, home: Home, run_id: str) -> None:
    async def main() -> None:
        hub = Hub(database, home)
        seen: list[int] = []
        ended = [asyncio.ensure_future(drain(hub.subscribe(run_id), seen)) for _ in range(20)]
        async with asyncio.timeout(30):
            while len(seen) < 20:
                await asyncio.sleep(0.01)
        started = time.monotonic()
        await hub.close()
        await asyncio.gather(*ended)
        assert seen == [1] * 20
        assert time.monotonic() - started < 2
        hub.wake(run_id)

    async def drain(subscription: Subscription, seen: list[int]) -> None:
        async for event in subscription:
            seen.append(event.seq)  # noqa: PERF401 (told as it comes)

    asyncio.run(main())


def test_a_run_without_clients_has_no_reader(play: Play, database: Database, run_id: str) -> None:
    async def scene(hub: Hub) -> None:
        before = len(asyncio.all_tasks())
        for _ in range(5):
            async with hub.subscribe(run_id) as events:
                await take(events, 1)
        await until(lambda: len(asyncio.all_tasks()) <= before + 1)
        append(database, run_id)
        async with hub.subscribe(run_id, after=1) as events:
            assert await take(events, 1) == [2]

    play(scene)


def test_a_wake_without_a_loop_does_nothing(database: Database, home: Home) -> None:
    Hub(database, home).wake("nothing")


def test_the_stream_of_a_deleted_run_ends(
    play: Play, database: Database, home: Home, run_id: str
) -> None:
    append(database, run_id)
    with database.session() as session:
        Runs(session).set_status(run_id, RunStatus.STOPPED)

    async def scene(hub: Hub) -> None:
        async with hub.subscribe(run_id) as events, asyncio.timeout(20):
            await take(events, 3)
            await asyncio.to_thread(Deletion(database, home).delete, run_id)
            assert [event async for event in events] == []

    play(scene)
