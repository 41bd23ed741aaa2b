"""Live fan-out: every subscriber of a run gets its stream once, in order, without holes.

A run with subscribers has one reader, which hands new events to all of them. A subscriber that is
behind, at its start or because its client is slow, reads from the store at its own pace and joins
the others when it has caught up; `seq` tells what it has seen.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from trainwright.settings import Home
from trainwright.spec.errors import TrainwrightError
from trainwright.spec.events import Event, EventAdapter
from trainwright.store.database import Database
from trainwright.store.models import Run
from trainwright.store.repositories import Events
from trainwright.telemetry.logs import LogStore

READ_LIMIT = 500
SWEEP_SECONDS = 1.0

_UNREADABLE = (TrainwrightError, SQLAlchemyError)

_log = logging.getLogger(__name__)


class Hub:
    """Subscriptions to the streams of runs; all methods but `wake` belong to one event loop.

    Args:
        database: Where the streams are.
        home: Where the logs are.
        capacity: Events kept in memory for a client before it counts as slow.
    """

    def __init__(self, database: Database, home: Home, *, capacity: int = 1000) -> None:
        self._database = database
        self._logs = LogStore(home.run_logs)
        self._capacity = capacity
        self._channels: dict[str, _Channel] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sweeper: asyncio.Task[None] | None = None

    def subscribe(self, run_id: str, after: int = 0, *, skip: bool = False) -> Subscription:
        """The run's events beyond `after`, those stored first, then as they come.

        Args:
            run_id: The run.
            after: The last `seq` the client has seen.
            skip: A client that falls behind is told so, and goes on with what is new.
        """
        self._loop = asyncio.get_running_loop()
        if self._sweeper is None:
            self._sweeper = self._loop.create_task(self._sweep())
        channel = self._channels.get(run_id)
        if channel is None:
            channel = self._channels[run_id] = _Channel(self, run_id)
        subscription = Subscription(self, channel, after, self._capacity, skip=skip)
        channel.subscriptions.add(subscription)
        return subscription

    def wake(self, run_id: str) -> None:
        """Say that the run's stream has grown; from any thread, at any time."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, run_id)

    async def close(self) -> None:
        """End every subscription."""
        tasks = [channel.reader for channel in self._channels.values()]
        if self._sweeper is not None:
            tasks.append(self._sweeper)
        for channel in [*self._channels.values()]:
            await channel.end()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._sweeper = None

    async def read(self, run_id: str, after: int) -> list[Told]:
        """Some events of the stream beyond `after`."""
        return [Told(event) for event in await asyncio.to_thread(self._read, run_id, after)]

    async def heads(self, run_ids: Sequence[str]) -> dict[str, int]:
        """The last `seq` of each stream; of a run that was deleted none."""
        return await asyncio.to_thread(self._heads, run_ids)

    def leave(self, subscription: Subscription, channel: _Channel) -> None:
        """Forget a subscription; a run without any has no reader."""
        channel.subscriptions.discard(subscription)
        if not channel.subscriptions and self._channels.get(channel.run_id) is channel:
            del self._channels[channel.run_id]
            channel.reader.cancel()
            channel.started.set()

    def _wake(self, run_id: str) -> None:
        if channel := self._channels.get(run_id):
            channel.grown.set()

    async def _sweep(self) -> None:
        """The safety net for streams that grew and nobody said so."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            channels = dict(self._channels)
            if not channels:
                continue
            try:
                heads = await self.heads([*channels])
            except _UNREADABLE as error:
                _log.warning("live streams could not be read: %s", error)
                continue
            for run_id, channel in channels.items():
                if run_id not in heads:
                    await channel.end()
                elif heads[run_id] > channel.seq:
                    channel.grown.set()

    def _read(self, run_id: str, after: int) -> list[Event]:
        with self._database.session(write=False) as session:
            return Events(session, self._logs).after(run_id, after, READ_LIMIT)

    def _heads(self, run_ids: Sequence[str]) -> dict[str, int]:
        with self._database.session(write=False) as session:
            there = select(Run.id, Run.event_seq).where(
                Run.id.in_(run_ids), Run.deleted_at.is_(None)
            )
            return dict(session.execute(there).all())


class Told:
    """An event on its way to many clients, written as JSON once for all of them."""

    __slots__ = ("_text", "event", "seq")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.seq = event.seq
        self._text: str | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = EventAdapter.dump_json(self.event).decode()
        return self._text


@dataclass(frozen=True)
class Resync:
    """What a client is told that asked not to be waited for, and fell behind.

    Attributes:
        run_id: The run.
        seq: The last event it was sent.
        next: The one that comes next; those between are in the store.
    """

    run_id: str
    seq: int
    next: int

    @property
    def text(self) -> str:
        data = {"next": self.next}
        said = {"type": "resync", "run_id": self.run_id, "seq": self.seq, "data": data}
        return json.dumps(said)


class _Channel:
    """One run's reader and the subscriptions it serves."""

    def __init__(self, hub: Hub, run_id: str) -> None:
        self.run_id = run_id
        self.subscriptions: set[Subscription] = set()
        self.seq = 0
        self.started = asyncio.Event()
        self.grown = asyncio.Event()
        self._hub = hub
        self.reader = asyncio.create_task(self._run())

    async def end(self) -> None:
        """End every subscription."""
        for subscription in [*self.subscriptions]:
            await subscription.close()

    async def _run(self) -> None:
        while True:
            try:
                await self._start()
                await self.grown.wait()
                self.grown.clear()
                await self._hand_on()
            except _UNREADABLE as error:
                _log.warning("the stream of run %s could not be read: %s", self.run_id, error)
                await asyncio.sleep(SWEEP_SECONDS)
                self.grown.set()

    async def _start(self) -> None:
        if not self.started.is_set():
            self.seq = (await self._hub.heads([self.run_id])).get(self.run_id, 0)
            self.started.set()

    async def _hand_on(self) -> None:
        while told := await self._hub.read(self.run_id, self.seq):
            self.seq = told[-1].seq
            for subscription in self.subscriptions:
                subscription.offer(told)
            if len(told) < READ_LIMIT:
                break


class Subscription:
    """A run's events, one after another: `async with hub.subscribe(…) as events: async for …`.

    Attributes:
        seq: The last event handed out.
    """

    def __init__(
        self, hub: Hub, channel: _Channel, after: int, capacity: int, *, skip: bool
    ) -> None:
        self.seq = after
        self._skip = skip
        self._skipped = False
        self._hub = hub
        self._channel = channel
        self._capacity = capacity
        self._events: deque[Told] = deque()
        self._changed = asyncio.Event()
        self._behind = True
        self._closed = False

    @property
    def waiting(self) -> int:
        """Events kept in memory for the client."""
        return len(self._events)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while True:
            told = await self.next()
            if isinstance(told, Told):
                return told.event

    async def next(self) -> Told | Resync:
        """The next event, or that some were left out.

        Raises:
            StopAsyncIteration: The subscription was ended.
        """
        # nothing is taken before an await, so that a cancelled call loses no event
        while not self._closed:
            if self._skipped and self._events:
                self._skipped = False
                resync = Resync(self._channel.run_id, self.seq, self._events[0].seq)
                self.seq = resync.next - 1
                return resync
            while self._events:
                told = self._events.popleft()
                if told.seq > self.seq:
                    self.seq = told.seq
                    return told
            if self._behind:
                await self._catch_up()
            else:
                self._changed.clear()
                await self._changed.wait()
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the iteration, also one that waits."""
        self._closed = True
        self._events.clear()
        self._changed.set()
        self._hub.leave(self, self._channel)

    def offer(self, told: Sequence[Told]) -> None:
        """Take new events of the channel, unless the client is behind or falls behind by them."""
        if self._behind:
            return
        if len(self._events) + len(told) <= self._capacity:
            self._events.extend(told)
        else:
            self._events.clear()
            if self._skip:
                self._skipped = True
                self._events.extend(told[-self._capacity :])
            else:
                self._behind = True
        self._changed.set()

    async def _catch_up(self) -> None:
        await self._channel.started.wait()
        if self._closed:
            return
        offered = self._channel.seq
        told = await self._hub.read(self._channel.run_id, self.seq)
        self._events.extend(told)
        # what the channel hands on from here on begins right after, or before, what was read
        reached = told[-1].seq if told else offered
        if self._channel.seq <= reached:
            self._behind = False
