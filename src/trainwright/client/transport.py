"""HTTP with the API's errors raised as our own."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from trainwright.client.locate import START, Address
from trainwright.spec import status as _status  # noqa: F401 (its errors must be known below)
from trainwright.spec.api import ErrorResponse
from trainwright.spec.errors import (
    Fault,
    InvalidRequestError,
    TrainwrightError,
    UnauthorizedError,
    UnavailableError,
)

PREFIX = "/api/v1"
TIMEOUT = httpx.Timeout(60, connect=5)
_ASK = "a token of that platform in TRAINWRIGHT_TOKEN: trainwright users token NAME, run there"
LONG = httpx.Timeout(3600, connect=5)


class Transport:
    """One connection pool to one platform."""

    def __init__(self, address: Address, *, transport: httpx.BaseTransport | None = None) -> None:
        self.address = address
        self._http = httpx.Client(
            base_url=address.url,
            headers=self.headers,
            timeout=TIMEOUT,
            transport=transport,
            # a proxy set for the internet must not see what is said to this machine
            trust_env=not _is_loopback(address.url),
        )

    @property
    def headers(self) -> dict[str, str]:
        token = self.address.token
        return {"Authorization": f"Bearer {token}"} if token else {}

    def close(self) -> None:
        self._http.close()

    def request(self, method: str, path: str, **kwargs: Any) -> Any:
        """Send a request below `/api/v1`; the body as Python data, or None.

        Raises:
            TrainwrightError: The error the API answered with, of its own class.
            UnavailableError: The platform did not answer, or something else did.
        """
        params = kwargs.pop("params", None)
        if params is not None:
            kwargs["params"] = _said(params)
        try:
            response = self._http.request(method, PREFIX + path, **kwargs)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        raise_for_error(response)
        try:
            return response.json() if response.content else None
        except ValueError:
            raise UnavailableError(
                f"what answers at {self.address.url} is no platform",
                expected="the address that `trainwright up` prints",
            ) from None

    def download(self, path: str, **kwargs: Any) -> Iterator[bytes]:
        """The body of a GET below `/api/v1`, in pieces."""
        try:
            with self._http.stream("GET", PREFIX + path, **kwargs) as response:
                if response.is_error:
                    response.read()
                    raise_for_error(response)
                yield from response.iter_bytes()
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def lines(self, path: str, **kwargs: Any) -> Generator[dict[str, Any], None, None]:
        """The lines that a POST below `/api/v1` is answered with, as they come."""
        asked = {"Accept": "application/x-ndjson"}
        try:
            with self._http.stream("POST", PREFIX + path, headers=asked, **kwargs) as response:
                if response.is_error:
                    response.read()
                    raise_for_error(response)
                for line in response.iter_lines():
                    said = json.loads(line)
                    if "error" in said:
                        raise_said(said, response)
                    yield said
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx.HTTPError) -> UnavailableError:
        if isinstance(error, httpx.TimeoutException):
            return UnavailableError(f"{self.address.url} did not answer in time")
        mend = START if _is_loopback(self.address.url) else None
        return UnavailableError(f"no platform answers at {self.address.url}", mend=mend)


def raise_for_error(response: httpx.Response) -> None:
    """Raise what an error response stands for."""
    if not response.is_error:
        return
    try:
        said = json.loads(response.content)
    except ValueError:
        said = None
    raise_said(said, response)


def raise_said(said: Any, response: httpx.Response) -> NoReturn:
    """Raise what an error's body says; of another body, what the status of its response does."""
    try:
        body = ErrorResponse.model_validate(said).error
    except ValidationError:
        raise _of_status(response.status_code)(
            f"the platform answered {response.status_code} {response.reason_phrase}"
        ) from None
    details = dict(body.details)
    known = {name: details.pop(name, None) for name in ("field", "expected", "mend")}
    if body.code == UnauthorizedError.code:
        known["expected"] = known["expected"] or _ASK
    faults = [Fault.model_validate(f) for f in details.pop("faults", [])]
    kind = _by_code().get(body.code) or _of_status(response.status_code)
    error = kind.__new__(kind)
    # subclasses build their message from faults; here the message is already made
    TrainwrightError.__init__(
        error,
        body.message,
        **known,
        faults=faults,
        details=details | {"request_id": body.request_id},
    )
    if error.code != body.code:
        setattr(error, "code", body.code)  # noqa: B010 (a class variable, set for this one)
    raise error


def _by_code() -> dict[str, type[TrainwrightError]]:
    found: dict[str, type[TrainwrightError]] = {}
    waiting = [TrainwrightError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting += kind.__subclasses__()
    return found


def _of_status(status: int) -> type[TrainwrightError]:
    for kind in _by_code().values():
        if kind.status == status:
            return kind
    # a line of an answer that had begun well has no status of its own
    return InvalidRequestError if 400 <= status < 500 else TrainwrightError


def _said(params: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in params.items() if v is not None}


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
