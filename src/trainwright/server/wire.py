"""HTTP as it comes over the wire: what strangers may send before anybody asks who they are."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trainwright.spec.ids import new_id

HEAD_BYTES = 64 * 1024
"""Of a request's first line and its headers; of what comes between two pieces of a body, too."""

HEAD_SECONDS = 20.0
"""How long a connection may take to say what it wants."""


class GuardedProtocol(HttpToolsProtocol):
    """A connection whose heads are bounded in length and in time.

    The parser itself keeps whatever comes, for as long as it takes.
    """

    head_seconds = HEAD_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unread = 0
        self._in_head = True
        self._refused = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unread += len(data)
        super().data_received(data)
        if self._unread > HEAD_BYTES:
            self._refuse_head()
        elif self._is_waited_for() and self._timer is None:
            self._start_timer()

    def handle_websocket_upgrade(self) -> None:
        if not self._refused:
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        self._refuse(HTTPStatus.BAD_REQUEST, "invalid_request", msg)

    def on_header(self, name: bytes, value: bytes) -> None:
        # what follows a body in pieces is no part of what the request is judged by
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES:
            self._refuse_head()
        elif self._is_for_another():
            message = "the first line names another host than the Host header"
            self._refuse(HTTPStatus.BAD_REQUEST, "bad_host", message)
        if self._refused:
            return
        self._read_on(in_head=False)
        self._stop_timer()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            self._read_on(in_head=False)
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused:
            self._read_on(in_head=True)
            super().on_message_complete()

    def _read_on(self, *, in_head: bool) -> None:
        self._unread, self._in_head = 0, in_head

    def _is_waited_for(self) -> bool:
        """Whether the client has to say more, and nobody else counts the time it takes."""
        if self._in_head:
            return self._unread > 0
        return self.cycle is not None and self.cycle.response_complete

    def _is_for_another(self) -> bool:
        if self.url.startswith(b"/"):
            return False
        named = httptools.parse_url(self.url)
        if named.host is None:
            return False
        host = b"[%s]" % named.host if b":" in named.host else named.host
        place = host if named.port is None else b"%s:%d" % (host, named.port)
        return dict(self.headers).get(b"host", b"").lower() != place.lower()

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        """Say why to who has begun to say something; else just go."""
        if self._in_head and self._unread:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "timeout", "the request did not come in time")
        else:
            self.transport.close()

    def _refuse_head(self) -> None:
        message = f"what comes before the body is longer than {HEAD_BYTES // 1024} KiB"
        self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", message)

    def _refuse(self, status: HTTPStatus, code: str, message: str) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._stop_timer()
        request_id = new_id("req_")
        fields = {"status": status.value, "request_id": request_id, "client": self.client}
        self.logger.warning("refused before it was read: %s", message, extra=fields)
        error = {"code": code, "message": message, "details": {}, "request_id": request_id}
        body = json.dumps({"error": error}).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
            f"x-request-id: {request_id}\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
