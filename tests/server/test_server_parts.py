"""The small parts: which hosts are believed, throttling, pages, tokens, sockets."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import string
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import Message, Receive

from trainwright.server.app import create_app
from trainwright.server.hosts import Hosts
from trainwright.server.listener import listen
from trainwright.server.middleware import BodyLimit
from trainwright.server.paging import page_of
from trainwright.server.passwords import hash_password, password_matches
from trainwright.server.throttle import Throttle, client_of
from trainwright.server.tokens import Holder, Signer
from trainwright.settings import Settings
from trainwright.spec.errors import InvalidRequestError, TrainwrightError, UnauthorizedError
from trainwright.store.database import BUSY_SECONDS

HOST_NAME = st.text(string.ascii_lowercase + string.digits + ".-", min_size=1, max_size=40)


@given(HOST_NAME)
def test_no_name_but_ours_is_believed(name: str) -> None:
    loopback = name == "localhost" or name.startswith("127.")
    if not loopback:
        assert not Hosts().allows(name)
        assert not Hosts(any_address=True).allows(f"{name}.example")
        assert not Hosts().allows(f"localhost.{name}")
    assert Hosts(frozenset({"lab.example"})).allows("LAB.example:8000")


@given(st.text(max_size=60))
def test_any_header_gets_an_answer(header: str) -> None:
    Hosts().allows(header)
    Hosts().allows_origin(header, header)


def test_addresses_are_believed_only_by_a_server_on_every_interface() -> None:
    assert not Hosts.bound_to("127.0.0.1").allows("10.0.0.5:8000")
    assert Hosts.bound_to("0.0.0.0").allows("10.0.0.5:8000")
    assert Hosts.bound_to("::").allows("[fe80::1]:8000")
    assert Hosts.bound_to("10.0.0.5").allows("10.0.0.5")
    assert not Hosts.bound_to("0.0.0.0").allows("rebound.example")


def test_an_origin_is_ours_only_if_host_and_port_are() -> None:
    hosts = Hosts()
    assert hosts.allows_origin(None, "localhost:8000")
    assert hosts.allows_origin("http://localhost:8000", "localhost:8000")
    for foreign in ("http://localhost:9000", "http://evil", "null", "file://", "http://[", ""):
        assert not hosts.allows_origin(foreign, "localhost:8000")


def test_failures_are_forgotten_with_time_and_successes_at_once() -> None:
    now = [0.0]
    throttle = Throttle(failures=2, seconds=10, clock=lambda: now[0])
    throttle.attempt("a")
    throttle.attempt("a")
    with pytest.raises(TrainwrightError, match="try again in 10 s"):
        throttle.attempt("a")
    throttle.attempt("b")
    now[0] = 10.1
    for _ in range(3):
        throttle.attempt("a")
        throttle.succeed("a")
    throttle.attempt("a")
    throttle.attempt("a")


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::a", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::b", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("testclient", "testclient"),
    ],
)
def test_guesses_are_counted_by_who_can_choose_the_address(host: str, counted: str) -> None:
    assert client_of(HTTPConnection({"type": "http", "client": (host, 1)})) == counted


def test_a_success_does_not_buy_more_failures() -> None:
    throttle = Throttle(failures=2)
    throttle.attempt("address")
    throttle.attempt("address")
    throttle.succeed("address")
    throttle.attempt("address")
    with pytest.raises(TrainwrightError, match="too many"):
        throttle.attempt("address")


@given(st.integers(0, 50), st.integers(1, 20))
def test_pages_hold_everything_once(size: int, limit: int) -> None:
    items, seen = list(range(size)), []
    cursor: str | None = None
    while True:
        page = page_of(items, limit, cursor)
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == items


@pytest.mark.parametrize("cursor", ["-1", "x", "", "9" * 30, "٣"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequestError):
        page_of([1, 2], 1, cursor)


@given(st.text(max_size=200))
def test_no_made_up_text_is_a_token(text: str) -> None:
    with pytest.raises(UnauthorizedError):
        Signer("k" * 32).read("access", text)


@pytest.mark.parametrize("algorithm", ["none", "RS256", "HS1"])
def test_only_sound_algorithms_sign(algorithm: str) -> None:
    with pytest.raises(InvalidRequestError, match="JWT_ALGORITHM"):
        Signer("k" * 32, algorithm)


def test_a_token_signed_by_another_algorithm_is_refused() -> None:
    token = Signer("k" * 64, "HS512").issue("access", Holder("u1"))
    assert Signer("k" * 64, "HS512").read("access", token).user_id == "u1"
    with pytest.raises(UnauthorizedError):
        Signer("k" * 64, "HS256").read("access", token)


def test_passwords_are_hashed_with_their_own_salt() -> None:
    one, two = hash_password("long enough"), hash_password("long enough")
    assert one != two
    assert one.startswith("$argon2id$")
    assert password_matches(one, "long enough")
    assert not password_matches(one, "long enough ")
    assert not password_matches(None, "no account has this password")
    assert not password_matches("not a hash", "x")
    with pytest.raises(InvalidRequestError):
        hash_password("short")


def test_a_taken_port_is_said_with_its_mend() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(TrainwrightError, match=str(port)) as taken:
            listen("127.0.0.1", port)
    assert taken.value.mend
    assert taken.value.exit_code == 2
    with pytest.raises(TrainwrightError, match="cannot listen"):
        listen("192.0.2.1", 0)


def test_answers_are_not_held_back_by_the_socket() -> None:
    with listen("127.0.0.1", 0) as listener:
        # asyncio turns TCP_NODELAY on only for sockets that say they are TCP
        assert listener.proto == socket.IPPROTO_TCP


def test_a_start_does_not_wait_for_whoever_writes(home_path: Path) -> None:
    settings = Settings(trainwright_home=home_path, database_url=None, jwt_secret=None)
    create_app(settings).state.services.database.dispose()
    writer = sqlite3.connect(home_path / "trainwright.db", isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    create_app(settings).state.services.database.dispose()
    assert time.monotonic() - began < BUSY_SECONDS / 2
    writer.close()


@pytest.mark.parametrize("length", [b"\xb2", b"-1", b"1e9", b""])
def test_a_length_that_is_none_is_refused(length: bytes) -> None:
    sent: list[Message] = []

    async def app(*_: object) -> None:
        raise AssertionError("it was let in")

    async def receive() -> Message:
        raise AssertionError("it was read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/", "headers": [(b"content-length", length)]}
    asyncio.run(BodyLimit(app, known)(scope, receive, send))
    assert sent[0]["status"] == 413


async def known(_: Request) -> None:
    """Whoever asks is let in."""


def test_a_body_that_trickles_is_not_waited_for() -> None:
    came = 0

    async def app(_: object, receive: Receive, __: object) -> None:
        nonlocal came
        while (await receive())["more_body"]:
            came += 1

    async def receive() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def send(_: Message) -> None:
        raise AssertionError("the framework answers")

    scope: dict[str, object] = {"type": "http", "path": "/", "headers": []}
    limited = BodyLimit(app, known, seconds=0.2)
    with pytest.raises(HTTPException, match="in time") as refused:
        asyncio.run(asyncio.wait_for(limited(scope, receive, send), 10))
    assert refused.value.status_code == 408
    assert came


def test_time_that_the_platform_takes_is_not_the_clients() -> None:
    left = 5

    async def app(_: object, receive: Receive, __: object) -> None:
        while (await receive())["more_body"]:
            await asyncio.sleep(0.1)

    async def receive() -> Message:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": b"a", "more_body": left > 0}

    async def send(_: Message) -> None:
        raise AssertionError("the framework answers")

    scope: dict[str, object] = {"type": "http", "path": "/", "headers": []}
    asyncio.run(BodyLimit(app, known, seconds=0.2)(scope, receive, send))
    assert left == 0
