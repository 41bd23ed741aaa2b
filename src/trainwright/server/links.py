"""Links that sign a browser in: each good once, and not for long."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from trainwright.server.tokens import Holder

LINK_SECONDS = 600
_CAPACITY = 100
"""Links that nobody has followed yet; beyond it the oldest are forgotten."""


class Links:
    """What the codes of open links stand for.

    Kept in memory only: a link does not outlive the process that made it, so none is ever good
    twice.

    Args:
        seconds: How long a link is good for.
        clock: Seconds that only rise.
    """

    def __init__(
        self, seconds: float = LINK_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Holder, float]] = {}

    def issue(self, holder: Holder) -> str:
        """The code of a new link for somebody."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._open) >= _CAPACITY:
                del self._open[next(iter(self._open))]
            self._open[code] = (holder, self._clock() + self.seconds)
        return code

    def redeem(self, code: str) -> Holder | None:
        """Whom the code stands for; None if it is unknown, used or too old."""
        with self._lock:
            holder, end = self._open.pop(code, (None, 0.0))
        return holder if self._clock() < end else None
