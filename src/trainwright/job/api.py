"""The two requests an agent makes of the platform."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx

from trainwright.job.address import Address, TooLargeError, UnansweredError

TIMEOUT_SECONDS = 10.0

REFUSALS = frozenset({401, 403, 404, 410})
"""The platform does not know the run or its token any more."""


class Api:
    """Speaks to the platform wherever it is now. Not for use by several threads."""

    def __init__(self, address: Address, run_id: str) -> None:
        """Connect at the first request.

        Args:
            address: Kept up to date by the answers, or by their absence.
            run_id: The run whose events are shipped.
        """
        self._address = address
        self._run_id = run_id
        # a proxy from the environment cannot reach this machine's own loopback
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=not address.is_loopback)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def cursor(self) -> int:
        """The last event the platform has applied.

        Raises:
            UnansweredError: Nobody answered, or not as the platform does.
        """
        return self._last_seq("GET", "cursor", None)

    def ship(self, events: list[dict[str, Any]]) -> int:
        """Send events; give the last one the platform has applied now.

        Raises:
            TooLargeError: These are too many for one request.
            UnansweredError: Nobody answered, or not as the platform does.
        """
        return self._last_seq("POST", "events", {"events": events})

    def _last_seq(self, method: str, what: str, body: dict[str, Any] | None) -> int:
        url = f"{self._address.url}/api/v1/internal/runs/{self._run_id}/{what}"
        headers = {"X-Internal-Auth": self._address.token}
        try:
            answer = self._client.request(method, url, json=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._address.look_again()
            raise UnansweredError(str(error)) from error
        if answer.status_code in REFUSALS:
            self._address.refused()
        if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise TooLargeError
        try:
            last_seq = int(answer.raise_for_status().json()["last_seq"])
        except (httpx.HTTPStatusError, ValueError, KeyError, TypeError) as error:
            raise UnansweredError(f"{url}: status {answer.status_code}") from error
        self._address.accepted()
        return last_seq
