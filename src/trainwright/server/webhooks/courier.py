"""Carries deliveries out: claims those that are due, posts them, tries again later.

What is to be delivered stands in the database before anybody tries, so that nothing is lost when a
courier dies; it may then be delivered twice, which its id tells. Couriers of several processes
claim with a lease and never take the same one at once.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from trainwright.server.sealed import Sealer
from trainwright.server.webhooks.gate import ALLOWED_HOSTS, Gate
from trainwright.server.webhooks.posting import TIMEOUT, Outcome, Post, post
from trainwright.spec.errors import StorageError, TrainwrightError
from trainwright.spec.events import utc_now
from trainwright.store import Database
from trainwright.store.models import Delivery, Webhook
from trainwright.store.repositories import Deliveries, Settings
from trainwright.store.repositories.webhooks import DEAD, DELIVERED, WAITING

PAUSES = (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600)
"""Seconds before each further try: half a day in all."""

KEPT_DAYS = 30
_JITTER = 0.2
_HANDS = 8
_EACH = 2
_SECONDS = 1.0
_SWEEP_SECONDS = 3600.0
LEASE = timedelta(seconds=6 * TIMEOUT)
"""A try that has not ended by then is another courier's."""

_log = logging.getLogger(__name__)


class Courier:
    """A thread that posts what is due.

    Args:
        database: Where deliveries stand.
        sealer: Opens the webhooks' secrets.
        timeout: Seconds for one post.
    """

    def __init__(self, database: Database, sealer: Sealer, timeout: float = TIMEOUT) -> None:
        self._database = database
        self._sealer = sealer
        self._timeout = timeout
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look for deliveries."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, after the posts that are on their way."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(self._timeout + 5)
            self._thread = None

    def carry_due(self, hands: ThreadPoolExecutor) -> int:
        """Try what is due now; how much that was."""
        with self._database.session() as session:
            claimed = Deliveries(session).claim(_HANDS, _EACH, LEASE)
        for outcome in [hands.submit(self.carry, delivery.id) for delivery in claimed]:
            outcome.result()
        return len(claimed)

    def carry(self, delivery_id: str) -> None:
        """Try one delivery that was taken with `LEASE`, so that nobody else tries it too."""
        with self._database.session(write=False) as session:
            delivery = session.get(Delivery, delivery_id)
            webhook = session.get(Webhook, delivery.webhook_id) if delivery else None
            allowed = Settings(session).get(ALLOWED_HOSTS, [])
        if delivery is None or webhook is None:
            return  # the webhook was removed meanwhile
        outcome = self._post(webhook, delivery, Gate(allowed))
        with self._database.session() as session:
            kept = session.get(Delivery, delivery_id)
            if kept is not None:
                _note(kept, outcome)

    def _run(self) -> None:
        swept_at = float("-inf")
        with ThreadPoolExecutor(_HANDS, "webhook") as hands:
            while not self._ending.is_set():
                try:
                    if time.monotonic() - swept_at > _SWEEP_SECONDS:
                        self._sweep()
                        swept_at = time.monotonic()
                    busy = self.carry_due(hands) > 0
                except (TrainwrightError, SQLAlchemyError) as error:
                    _log.warning("webhooks could not be looked at: %s", error)
                    busy = False
                self._ending.wait(0 if busy else _SECONDS)

    def _sweep(self) -> None:
        """Forget what came to an end long ago."""
        with self._database.session() as session:
            Deliveries(session).forget_ended(utc_now() - timedelta(days=KEPT_DAYS))

    def _post(self, webhook: Webhook, delivery: Delivery, gate: Gate) -> Outcome:
        try:
            secret = self._sealer.open(webhook.secret)
        except StorageError as error:
            return Outcome(error=error.message, is_final=True)
        body = json.dumps(delivery.payload, ensure_ascii=False).encode("utf-8", "replace")
        what = Post(webhook.url, secret, delivery.event, delivery.id, body)
        return post(what, gate, timeout=self._timeout)


def _note(delivery: Delivery, outcome: Outcome) -> None:
    """Write down what became of the try, and when there is another."""
    delivery.last_code, delivery.last_error = outcome.code, outcome.error
    if outcome.error is None:
        delivery.status, delivery.next_at = DELIVERED, None
        delivery.delivered_at = utc_now()
    elif outcome.is_final or delivery.tries > len(PAUSES):
        delivery.status, delivery.next_at = DEAD, None
    else:
        delivery.status = WAITING
        pause = PAUSES[max(0, delivery.tries - 1)]
        jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 (spreads load, no secret)
        delivery.next_at = utc_now() + timedelta(seconds=pause * jitter)
