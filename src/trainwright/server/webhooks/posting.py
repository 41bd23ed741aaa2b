"""One post to one receiver, bounded in every way."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpcore

from trainwright.network import Address, GuardedNetwork, resolve
from trainwright.server.webhooks.gate import Gate
from trainwright.server.webhooks.signing import HEADER, sign
from trainwright.spec.errors import ForbiddenError

TIMEOUT = 10.0
"""Seconds for everything together, so that no receiver holds a courier up."""

_ANSWER_BYTES = 2048
_SHOWN = 200


@dataclass(frozen=True)
class Outcome:
    """What became of a try.

    Attributes:
        code: The status that was answered; `None` when nothing was.
        error: What was wrong; `None` when it was taken.
        is_final: Trying again is of no use.
    """

    code: int | None = None
    error: str | None = None
    is_final: bool = False


@dataclass(frozen=True)
class Post:
    """What is to be posted."""

    url: str
    secret: str
    event: str
    delivery_id: str
    body: bytes


def post(
    what: Post,
    gate: Gate,
    *,
    timeout: float = TIMEOUT,
    resolver: Callable[[str, int], Sequence[Address]] = resolve,
) -> Outcome:
    """Post once; redirects are not followed, and little of the answer is read.

    Args:
        what: The delivery.
        gate: Judges the address that is connected to.
        timeout: Seconds for everything.
        resolver: From names to addresses; asked once.
    """
    deadline = time.monotonic() + timeout
    network = GuardedNetwork(deadline, gate.judge, resolver)
    try:
        with (
            httpcore.ConnectionPool(network_backend=network) as pool,
            pool.stream("POST", what.url, headers=_headers(what), content=what.body) as answer,
        ):
            return _judge(answer)
    except ForbiddenError as error:
        return Outcome(error=f"{error.message}: {error.expected}", is_final=True)
    except (httpcore.TimeoutException, TimeoutError):
        return Outcome(error=f"no answer within {timeout:g} s")
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        return Outcome(error=str(error) or type(error).__name__)


def _headers(what: Post) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(what.body))),
        ("User-Agent", "trainwright"),
        ("X-Trainwright-Event", what.event),
        ("X-Trainwright-Delivery", what.delivery_id),
        (HEADER, sign(what.secret, what.body, int(time.time()))),
    ]


def _judge(answer: httpcore.Response) -> Outcome:
    code = answer.status
    if 200 <= code < 300:
        return Outcome(code)
    if 300 <= code < 400:
        return Outcome(code, "it redirects, and redirects are not followed", is_final=True)
    return Outcome(code, f"it answered {code}{_words(answer)}", is_final=code == 410)


def _words(answer: httpcore.Response) -> str:
    """The beginning of what it said."""
    said = b""
    for piece in answer.iter_stream():
        said += piece[:_ANSWER_BYTES]
        if len(said) >= _ANSWER_BYTES:
            break
    text = " ".join(said[:_ANSWER_BYTES].decode("utf-8", "replace").split())
    return f": {text[:_SHOWN]}" if text else ""
