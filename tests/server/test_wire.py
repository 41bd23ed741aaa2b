"""What strangers may send before anybody asks who they are, over real connections."""

from __future__ import annotations

import json
import socket
import time
import urllib.parse
from collections.abc import Iterator

import pytest
from server_rig import Api, Live, serving

from trainwright.server.main import server_config
from trainwright.server.wire import HEAD_BYTES, GuardedProtocol

HOST = b"Host: localhost\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HOST


def connected(url: str) -> socket.socket:
    parts = urllib.parse.urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)


def answer_of(connection: socket.socket) -> bytes:
    """All that comes until the server ends the connection, or has answered whole."""
    said = b""
    try:
        while not said.endswith(b"}") and (piece := connection.recv(65536)):
            said += piece
    except ConnectionError:
        pass  # it would hear no more
    return said


def status_of(said: bytes) -> int:
    return int(said.split(b" ", 2)[1])


def asked(url: str, request: bytes) -> int:
    with connected(url) as connection:
        connection.sendall(request)
        return status_of(answer_of(connection))


@pytest.mark.parametrize(
    "head",
    [
        HEALTH + b"X-A: " + b"a" * 100_000 + b"\r\n\r\n",
        HEALTH + b"X-A: a\r\n" * 20_000 + b"\r\n",
        HEALTH + b"Cookie: " + b"a=b;" * 25_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_head_that_is_too_long_is_refused(live: Live, head: bytes) -> None:
    with connected(live.url) as connection:
        connection.sendall(head)
        said = answer_of(connection)
    assert status_of(said) == 431
    error = json.loads(said.partition(b"\r\n\r\n")[2])["error"]
    assert error["code"] == "headers_too_large"
    assert error["request_id"].encode() in said.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("name", [b"X-A: a\r\n" * 4000, b"a" * 32_000])
@pytest.mark.parametrize(
    "start",
    [
        HEALTH,
        HEALTH + b"X-A: ",
        b"GET /",
        # after a body in pieces, and between its pieces
        b"POST /healthz HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: ",
        b"POST /healthz HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n2;",
    ],
)
def test_what_never_ends_is_not_kept(live: Live, start: bytes, name: bytes) -> None:
    with connected(live.url) as connection:
        sent = 0
        with pytest.raises(ConnectionError):
            connection.sendall(start)
            while sent < 1000 * HEAD_BYTES:
                connection.sendall(name)
                sent += len(name)
    assert sent < 1000 * HEAD_BYTES


def test_headers_after_a_body_say_nothing(live: Live) -> None:
    run = live.add_run()
    token = live.people["user"][1].encode()
    request = (
        b"PATCH /api/v1/runs/%s HTTP/1.1\r\n" % run.id.encode()
        + HOST
        + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"2\r\n{}\r\n0\r\nAuthorization: Bearer %s\r\nHost: evil.example\r\n\r\n" % token
    )
    assert asked(live.url, request) == 401


@pytest.mark.parametrize(
    ("line", "host", "status"),
    [
        (b"http://evil.example/healthz", b"localhost", 400),
        (b"http://localhost/healthz", b"evil.example", 400),
        (b"http://localhost:81/healthz", b"localhost", 400),
        (b"http://localhost@evil.example/healthz", b"localhost", 400),
        (b"http://LOCALHOST:80/healthz", b"localhost:80", 200),
        (b"http://[::1]:80/healthz", b"[::1]:80", 200),
    ],
)
def test_a_host_in_the_first_line_is_the_host(
    live: Live, line: bytes, host: bytes, status: int
) -> None:
    request = b"GET " + line + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    assert asked(live.url, request) == status


@pytest.mark.parametrize(
    "request_",
    [
        HEALTH + b"X-A: a\x00b\r\n\r\n",
        HEALTH + b"X-A: a\r b\r\n\r\n",
        HEALTH + b"X-Request-ID: a\r\n b\r\n\r\n",
        HEALTH.replace(b"\r\n", b"\n") + b"\n",
        b"GET /healthz\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
        b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /healthz HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_request_is_refused_in_the_one_shape(live: Live, request_: bytes) -> None:
    with connected(live.url) as connection:
        connection.sendall(request_)
        said = answer_of(connection)
    assert status_of(said) == 400
    assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == "invalid_request"


def test_two_requests_at_once_are_both_answered(live: Live) -> None:
    with connected(live.url) as connection:
        connection.sendall(HEALTH + b"\r\n" + HEALTH + b"Connection: close\r\n\r\n")
        said = b""
        while piece := connection.recv(65536):
            said += piece
    assert said.count(b"HTTP/1.1 200") == 2


class Impatient(GuardedProtocol):
    head_seconds = 0.5


@pytest.fixture(scope="module")
def impatient(shared_api: Api) -> Iterator[str]:
    config = server_config(shared_api.app, grace_seconds=2)
    config.http = Impatient
    with serving(shared_api.app, config=config) as url:
        yield url


@pytest.mark.parametrize("start", [b"", b"G", HEALTH, HEALTH + b"X-A: "])
def test_who_does_not_come_to_the_point_is_not_waited_for(impatient: str, start: bytes) -> None:
    with connected(impatient) as connection:
        connection.sendall(start)
        said = answer_of(connection)
    assert said == b"" if not start else status_of(said) == 408


def test_a_trickle_is_no_progress(impatient: str) -> None:
    with connected(impatient) as connection:
        connection.sendall(HEALTH + b"\r\n")
        assert status_of(answer_of(connection)) == 200
        connection.sendall(HEALTH + b"X-A: ")
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() - began < 8:
                connection.sendall(b"a")
                time.sleep(0.05)


def test_a_body_that_nobody_waits_for_is_not_read_for_ever(impatient: str) -> None:
    large = b"POST /api/v1/runs HTTP/1.1\r\n" + HOST + b"Content-Length: 100000000\r\n\r\n"
    with connected(impatient) as connection:
        connection.sendall(large)
        assert status_of(answer_of(connection)) in (401, 413)
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() - began < 8:
                connection.sendall(b"a")
                time.sleep(0.05)
