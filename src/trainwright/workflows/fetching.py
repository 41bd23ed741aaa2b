"""Data that has to be fetched before it can be looked at: datasets in S3."""

from __future__ import annotations

import threading

from temporalio import activity

from trainwright.datasets.s3 import Beat
from trainwright.spec import RunStatus
from trainwright.store.repositories import Runs
from trainwright.workflows.activities import current_run
from trainwright.workflows.data import fetch_data
from trainwright.workflows.messages import Attempt
from trainwright.workflows.services import Services
from trainwright.workflows.signs import with_signs_of_life


class _LetGoError(Exception):
    """Nobody waits for the data any more."""


class FetchActivity:
    """The activity `fetch`. It may be repeated: what is here is not fetched again."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @activity.defn(name="fetch")
    async def fetch(self, attempt: Attempt) -> None:
        """Bring the run's data into the home; one that is stopped meanwhile ends it."""
        let_go = threading.Event()

        def beat() -> None:
            if let_go.is_set():
                raise _LetGoError

        try:
            await with_signs_of_life(lambda: self._fetch(attempt, beat))
        finally:
            let_go.set()

    def _fetch(self, attempt: Attempt, beat: Beat) -> None:
        run = current_run(self._services, attempt)
        if run.status.holds_slot:
            return
        if run.status is RunStatus.CREATED:
            with self._services.database.session() as session:
                Runs(session).set_status(
                    run.id, RunStatus.VALIDATING, reason=f"fetching {run.dataset}"
                )
            self._services.wake(run.id)
        fetch_data(run, self._services.settings, beat)
