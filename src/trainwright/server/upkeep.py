"""What the platform does by itself while it serves: nobody asks for it, nobody waits for it."""

from __future__ import annotations

import logging
import threading

from trainwright.server.dataset_trash import DatasetTrash
from trainwright.server.incoming import Incoming
from trainwright.spec.errors import TrainwrightError
from trainwright.telemetry.retention import Retention
from trainwright.workflows.service import RunService

_EVERY = 60.0
_log = logging.getLogger(__name__)


class Upkeep:
    """Finishes removals that a crash interrupted, then from time to time makes room.

    What has been in the trash for long enough goes, checkpoints that retention does not keep, and
    uploads that nothing comes of.

    Args:
        runs: What deletes runs.
        datasets: What deletes datasets.
        retention: What deletes checkpoints.
        incoming: What deletes uploads that were given up.
        every: Seconds between two rounds.
    """

    def __init__(
        self,
        runs: RunService,
        datasets: DatasetTrash,
        retention: Retention,
        incoming: Incoming,
        every: float = _EVERY,
    ) -> None:
        self._runs = runs
        self._datasets = datasets
        self._retention = retention
        self._incoming = incoming
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
                self._datasets.empty()
                self._datasets.finish()
                self._retention.apply_to_all()
                self._incoming.sweep()
            except TrainwrightError as error:
                _log.warning("no room could be made this time: %s", error)
            self._ending.wait(self._every)
