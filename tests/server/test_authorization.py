"""Every route × who asks × whose it is, by the table. What is not in the table fails the test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import pytest
from authorization_table import LET_IN, PEOPLE, SOCKETS, TABLE, Things
from fastapi.routing import iter_route_contexts
from server_rig import PASSWORD, Api, Live, batch_of, events_of
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from trainwright.server.auth import COOKIE
from trainwright.server.tokens import Holder
from trainwright.spec.events import Vitals, utc_now
from trainwright.store.models import Role
from trainwright.store.repositories import Tokens, Users

VITALS = Vitals(cpu_percent=1, memory_gb=1)


def test_every_route_is_in_the_table(api: Api) -> None:
    contexts = list(iter_route_contexts(api.app.routes))
    routes = {(method, route.path) for route in contexts for method in route.methods or ()}
    # what answers GET may answer HEAD, too, by itself
    routes -= {("HEAD", path) for method, path in routes if method == "GET"} - set(TABLE)
    assert routes == set(TABLE)
    assert {route.path for route in contexts if not route.methods} == set(SOCKETS)
    described = api.app.openapi()["paths"]
    assert set(described) <= {path.replace(":path", "") for _, path in TABLE}


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_reaches_what_is_theirs_and_nothing_else(api: Api, person: str) -> None:
    headers = api.header(None if person == "anonymous" else person)
    rules = {route: rule[person] for route, rule in TABLE.items()}
    wrong = [
        said
        for route, rule in rules.items()
        if (said := ask(api, route[0], Things(api, route[1]), headers, rule))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", PEOPLE)
def test_everyone_hears_of_what_is_theirs_and_nothing_else(live: Live, person: str) -> None:
    headers = live.header(None if person == "anonymous" else person)
    rules = {path: rule[person] for path, rule in SOCKETS.items()}
    wrong = [
        said
        for path, rule in rules.items()
        if (said := listen(live, Things(live, path), headers, rule))
    ]
    assert not wrong, "\n".join(wrong)


def ask(api: Api, method: str, things: Things, headers: Mapping[str, str], rule: int) -> str | None:
    """What is wrong with the answer to a request; None if it is right."""
    sent = {} if method in ("GET", "DELETE", "HEAD") else {"json": things.body}
    answer = api.http.request(method, things.address, headers=dict(headers), **sent)  # type: ignore[arg-type]
    api.http.cookies.clear()
    wrong = judge(answer.status_code, answer.text, rule)
    return f"{method} {things.template}: {wrong}" if wrong else None


def listen(live: Live, things: Things, headers: Mapping[str, str], rule: int) -> str | None:
    """What is wrong with the answer to who opens a socket; None if it is right."""
    status, text = 101, ""
    try:
        with connect(live.ws_url + things.address, additional_headers=headers, proxy=None):
            pass
    except InvalidStatus as refused:
        status, text = refused.response.status_code, (refused.response.body or b"").decode()
    wrong = judge(status, text, rule)
    return f"{things.template}: {wrong}" if wrong else None


def judge(status: int, text: str, expected: int) -> str | None:
    if status >= 500:
        return f"{status} {text}"
    if expected != LET_IN:
        return None if status == expected else f"{status}, not {expected}: {text}"
    if status in (401, 403):
        return f"refused with {status}: {text}"
    if status == 404 and re.search("there is no (run|user|alert|webhook|dataset)", text):
        return f"it is not seen: {text}"
    return None


STRANGERS = (
    "a made-up token",
    "a revoked token",
    "an expired token",
    "a token of somebody disabled",
    "a session that was signed out",
    "a session of an old password",
    "a ticket",
    "a refresh token",
    "a link to a run",
    "a run's token",
)


@pytest.fixture(scope="module")
def strangers(shared_api: Api) -> dict[str, dict[str, str]]:
    """Whom nobody knows (any more); each was an admin while they were known."""
    api = shared_api
    with api.services.database.session() as session:
        stored = Tokens(session)
        boss = Users(session).add("boss", role=Role.ADMIN).id
        gone = Users(session).add("gone", role=Role.ADMIN)
        left = stored.create(gone.id, "left")[1]
        gone.disabled = True
        revoked, of_revoked = stored.create(boss, "revoked")
        stored.revoke(revoked.id)
        of_expired = stored.create(boss, "old", expires_at=utc_now() - timedelta(seconds=1))[1]
    form = {"username": "kim", "password": PASSWORD}
    out = api.http.post("/api/v1/auth/token", data=form).json()["access_token"]
    api.http.delete("/api/v1/auth/session", headers={"Authorization": f"Bearer {out}"})
    sign, origin = api.services.signer.issue, str(api.http.base_url)
    bearers = {
        "a made-up token": "tw_made_up",
        "a revoked token": of_revoked,
        "an expired token": of_expired,
        "a token of somebody disabled": left,
        "a session of an old password": sign("access", Holder(boss, "another stamp")),
        "a ticket": sign("ticket", Holder(boss)),
        "a refresh token": sign("refresh", Holder(boss)),
        "a link to a run": Things(api, "").token,
        "a run's token": api.agent_token(api.add_run("admin")),
    }
    known = {name: {"Authorization": f"Bearer {token}"} for name, token in bearers.items()}
    for headers in known.values():
        headers["X-Internal-Auth"] = headers["Authorization"].removeprefix("Bearer ")[:200]
    cookie = {"Cookie": f"{COOKIE}={out}", "Origin": origin}
    return known | {"a session that was signed out": cookie}


@pytest.fixture(scope="module")
def things(shared_api: Api) -> dict[str, Things]:
    """One of everything, by path: strangers change nothing."""
    return {path: Things(shared_api, path) for path in [*(path for _, path in TABLE), *SOCKETS]}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_who_is_not_known_any_more_is_anybody(
    live: Live, things: dict[str, Things], strangers: dict[str, dict[str, str]], stranger: str
) -> None:
    headers = strangers[stranger]
    wrong = []
    for (method, path), rule in TABLE.items():
        inside = "/internal/" in path and "X-Internal-Auth" in headers
        expected = 403 if inside else rule["anonymous"]
        wrong.append(ask(live, method, things[path], headers, expected))
    if "Origin" in headers:
        headers = headers | {"Origin": live.url}
    for path, rule in SOCKETS.items():
        wrong.append(listen(live, things[path], headers, rule["anonymous"]))
    assert not any(wrong), "\n".join(filter(None, wrong))


class Guest(NamedTuple):
    path: str
    name: str
    headers: dict[str, str]


@pytest.fixture
def guest(api: Api) -> Guest:
    """Somebody who is about to be disabled."""
    name = f"guest-{utc_now():%H%M%S%f}"
    user = api.call("POST", "/api/v1/users", "admin", json={"name": name}).json()
    path = f"/api/v1/users/{user['id']}"
    token = api.call("POST", f"{path}/tokens", "admin", json={"name": "t"}).json()["token"]
    api.people[name] = (user["id"], token)
    return Guest(path, name, {"Authorization": f"Bearer {token}"})


def test_runs_of_somebody_disabled_go_on_and_are_theirs(api: Api, guest: Guest) -> None:
    run = api.add_run(guest.name)
    agent = {"X-Internal-Auth": api.agent_token(run)}
    code = api.http.post("/api/v1/auth/links", headers=guest.headers).json()["code"]
    shared = api.http.post(f"/api/v1/runs/{run.id}/share", headers=guest.headers).json()["token"]
    assert api.call("GET", f"/api/v1/shared/{shared}", None).status_code == 200
    api.call("PATCH", guest.path, "admin", json={"disabled": True})

    assert api.http.get("/api/v1/auth/me", headers=guest.headers).status_code == 401
    assert api.http.post("/api/v1/auth/sign-in", json={"code": code}).status_code == 401
    assert api.call("GET", f"/api/v1/shared/{shared}", None).status_code == 410
    sent = batch_of(events_of(run.id, VITALS))
    place = f"/api/v1/internal/runs/{run.id}/events"
    assert api.call("POST", place, None, headers=agent, json=sent).json() == {"last_seq": 1}
    seen = api.call("GET", f"/api/v1/runs/{run.id}", "admin").json()
    listed = api.call("GET", "/api/v1/users", "admin").json()["items"]
    assert seen["owner_id"] in {user["id"] for user in listed if user["disabled"]}
    assert api.call("POST", f"/api/v1/runs/{run.id}/stop", "admin").status_code in (200, 202)
