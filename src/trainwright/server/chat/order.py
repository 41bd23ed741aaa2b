"""One message at a time in a conversation."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from trainwright.spec.errors import ConflictError

WAIT_SECONDS = 60.0


class _Turn:
    """A lock that can be kept weakly."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class Conversations:
    """Whose turn it is in each conversation; those nobody is in take no room."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait = wait_seconds
        self._turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()
        self._guard = threading.Lock()

    @contextmanager
    def turn(self, session_id: str) -> Iterator[None]:
        """Wait until the messages before are answered.

        Raises:
            ConflictError: They are not, for too long.
        """
        with self._guard:
            turn = self._turns.setdefault(session_id, _Turn())
        if not turn.lock.acquire(timeout=self._wait):
            raise ConflictError("the message before is still being answered", field="session_id")
        try:
            yield
        finally:
            turn.lock.release()
