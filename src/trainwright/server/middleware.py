"""What every request passes: its id and log line, security headers, Host check, body limits."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainwright.server.errors import error_response, response_for
from trainwright.server.hosts import Hosts
from trainwright.spec.errors import TrainwrightError
from trainwright.spec.ids import new_id

log = logging.getLogger("trainwright.access")
faults = logging.getLogger("trainwright.server")

MEBIBYTE = 1024 * 1024
BODY_LIMIT = 8 * MEBIBYTE
INPUTS_LIMIT = 256 * MEBIBYTE
DATASET_LIMIT = 16 * 1024 * MEBIBYTE
STRANGERS_LIMIT = 64 * 1024
"""Of what is taken of a body before it is asked who sends it."""
BODY_SECONDS = 30.0
"""How long a client may be silent in the middle of a body."""
BODY_RATE = 1024
"""Bytes a second that must come, once that time is used up."""

_UNEXPECTED = "something went wrong in the platform; its log names this request"
_INPUTS = re.compile(r"/api/v1/inference/[^/]+/(predict|batch)")
_DATASET = re.compile(r"/api/v1/(datasets/upload|inference/[^/]+/batch)")
_PIECE = re.compile(r"/api/v1/datasets/uploads/[^/]+")
_SIGN_IN = re.compile(r"/api/v1/auth/(token|refresh|sign-in)")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}


class RequestContext:
    """Gives each request an id, adds the security headers, logs it once, and has it counted."""

    def __init__(self, app: ASGIApp, count: Callable[[Scope, int, float], None]) -> None:
        self.app = app
        self.count = count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        start, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:  # the last place where anything can still be answered
            faults.exception("unexpected error", extra={"request_id": request_id})
            if status or scope["type"] != "http":
                raise
            answer = error_response(scope, 500, "internal_error", _UNEXPECTED)
            await answer(scope, receive, send_with_headers)
        finally:
            seconds = time.perf_counter() - start
            _log(scope, status, request_id, seconds)
            self.count(scope, status, seconds)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else new_id("req_")


def _log(scope: Scope, status: int, request_id: str, seconds: float) -> None:
    client = scope.get("client")
    log.info(
        "%s %s",
        scope.get("method", "WEBSOCKET"),
        scope["path"],
        extra={
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
            "request_id": request_id,
            "client": client[0] if client else None,
            "user": scope.get("state", {}).get("user_id"),
        },
    )


class HostCheck:
    """Refuses requests for names that are not ours."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        # more than one Host header is a smuggling attempt
        given = [v.decode("latin-1") for k, v in scope["headers"] if k == b"host"]
        if len(given) == 1 and self.hosts.allows(given[0]):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            message = "this server does not answer to that Host"
            await error_response(scope, 400, "bad_host", message)(scope, receive, send)


class BodyLimit:
    """Refuses bodies that are too large, that come too slowly, or that a stranger sends.

    The framework reads a body before it asks who is there: of nobody known, little is taken.
    """

    def __init__(
        self,
        app: ASGIApp,
        refusal: Callable[[Request], Awaitable[TrainwrightError | None]],
        seconds: float = BODY_SECONDS,
    ) -> None:
        self.app = app
        self.refusal = refusal
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = _limit(scope["path"], headers.get("content-type", ""))
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            answer = error_response(scope, 413, "body_too_large", _too_large(limit))
            await answer(scope, receive, send)
            return
        incoming = _Incoming(scope, receive, limit, self.refusal, self.seconds)
        if int(declared) > STRANGERS_LIMIT and (refused := await incoming.refusal()):
            await response_for(scope, refused)(scope, receive, send)
            return
        await self.app(scope, incoming, send)


class _Incoming:
    """A body on its way: counted, timed, and of nobody known cut short."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        limit: int,
        refusal: Callable[[Request], Awaitable[TrainwrightError | None]],
        seconds: float,
    ) -> None:
        self._request = Request(scope)
        self._receive = receive
        self._limit = limit
        self._refusal = refusal
        self._seconds = seconds
        self._size = 0
        self._waited = 0.0
        self._is_known = False
        self._ended = False

    async def refusal(self) -> TrainwrightError | None:
        """Why whoever sends it may not; asked once."""
        refused = None if self._is_known else await self._refusal(self._request)
        self._is_known = refused is None
        return refused

    async def __call__(self) -> Message:
        if self._ended:
            return await self._receive()
        message = await self._next()
        self._size += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self._size > self._limit:
            raise HTTPException(413, _too_large(self._limit))
        if self._size > STRANGERS_LIMIT and await self.refusal():
            raise HTTPException(400, "the body is not read")  # the answer says who may send it
        return message

    async def _next(self) -> Message:
        # only while the client is waited for: what the platform does with a piece is not its fault
        began = time.monotonic()
        earned = self._seconds + self._size / BODY_RATE
        try:
            return await asyncio.wait_for(
                self._receive(), min(self._seconds, earned - self._waited)
            )
        except TimeoutError:
            raise HTTPException(408, "the body did not come in time") from None
        finally:
            self._waited += time.monotonic() - began


def _limit(path: str, kind: str) -> int:
    # only forms and pieces of files are written to disk as they come
    if _DATASET.fullmatch(path) and kind.startswith("multipart/form-data"):
        return DATASET_LIMIT
    if _PIECE.fullmatch(path) and kind.startswith("application/offset+octet-stream"):
        return DATASET_LIMIT
    if _SIGN_IN.fullmatch(path):
        return STRANGERS_LIMIT
    return INPUTS_LIMIT if _INPUTS.fullmatch(path) else BODY_LIMIT


def _too_large(limit: int) -> str:
    size = f"{limit // MEBIBYTE} MiB" if limit >= MEBIBYTE else f"{limit // 1024} KiB"
    return f"the body is larger than {size}"
