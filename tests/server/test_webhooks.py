"""Webhooks against real receivers: taken, refused, slow, redirecting, in private networks."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_rig import Api, Live

from trainwright.client import Client
from trainwright.network import Address, is_public
from trainwright.server.sealed import Sealer
from trainwright.server.webhooks import Courier, Gate
from trainwright.server.webhooks.courier import PAUSES
from trainwright.server.webhooks.gate import check_url
from trainwright.server.webhooks.posting import Post, post
from trainwright.server.webhooks.signing import FRESH_SECONDS, HEADER, is_signed, sign
from trainwright.spec.errors import ForbiddenError, InvalidRequestError, StorageError
from trainwright.spec.events import utc_now
from trainwright.store.models import Delivery, Webhook
from trainwright.store.repositories import Deliveries

SECRET = "a secret of the tests"


class Handler(BaseHTTPRequestHandler):
    """Answers by its path, and keeps what came."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers), body))  # type: ignore[attr-defined]
        getattr(self, "answer_" + self.path.strip("/").partition("/")[0])()

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def _say(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_fine(self) -> None:
        self._say(204)

    def answer_broken(self) -> None:
        self._say(500, b"no\r\n room")

    def answer_gone(self) -> None:
        self._say(410)

    def answer_metadata(self) -> None:
        self._say(307, Location="http://169.254.169.254/latest/meta-data/")

    def answer_slow(self) -> None:
        time.sleep(1.5)
        with contextlib.suppress(BrokenPipeError):
            self._say(200)

    def answer_endless(self) -> None:
        self.send_response(500)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            return


@pytest.fixture(scope="module")
def receiver() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.came = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def came(receiver: ThreadingHTTPServer) -> list[tuple[dict[str, str], bytes]]:
    receiver.came.clear()  # type: ignore[attr-defined]
    return receiver.came  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
def place(receiver: ThreadingHTTPServer) -> str:
    return f"127.0.0.1:{receiver.server_address[1]}"


LOOPBACK = Gate(["127.0.0.0/8"])


def sent(url: str, gate: Gate = LOOPBACK, **kwargs: Any) -> Any:
    return post(Post(url, SECRET, "test", "dl1", b'{"a": 1}'), gate, **kwargs)


def test_what_is_taken_is_signed_and_fresh(place: str, came: list[Any]) -> None:
    assert sent(f"http://{place}/fine").code == 204
    headers, body = came[0]
    now = int(time.time())
    assert is_signed(SECRET, body, headers[HEADER], now)
    assert not is_signed("another secret", body, headers[HEADER], now)
    assert not is_signed(SECRET, body + b" ", headers[HEADER], now)
    assert not is_signed(SECRET, body, headers[HEADER], now + FRESH_SECONDS + 5)
    assert headers["X-Trainwright-Event"] == "test"


@given(st.text(max_size=80))
def test_no_header_whatever_is_taken_for_a_signature(header: str) -> None:
    assert not is_signed(SECRET, b"body", header, 1_000)
    assert is_signed(SECRET, b"body", sign(SECRET, b"body", 1_000), 1_000)


def test_a_receiver_that_fails_is_quoted(place: str) -> None:
    outcome = sent(f"http://{place}/broken")
    assert (outcome.code, outcome.error, outcome.is_final) == (
        500,
        "it answered 500: no room",
        False,
    )
    assert sent(f"http://{place}/gone").is_final


def test_redirects_are_not_followed(place: str, came: list[Any]) -> None:
    outcome = sent(f"http://{place}/metadata")
    assert (outcome.code, outcome.is_final, len(came)) == (307, True, 1)


def test_slow_and_endless_answers_end_in_time(place: str) -> None:
    start = time.monotonic()
    assert sent(f"http://{place}/slow", timeout=0.3).error == "no answer within 0.3 s"
    assert sent(f"http://{place}/endless", timeout=3).code == 500
    assert time.monotonic() - start < 3


def test_nobody_there_is_no_end(place: str) -> None:
    outcome = sent("http://127.0.0.1:9/")
    assert outcome.error
    assert not outcome.is_final
    assert not sent("http://no-such-host.invalid/").is_final


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "192.168.1.1",
        "[fd00::1]",
        "127.1",
    ],
)
def test_private_places_are_refused(
    host: str, receiver: ThreadingHTTPServer, came: list[Any]
) -> None:
    outcome = sent(f"http://{host}:{receiver.server_address[1]}/fine", Gate())
    assert "private network" in str(outcome.error)
    assert outcome.is_final
    assert came == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("64:ff9b::808:808", True),  # 8.8.8.8, by way of a translator
        ("2002:808:808::1", True),
        ("::ffff:8.8.8.8", True),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", False),  # Teredo to 127.0.0.1
        ("fec0::1", False),
        ("fe80::1", False),
        ("5f00::1", False),
        ("4000::1", False),
        ("3fff::1", False),
        ("2001:db8::1", False),
        ("ff0e::1", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
        ("100.64.0.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
    ],
)
def test_what_is_public_is_told_by_the_address_itself(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def test_a_name_that_changes_its_mind_gains_nothing(place: str, came: list[Any]) -> None:
    port = place.partition(":")[2]
    asked: list[str] = []

    def rebinding(host: str, _: int) -> Sequence[Address]:
        # public when it is judged, loopback ever after
        asked.append(host)
        return [ipaddress.ip_address("192.0.2.1" if len(asked) == 1 else "127.0.0.1")]

    class Public(Gate):
        def judge(self, host: str, port: int, addresses: Sequence[Address]) -> None:
            # a documentation address stands in for a public one: nothing answers there
            if any(address.is_loopback for address in addresses):
                raise ForbiddenError("private")

    outcome = sent(f"http://rebind.example:{port}/fine", Public(), resolver=rebinding, timeout=0.4)
    assert outcome.error
    assert (asked, came) == (["rebind.example"], [])


def test_one_private_address_among_public_ones_is_enough() -> None:
    both = [ipaddress.ip_address("93.184.216.34"), ipaddress.ip_address("10.0.0.1")]
    with pytest.raises(ForbiddenError) as caught:
        Gate().judge("two.example", 443, both)
    assert caught.value.mend == "trainwright webhooks allow two.example:443"


@pytest.mark.parametrize(
    ("allowed", "host", "port", "passes"),
    [
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.7:8080", "10.0.0.7", 8080, True),
        ("10.0.0.7:8080", "10.0.0.7", 80, False),
        ("hooks.internal", "10.0.0.9", 80, False),
        ("nonsense/99", "10.0.0.9", 80, False),
    ],
)
def test_what_an_admin_allows_passes(allowed: str, host: str, port: int, passes: bool) -> None:
    gate, address = Gate([allowed]), ipaddress.ip_address(host)
    if passes:
        gate.judge(host, port, [address])
    else:
        with pytest.raises(ForbiddenError):
            gate.judge(host, port, [address])
    Gate(["hooks.internal"]).judge("Hooks.Internal", port, [address])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a/",
        "file:///etc/passwd",
        "http://",
        "http://u:p@a/",
        "http://a:0/",
        "http://a b/",
        "javascript:alert(1)",
        "http://a/\n",
        "//a/b",
        "http://[::1",
        "http://a:99999/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequestError):
        check_url(url)


def test_a_sealed_secret_is_read_only_with_its_key() -> None:
    sealed = Sealer("t" * 40, "webhooks").seal(SECRET)
    assert SECRET not in sealed
    assert Sealer("t" * 40, "webhooks").open(sealed) == SECRET
    for other in (Sealer("u" * 40, "webhooks"), Sealer("t" * 40, "targets")):
        with pytest.raises(StorageError):
            other.open(sealed)


def call(
    api: Api, method: str, path: str = "", person: str = "user", **body: Any
) -> httpx.Response:
    sent = {"json": body} if body else {}
    return api.call(method, f"/api/v1/settings/webhooks{path}", person, **sent)


def allow(api: Api, *hosts: str) -> None:
    body = {"webhook_hosts": list(hosts)}
    assert api.call("PATCH", "/api/v1/settings", "admin", json=body).status_code == 200


@contextmanager
def webhook(api: Api, url: str, person: str = "user", **fields: Any) -> Iterator[dict[str, Any]]:
    answer = call(api, "POST", person=person, url=url, **fields)
    assert answer.status_code == 201, answer.text
    added = answer.json()
    try:
        yield added
    finally:
        assert call(api, "DELETE", f"/{added['id']}", person).status_code == 204


def carry(api: Api) -> None:
    """What the courier's thread does, now."""
    with ThreadPoolExecutor(4) as hands:
        while api.services.courier.carry_due(hands):
            pass


def stored(api: Api, webhook_id: str) -> list[Delivery]:
    with api.services.database.session(write=False) as session:
        return Deliveries(session).list(webhook_id).items


def make_due(api: Api, webhook_id: str) -> None:
    with api.services.database.session() as session:
        for delivery in Deliveries(session).list(webhook_id, status="waiting").items:
            delivery.next_at = utc_now() - timedelta(seconds=1)


def test_news_of_a_run_are_posted_signed_and_fit_for_slack(
    api: Api, place: str, came: list[Any]
) -> None:
    allow(api, place)
    with webhook(api, f"http://{place}/fine", events=["run.failed", "alert.opened"]) as added:
        run = api.add_run()
        others = api.add_run("other")
        for one in (run, others):
            api.move(one, "failed")
        carry(api)
        told = {json.loads(body)["event"]: (headers, body) for headers, body in came}
        assert set(told) == {"run.failed", "alert.opened"}
        headers, body = told["alert.opened"]
        assert is_signed(added["secret"], body, headers[HEADER], int(time.time()))
        payload = json.loads(body)
        assert payload["id"] == headers["X-Trainwright-Delivery"]
        assert payload["run"]["id"] == run.id
        assert payload["alert"]["rule"] == "failed"
        assert run.name in payload["text"]
        assert {d.status for d in stored(api, added["id"])} == {"delivered"}


def test_what_is_not_taken_is_tried_again_ever_later_and_given_up(
    api: Api, place: str, came: list[Any]
) -> None:
    allow(api, place)
    with webhook(api, f"http://{place}/broken", events=["run.failed"]) as added:
        api.move(api.add_run(), "failed")
        pauses = []
        for tries in range(1, len(PAUSES) + 2):
            carry(api)
            (delivery,) = stored(api, added["id"])
            assert delivery.tries == tries
            assert delivery.last_error == "it answered 500: no room"
            if delivery.next_at:
                pauses.append((delivery.next_at - utc_now()).total_seconds())
            make_due(api, added["id"])
        assert delivery.status == "dead"
        assert pauses == sorted(pauses)
        assert len(came) == len(PAUSES) + 1
        (listed,) = call(api, "GET", f"/{added['id']}/deliveries?status=dead").json()["items"]
        assert (listed["tries"], listed["last_code"]) == (len(PAUSES) + 1, 500)
        (view,) = [w for w in call(api, "GET").json()["items"] if w["id"] == added["id"]]
        assert (view["dead"], view["waiting"]) == (1, 0)
        # its receiver is mended
        call(api, "PATCH", f"/{added['id']}", url=f"http://{place}/fine")
        again = call(api, "POST", f"/{added['id']}/deliveries/{delivery.id}/retry").json()
        assert again["status"] == "delivered"
        path = f"/{added['id']}/deliveries/{delivery.id}/retry"
        assert call(api, "POST", path).status_code == 409


def test_a_courier_that_died_with_a_delivery_loses_it_to_the_next(
    api: Api, place: str, came: list[Any]
) -> None:
    allow(api, place)
    with webhook(api, f"http://{place}/fine", events=["run.failed"]) as added:
        api.move(api.add_run(), "failed")
        with api.services.database.session() as session:
            assert len(Deliveries(session).claim(8, 2, timedelta(seconds=60))) == 1
        carry(api)
        assert came == []  # it is somebody's
        make_due(api, added["id"])
        carry(api)
        assert len(came) == 1


def test_a_private_address_is_refused_until_an_admin_allows_it(
    api: Api, place: str, came: list[Any]
) -> None:
    allow(api)
    with webhook(api, f"http://{place}/fine") as added:
        refused = call(api, "POST", f"/{added['id']}/test").json()
        assert refused["status"] == "dead"
        assert "private network" in refused["last_error"]
        allow(api, place)
        assert call(api, "POST", f"/{added['id']}/test").json()["status"] == "delivered"
        assert len(came) == 1


def test_webhooks_are_their_owners_and_their_secrets_nobodys(api: Api) -> None:
    with webhook(api, "https://hooks.example/x", secret="s" * 20) as added:
        assert added["secret"] == "s" * 20
        assert "s" * 20 not in call(api, "GET").text
        assert added["id"] not in call(api, "GET", person="other").text
        assert added["id"] in call(api, "GET", person="admin").text
        for method, path in (("PATCH", ""), ("DELETE", ""), ("POST", "/test")):
            answer = call(
                api, method, f"/{added['id']}{path}", "other", **{} if path else {"enabled": False}
            )
            assert answer.status_code == 404, (method, path)
        assert call(api, "GET", person="viewer").status_code == 403
        with api.services.database.session(write=False) as session:
            assert "s" * 20 not in session.get_one(Webhook, added["id"]).secret
    for bad in ({"url": "ftp://a/"}, {"url": "http://a/", "events": ["nonsense"]}):
        assert call(api, "POST", **bad).status_code in (400, 422)
    assert call(api, "POST", url="http://a/", everyone=True).status_code == 403


def test_a_webhook_that_is_off_is_told_nothing(api: Api) -> None:
    with webhook(api, "https://hooks.example/x", events=["run.failed"]) as added:
        call(api, "PATCH", f"/{added['id']}", enabled=False)
        api.move(api.add_run(), "failed")
        assert stored(api, added["id"]) == []


def test_the_running_platform_delivers_by_itself(live: Live, place: str, came: list[Any]) -> None:
    allow(live, place)
    with Client(live.url, live.people["user"][1]) as client:
        added = client.add_webhook(f"http://{place}/fine", ["run.failed"])
        live.move(live.add_run(), "failed")
        deadline = time.monotonic() + 10
        while not came and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(came) == 1
        assert client.test_webhook(added.id).status == "delivered"
        assert {d.event for d in client.deliveries(added.id)} == {"test", "run.failed"}
        client.remove_webhook(added.id)
        assert added.id not in {w.id for w in client.webhooks()}


def test_a_slow_receiver_holds_up_no_other(fresh_api: Api, place: str) -> None:
    api = fresh_api
    allow(api, place)
    services = api.services
    quick = Courier(services.database, services.sealer, timeout=0.5)
    with (
        webhook(api, f"http://{place}/slow", events=["run.failed"]) as slow,
        webhook(api, f"http://{place}/fine", events=["run.failed"]) as fine,
    ):
        for _ in range(6):
            api.move(api.add_run(), "failed")
        start = time.monotonic()
        with ThreadPoolExecutor(8) as hands:
            while quick.carry_due(hands):
                pass
        assert time.monotonic() - start < 5
        assert {d.status for d in stored(api, fine["id"])} == {"delivered"}
        assert {d.last_error for d in stored(api, slow["id"])} == {"no answer within 0.5 s"}
