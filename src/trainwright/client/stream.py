"""Live events over a WebSocket, resumed where they broke off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from trainwright.client.locate import START, Address
from trainwright.spec.errors import (
    ForbiddenError,
    NotFoundError,
    TrainwrightError,
    UnauthorizedError,
    UnavailableError,
)
from trainwright.spec.events import Event, EventAdapter

MAX_MESSAGE = 32 * 1024 * 1024
_BACKOFF = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_REFUSALS: dict[int, type[TrainwrightError]] = {
    HTTPStatus.UNAUTHORIZED: UnauthorizedError,
    HTTPStatus.FORBIDDEN: ForbiddenError,
    HTTPStatus.NOT_FOUND: NotFoundError,
}

Check = Callable[[int], bool]
"""Given the last `seq` seen: is there nothing more to come?"""


def stream_events(
    address: Address,
    run_id: str,
    *,
    after: int,
    done: Check,
    quiet_seconds: float = 2.0,
    give_up_seconds: float = 60.0,
) -> Iterator[Event]:
    """Events of a run after `seq` = `after`, each once and in order, until `done`.

    Args:
        address: Where to connect.
        run_id: The run.
        after: The last `seq` already seen; 0 for all.
        done: Asked at the start, at every status change and after silence.
        quiet_seconds: Silence after which `done` is asked again.
        give_up_seconds: How long to go on connecting to a platform that is gone.

    Raises:
        UnavailableError: The platform stayed away for `give_up_seconds`.
        NotFoundError, UnauthorizedError, ForbiddenError: The run may not be read.
    """
    seen, tries, lost_at = after, 0, time.monotonic()
    while True:
        try:
            if done(seen):
                return
            with _open(address, f"/ws/runs/{run_id}?{urlencode({'after': seen})}") as socket:
                ended = False
                for event in _receive(socket, quiet_seconds):
                    tries, lost_at = 0, time.monotonic()
                    if event is not None and event.seq > seen:
                        seen = event.seq
                        yield event
                    ended = ended or _is_end(event)
                    if (ended or event is None) and done(seen):
                        return
        except (OSError, WebSocketException, UnavailableError) as error:
            _check_patience(address, lost_at, give_up_seconds, error)
        time.sleep(_BACKOFF[min(tries, len(_BACKOFF) - 1)])
        tries += 1


def stream_dashboard(
    address: Address, *, give_up_seconds: float = 60.0
) -> Iterator[dict[str, Any]]:
    """What the dashboard's stream says, for ever; opened again when it breaks.

    Args:
        address: Where to connect.
        give_up_seconds: How long to go on connecting to a platform that is gone.

    Raises:
        UnavailableError: The platform stayed away for `give_up_seconds`.
        UnauthorizedError, ForbiddenError: The dashboard may not be read.
    """
    tries, lost_at = 0, time.monotonic()
    while True:
        try:
            with _open(address, "/ws/dashboard") as socket:
                for message in socket:
                    tries, lost_at = 0, time.monotonic()
                    yield json.loads(message)
        except (OSError, WebSocketException) as error:
            _check_patience(address, lost_at, give_up_seconds, error)
        time.sleep(_BACKOFF[min(tries, len(_BACKOFF) - 1)])
        tries += 1


def _check_patience(
    address: Address, lost_at: float, give_up_seconds: float, error: Exception
) -> None:
    if time.monotonic() - lost_at > give_up_seconds:
        raise UnavailableError(f"the platform at {address.url} is gone", mend=START) from error


def _is_end(event: Event | None) -> bool:
    return event is not None and event.type == "status_changed" and event.data.status.is_terminal


@contextmanager
def _open(address: Address, path: str) -> Iterator[ClientConnection]:
    base = address.url.replace("http", "ws", 1)
    headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
    try:
        with connect(
            base + path,
            additional_headers=headers,
            max_size=MAX_MESSAGE,
            open_timeout=5,
            close_timeout=1,
            proxy=None,
        ) as socket:
            yield socket
    except InvalidStatus as error:
        status = error.response.status_code
        if kind := _REFUSALS.get(status):
            raise kind(
                f"the platform refused the stream {path.partition('?')[0]} ({status})"
            ) from None
        raise


def _receive(socket: ClientConnection, quiet_seconds: float) -> Iterator[Event | None]:
    """Events as they come, and None whenever none has come for `quiet_seconds`."""
    while True:
        try:
            message = socket.recv(timeout=quiet_seconds)
        except TimeoutError:
            yield None
        except ConnectionClosed:
            return
        else:
            yield EventAdapter.validate_json(message)
