"""Live events over WebSockets, on a real server."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from server_rig import Api, Live, batch_of, events_of, serving
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from trainwright.server.auth import COOKIE
from trainwright.server.main import is_worth_telling
from trainwright.server.tokens import Holder, Signer
from trainwright.spec.events import MetricPoint, Metrics, TrainingProgress, utc_now
from trainwright.store.repositories import Runs, Tokens


def open_socket(live: Live, run_id: str, person: str | None = "user", **kwargs: Any) -> Any:
    query = kwargs.pop("query", "")
    headers = kwargs.pop("headers", live.header(person))
    path = kwargs.pop("path", "/ws/runs")
    return connect(
        f"{live.ws_url}{path}/{run_id}{query}", additional_headers=headers, proxy=None, **kwargs
    )


def receive(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    return [json.loads(socket.recv(timeout=10)) for _ in range(count)]


def ship(live: Api, run_id: str, first: int, count: int, token: str) -> None:
    points = [Metrics(points=[MetricPoint(name="x", value=float(n))]) for n in range(count)]
    path = f"/api/v1/internal/runs/{run_id}/events"
    sent = batch_of(events_of(run_id, *points, first=first))
    answer = live.call("POST", path, None, headers={"X-Internal-Auth": token}, json=sent)
    assert answer.status_code == 200, answer.text


def test_stored_events_come_first_then_new_ones_each_once(live: Live) -> None:
    run = live.add_run()
    token = live.agent_token(run)
    ship(live, run.id, 1, 5, token)
    with open_socket(live, run.id) as socket:
        assert [e["seq"] for e in receive(socket, 6)] == [1, 2, 3, 4, 5, 6]
        ship(live, run.id, 6, 3, token)
        assert [e["seq"] for e in receive(socket, 3)] == [7, 8, 9]
    with open_socket(live, run.id, query="?after=7") as socket:
        assert [e["seq"] for e in receive(socket, 2)] == [8, 9]


@pytest.mark.parametrize("path", ["/ws/workflows", "/ws/jobs", "/api/v1/ws/runs"])
def test_the_other_paths_carry_the_same_stream(live: Live, path: str) -> None:
    run = live.add_run()
    with open_socket(live, run.id, path=path) as socket:
        assert receive(socket, 1)[0]["type"] == "status_changed"


def test_a_status_change_arrives_even_if_nobody_wakes_the_api(live: Live) -> None:
    run = live.add_run()
    with open_socket(live, run.id) as socket:
        receive(socket, 1)
        live.move(run, "validating")
        assert receive(socket, 1)[0]["data"]["status"] == "validating"


def test_the_worker_wakes_the_stream_with_the_service_token(live: Live) -> None:
    run = live.add_run()
    headers = {"X-Internal-Auth": live.services.secrets.service_token}
    with open_socket(live, run.id) as socket:
        receive(socket, 1)
        live.move(run, "validating")
        answer = live.http.post(f"{live.url}/api/v1/internal/wake/{run.id}", headers=headers)
        assert answer.status_code == 204
        assert receive(socket, 1)[0]["data"]["status"] == "validating"


@pytest.mark.parametrize(
    ("person", "status"), [(None, 401), ("other", 404), ("viewer", 101), ("admin", 101)]
)
def test_the_same_rules_hold_as_for_reading_the_run(
    live: Live, person: str | None, status: int
) -> None:
    run = live.add_run()
    if status == 101:
        with open_socket(live, run.id, person) as socket:
            assert receive(socket, 1)
        return
    with pytest.raises(InvalidStatus) as refused, open_socket(live, run.id, person):
        pass
    assert refused.value.response.status_code == status
    body = json.loads(refused.value.response.body or b"{}")
    assert body["error"]["code"] in ("unauthorized", "not_found")


def test_a_refused_socket_is_no_error_of_ours(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("uvicorn.error")
    logger.addFilter(is_worth_telling)
    try:
        with (
            caplog.at_level("INFO", "uvicorn.error"),
            pytest.raises(InvalidStatus),
            open_socket(live, live.add_run().id, None),
        ):
            pass
        assert live.call("GET", "/healthz").status_code == 200  # the socket's task has ended
    finally:
        logger.removeFilter(is_worth_telling)
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_a_ticket_opens_one_socket_and_only_one(live: Live) -> None:
    run = live.add_run()
    ticket = live.call("POST", "/api/v1/auth/ticket").json()["ticket"]
    with open_socket(live, run.id, None, query=f"?ticket={ticket}") as socket:
        assert receive(socket, 1)
    with (
        pytest.raises(InvalidStatus, match="401"),
        open_socket(live, run.id, None, query=f"?ticket={ticket}"),
    ):
        pass


def test_a_page_of_another_origin_cannot_open_a_socket(live: Live) -> None:
    run = live.add_run()
    cookie = f"{COOKIE}={live.services.signer.issue('access', Holder(live.people['user'][0]))}"
    own = {"Cookie": cookie, "Origin": live.url}
    with open_socket(live, run.id, headers=own) as socket:
        assert receive(socket, 1)
    for origin in ("http://evil.example", "null", live.url.replace("http", "https") + ".evil"):
        headers = {"Cookie": cookie, "Origin": origin}
        with (
            pytest.raises(InvalidStatus, match="403"),
            open_socket(live, run.id, headers=headers),
        ):
            pass


@pytest.mark.parametrize("change", [{"disabled": True}, {"password": "a newer one"}])
def test_an_open_socket_ends_with_its_users_right_to_it(live: Live, change: dict[str, Any]) -> None:
    body = {"name": f"guest-{next(iter(change))}", "password": "an older one"}
    guest = live.call("POST", "/api/v1/users", "admin", json=body).json()
    path = f"/api/v1/users/{guest['id']}"
    token = live.call("POST", f"{path}/tokens", "admin", json={"name": "t"}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with connect(f"{live.ws_url}/ws/dashboard", additional_headers=headers, proxy=None) as socket:
        assert receive(socket, 1)
        assert live.call("PATCH", path, "admin", json=change).status_code == 200
        with pytest.raises(ConnectionClosed):
            receive(socket, 1)


def new_guest(live: Live, name: str) -> tuple[str, str]:
    """A user of this name with a password: their path, and an API token."""
    body = {"name": name, "password": "an older one"}
    guest = live.call("POST", "/api/v1/users", "admin", json=body).json()
    path = f"/api/v1/users/{guest['id']}"
    token = live.call("POST", f"{path}/tokens", "admin", json={"name": "t"}).json()["token"]
    return path, token


def dashboard_of(live: Live, query: str = "", **headers: str) -> Any:
    place = f"{live.ws_url}/ws/dashboard{query}"
    return connect(place, additional_headers=headers, proxy=None)


def ends_soon(socket: ClientConnection) -> bool:
    """Whether the server closes it; what it still had to say is not minded."""
    deadline = time.monotonic() + 10
    with contextlib.suppress(ConnectionClosed, TimeoutError):
        while time.monotonic() < deadline:
            socket.recv(timeout=deadline - time.monotonic())
    return time.monotonic() < deadline


def test_a_socket_ends_with_the_token_it_was_opened_with(live: Live) -> None:
    path, token = new_guest(live, "revoked")
    bearer = {"Authorization": f"Bearer {token}"}
    ticket = live.http.post("/api/v1/auth/ticket", headers=bearer).json()["ticket"]
    cookie = live.http.post("/api/v1/auth/session", headers=bearer).cookies[COOKIE]
    live.http.cookies.clear()
    with (
        dashboard_of(live, **bearer) as by_token,
        dashboard_of(live, f"?ticket={ticket}") as by_ticket,
        dashboard_of(live, Cookie=f"{COOKIE}={cookie}", Origin=live.url) as by_cookie,
        dashboard_of(live, **live.header("user")) as another,
    ):
        (listed,) = live.call("GET", f"{path}/tokens", "admin").json()["items"]
        live.call("DELETE", f"{path}/tokens/{listed['id']}", "admin")
        assert all(map(ends_soon, (by_token, by_ticket, by_cookie)))
        another.recv(timeout=10)
        with pytest.raises(TimeoutError):
            while True:
                another.recv(timeout=0.5)


@pytest.mark.parametrize("by", ["cookie", "ticket"])
def test_a_socket_ends_when_its_browser_signs_out(live: Live, by: str) -> None:
    new_guest(live, f"signed-out-{by}")
    body = {"name": f"signed-out-{by}", "password": "an older one"}
    cookie = live.http.post("/api/v1/auth/sign-in", json=body).cookies[COOKIE]
    live.http.cookies.clear()
    shown = {"Cookie": f"{COOKIE}={cookie}", "Origin": str(live.http.base_url)}
    if by == "cookie":
        opened = dashboard_of(live, Cookie=shown["Cookie"], Origin=live.url)
    else:
        ticket = live.http.post("/api/v1/auth/ticket", headers=shown).json()["ticket"]
        opened = dashboard_of(live, f"?ticket={ticket}")
    with opened as socket:
        assert receive(socket, 1)
        assert live.http.delete("/api/v1/auth/session", headers=shown).status_code == 204
        assert ends_soon(socket)


def test_a_socket_ends_when_its_user_may_see_less(live: Live) -> None:
    path, token = new_guest(live, "lowered")
    assert live.call("PATCH", path, "admin", json={"role": "admin"}).status_code == 200
    run = live.add_run("admin")
    with open_socket(live, run.id, headers={"Authorization": f"Bearer {token}"}) as socket:
        assert receive(socket, 1)
        assert live.call("PATCH", path, "admin", json={"role": "user"}).status_code == 200
        assert ends_soon(socket)


@pytest.mark.parametrize("by", ["token", "signed", "ticket", "cookie"])
def test_a_socket_ends_when_its_token_expires_though_nothing_happens(live: Live, by: str) -> None:
    """Nothing is committed meanwhile: nobody is woken by it."""
    user_id = live.people["other"][0]
    end = utc_now() + timedelta(seconds=2)
    with live.services.database.session() as session:
        row, plain = Tokens(session).create(user_id, "short", expires_at=end)
    holder = Holder(user_id, token_id=row.id)
    signed = Signer(live.services.secrets.jwt_secret, access_seconds=2)
    opened = {
        "token": lambda: dashboard_of(live, Authorization=f"Bearer {plain}"),
        "signed": lambda: dashboard_of(
            live, Authorization=f"Bearer {signed.issue('access', Holder(user_id))}"
        ),
        "ticket": lambda: dashboard_of(live, f"?ticket={signed.issue('ticket', holder)}"),
        "cookie": lambda: dashboard_of(
            live,
            Cookie=f"{COOKIE}={live.services.signer.issue('access', holder)}",
            Origin=live.url,
        ),
    }
    with opened[by]() as socket:
        assert receive(socket, 1)
        assert ends_soon(socket)


def test_a_rebound_name_cannot_open_a_socket(live: Live) -> None:
    run = live.add_run()
    headers = live.header("user") | {"Host": "evil.example"}
    with pytest.raises(InvalidStatus, match=r"40[03]"), open_socket(live, run.id, headers=headers):
        pass


@pytest.mark.parametrize("query", ["?after=-1", "?after=x"])
def test_a_bad_place_in_the_stream_is_refused(live: Live, query: str) -> None:
    run = live.add_run()
    with (
        pytest.raises((InvalidStatus, ConnectionClosed)),
        open_socket(live, run.id, query=query) as socket,
    ):
        receive(socket, 1)


def test_what_a_client_says_is_ignored(live: Live) -> None:
    run = live.add_run()
    with open_socket(live, run.id) as socket:
        receive(socket, 1)
        for words in ("hello", '{"type": "stop"}', b"\x00\xff"):
            socket.send(words)
        live.move(run, "validating")
        assert receive(socket, 1)[0]["data"]["status"] == "validating"


def test_a_client_that_leaves_is_forgotten(live: Live) -> None:
    run = live.add_run()
    channels = live.services.hub._channels
    with open_socket(live, run.id) as socket:
        receive(socket, 1)
        assert run.id in channels
    deadline = time.monotonic() + 10
    while run.id in channels and time.monotonic() < deadline:
        time.sleep(0.02)
    assert run.id not in channels


def test_open_sockets_do_not_keep_the_server_from_ending(fresh_api: Api) -> None:
    run = fresh_api.add_run()
    sockets = []
    with serving(fresh_api.app) as url:
        live = Live(fresh_api.app, fresh_api.services, fresh_api.http, fresh_api.people, url=url)
        for _ in range(3):
            socket = open_socket(live, run.id).__enter__()
            receive(socket, 1)
            sockets.append(socket)
        start = time.monotonic()
    assert time.monotonic() - start < 5
    for socket in sockets:
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)


def test_a_slow_client_gets_everything_and_slows_nobody(live: Live) -> None:
    run = live.add_run()
    token = live.agent_token(run)
    total = 3000
    with open_socket(live, run.id, max_queue=1) as slow, open_socket(live, run.id) as quick:
        receive(slow, 1)
        receive(quick, 1)
        shipping = threading.Thread(
            target=lambda: [ship(live, run.id, n + 1, 500, token) for n in range(0, total, 500)]
        )
        shipping.start()
        assert [e["seq"] for e in receive(quick, total)] == list(range(2, total + 2))
        shipping.join()
        assert [e["seq"] for e in receive(slow, total)] == list(range(2, total + 2))


def test_who_asks_for_it_is_told_that_nothing_happens(live: Live) -> None:
    run = live.add_run()
    with open_socket(live, run.id, query="?heartbeat=0.2") as socket:
        receive(socket, 1)
        for beat in receive(socket, 2):
            assert beat == {"type": "heartbeat", "run_id": run.id, "seq": 1}
        live.move(run, "validating")
        news = next(e for e in receive(socket, 20) if e["type"] != "heartbeat")
        assert news["seq"] == 2


def open_dashboard(live: Live, person: str | None, query: str = "") -> Any:
    headers = live.header(person)
    url = f"{live.ws_url}/ws/dashboard{query}"
    return connect(url, additional_headers=headers, proxy=None)


def until(socket: ClientConnection, kind: str, **wanted: Any) -> dict[str, Any]:
    """The first message of a kind whose run, or which itself, is as wanted."""
    while True:
        message = json.loads(socket.recv(timeout=10))
        told = message.get("run", message)
        if message["type"] == kind and all(told[k] == v for k, v in wanted.items()):
            return message


def test_the_dashboard_is_sent_again_when_a_run_changes(live: Live) -> None:
    run = live.add_run("other")
    with open_dashboard(live, "other") as socket:
        first = receive(socket, 1)[0]
        assert (first["type"], first["runs_by_status"]) == ("dashboard", {"created": 1})
        live.add_run("user")
        live.move(run, "stopped")
        assert receive(socket, 1)[0]["runs_by_status"] == {"stopped": 1}
        assert receive(socket, 1)[0]["run"]["status"] == "stopped"
    with pytest.raises(InvalidStatus, match="401"), open_dashboard(live, None):
        pass


def test_progress_of_a_run_is_told_as_often_as_it_can_be_seen(live: Live) -> None:
    run = live.add_run()
    token = live.agent_token(run)
    path = f"/api/v1/internal/runs/{run.id}/events"
    with open_dashboard(live, "user") as socket, open_dashboard(live, "other") as other:
        receive(socket, 1)
        receive(other, 1)
        for step in range(1, 41):
            sent = batch_of(events_of(run.id, TrainingProgress(step=step), first=step))
            live.call("POST", path, None, headers={"X-Internal-Auth": token}, json=sent)
        told = []
        while not told or told[-1]["run"]["progress"]["step"] < 40:
            told.append(until(socket, "run", id=run.id))
        assert len(told) < 30
        live.add_run("other")
        assert until(other, "dashboard")
        with pytest.raises(TimeoutError):
            while True:
                assert json.loads(other.recv(timeout=1)).get("run", {}).get("id") != run.id


def test_a_run_that_goes_to_another_or_into_the_trash_is_gone(live: Live) -> None:
    run, mine = live.add_run(), live.add_run()
    with open_dashboard(live, "user") as socket, open_dashboard(live, "viewer") as viewer:
        receive(viewer, 1)
        receive(socket, 1)
        live.move(run, "stopped")
        live.move(mine, "stopped")
        until(socket, "run", id=run.id, status="stopped")
        until(viewer, "run", id=run.id, status="stopped")
        with live.services.database.session() as session:
            Runs(session).update_fields(run.id, owner_id=live.people["other"][0])
        until(socket, "run_gone", run_id=run.id)
        assert until(viewer, "run", id=run.id)["run"]["owner_id"] == live.people["other"][0]
        assert live.call("DELETE", f"/api/v1/runs/{mine.id}").status_code < 300
        until(socket, "run_gone", run_id=mine.id)
        assert live.call("POST", f"/api/v1/runs/{mine.id}/restore").status_code == 200
        until(socket, "run", id=mine.id)


def test_a_run_that_was_given_away_is_told_no_further(live: Live) -> None:
    run = live.add_run()
    with open_socket(live, run.id) as socket:
        receive(socket, 1)
        with live.services.database.session() as session:
            Runs(session).update_fields(run.id, owner_id=live.people["other"][0])
        with pytest.raises(ConnectionClosed):
            receive(socket, 1)
