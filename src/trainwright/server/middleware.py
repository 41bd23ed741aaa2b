"""What every request passes: its id and log line, security headers, Host check, body limits."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trainwright.server.errors import error_response
from trainwright.server.hosts import Hosts
from trainwright.spec.ids import new_id

log = logging.getLogger("trainwright.access")
faults = logging.getLogger("trainwright.server")

MEBIBYTE = 1024 * 1024
BODY_LIMIT = 8 * MEBIBYTE
INPUTS_LIMIT = 256 * MEBIBYTE
DATASET_LIMIT = 16 * 1024 * MEBIBYTE
BODY_SECONDS = 30.0
"""How long a client may be silent in the middle of a body."""

_UNEXPECTED = "something went wrong in the platform; its log names this request"
_INPUTS = re.compile(r"/api/v1/inference/[^/]+/(predict|batch)")
_DATASET = re.compile(r"/api/v1/(datasets/upload|inference/[^/]+/batch)")
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
    """Refuses bodies that are too large, or that come too slowly."""

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS) -> None:
        self.app = app
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
        await self.app(scope, self._limited(receive, limit), send)

    def _limited(self, receive: Receive, limit: int) -> Receive:
        size, ended = 0, False

        async def limited() -> Message:
            nonlocal size, ended
            if ended:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self.seconds)
            except TimeoutError:
                raise HTTPException(408, "the body did not come in time") from None
            size += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if size > limit:
                raise HTTPException(413, _too_large(limit))
            return message

        return limited


def _limit(path: str, kind: str) -> int:
    # only forms are written to disk as they come
    if _DATASET.fullmatch(path) and kind.startswith("multipart/form-data"):
        return DATASET_LIMIT
    return INPUTS_LIMIT if _INPUTS.fullmatch(path) else BODY_LIMIT


def _too_large(limit: int) -> str:
    return f"the body is larger than {limit // MEBIBYTE} MiB"
