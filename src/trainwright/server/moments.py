"""What holds for a moment: as long as nothing is committed, and for a second at most.

Many who look at the same thing at the same time are given one answer. It is never older than the
last commit before they asked; what answers tell of the clock, of the machine and of files beside
the database may be a second old.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trainwright.store import Database

if TYPE_CHECKING:
    from trainwright.server.auth import Caller

SECONDS = 1.0
MOST_BYTES = 32 << 20
"""Of answers kept in one moment."""


@dataclass(frozen=True)
class Answer:
    body: bytes
    media_type: str | None


@dataclass
class Moment:
    """What was found out since the last commit.

    Attributes:
        version: Of the database, when the moment began; None if that could not be told.
        ends: By the clock that only rises.
        loop: Those who share it live in one event loop.
        callers: Who stands behind which token.
    """

    version: Hashable | None
    ends: float
    loop: asyncio.AbstractEventLoop
    callers: dict[str, Caller] = field(default_factory=dict)
    _answers: dict[Hashable, asyncio.Future[Answer | None]] = field(default_factory=dict)
    _room: int = MOST_BYTES

    async def answer(
        self, question: Hashable, make: Callable[[], Awaitable[Answer | None]]
    ) -> Answer | None:
        """The answer to a question, made by the first who asks; None where it is nobody else's."""
        known = self._answers.get(question)
        if known is not None:
            return await asyncio.shield(known)
        made = self._answers[question] = asyncio.get_running_loop().create_future()
        found = None
        try:
            found = await make()
        finally:
            if found is None or len(found.body) > self._room:
                del self._answers[question]
            else:
                self._room -= len(found.body)
            made.set_result(found)
        return found


class Moments:
    """One moment after another.

    Args:
        database: Whose commits end a moment.
        seconds: How long one lasts at most.
    """

    def __init__(self, database: Database, seconds: float = SECONDS) -> None:
        self._database = database
        self._seconds = seconds
        self._moment: Moment | None = None
        self._asked: asyncio.Task[Hashable | None] | None = None
        self._next: asyncio.Task[Hashable | None] | None = None

    async def now(self) -> Moment:
        """The moment in which whoever calls now may be answered."""
        version = await self._version()
        began, loop = time.monotonic(), asyncio.get_running_loop()
        known = self._moment
        goes_on = (
            known is not None
            and version is not None
            and version == known.version
            and loop is known.loop
            and began < known.ends
        )
        if known is not None and goes_on:
            return known
        self._moment = new = Moment(version, began + self._seconds, loop)
        return new

    async def _version(self) -> Hashable | None:
        if self._database.is_local:
            return self._database.version()
        if self._next is None:
            self._next = asyncio.create_task(self._ask(self._asked))
        return await asyncio.shield(self._next)

    async def _ask(self, before: asyncio.Task[Hashable | None] | None) -> Hashable | None:
        """Ask once for all who came while the last one who asked had not heard yet."""
        if before is not None and not before.done():
            await asyncio.wait([before])
        self._asked, self._next = self._next, None
        return await asyncio.to_thread(self._database.version)
