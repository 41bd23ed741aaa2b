"""What the platform does by itself while it serves: nobody asks for it, nobody waits for it."""

from __future__ import annotations

import logging
import threading

from trainwright.spec.errors import TrainwrightError
from trainwright.workflows.service import RunService

_EVERY = 60.0
_log = logging.getLogger(__name__)


class Upkeep:
    """Finishes removals that a crash interrupted, then empties the trash from time to time.

    Args:
        runs: What the work is done by.
        every: Seconds between two rounds.
    """

    def __init__(self, runs: RunService, every: float = _EVERY) -> None:
        self._runs = runs
        self._every = every
        self._ending = threading.Event()

    def start(self) -> None:
        # a daemon, as removing many files may take long and nothing is lost by its end
        threading.Thread(target=self._run, name="upkeep", daemon=True).start()

    def stop(self) -> None:
        """Begin no further round."""
        self._ending.set()

    def _run(self) -> None:
        self._runs.finish_deletions()
        while not self._ending.is_set():
            try:
                self._runs.empty_trash()
            except TrainwrightError as error:
                _log.warning("the trash could not be looked at: %s", error)
            self._ending.wait(self._every)
