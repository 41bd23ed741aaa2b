"""A browser signs in by a link that is good once, or by name and password."""

from __future__ import annotations

import pytest
from server_rig import PASSWORD, Api

from trainwright.server.auth import COOKIE
from trainwright.server.links import Links
from trainwright.server.tokens import Holder

PATH = "/api/v1/auth/sign-in"


def link(api: Api, person: str = "user") -> str:
    answer = api.call("POST", "/api/v1/auth/links", person)
    assert answer.status_code == 201
    body = answer.json()
    assert body["path"] == f"/sign-in#code={body['code']}"
    assert 0 < body["expires_in"] <= 3600
    return str(body["code"])


def test_a_link_signs_one_browser_in_once(api: Api) -> None:
    code = link(api)
    answer = api.http.post(PATH, json={"code": code})
    assert answer.status_code == 200
    assert answer.json()["name"] == "user"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert api.call("GET", "/api/v1/auth/me", None).json()["name"] == "user"
    api.http.cookies.clear()
    again = api.http.post(PATH, json={"code": code})
    assert again.status_code == 401
    assert COOKIE not in again.cookies


def test_name_and_password_sign_in_too(api: Api) -> None:
    answer = api.http.post(PATH, json={"name": "kim", "password": PASSWORD})
    assert answer.json()["name"] == "kim"
    assert api.call("GET", "/api/v1/auth/me", None).json()["name"] == "kim"
    wrong = api.http.post(PATH, json={"name": "kim", "password": "guess"})
    assert wrong.status_code == 401
    assert wrong.json()["error"]["message"] == "wrong name or password"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "kim"},
        {"password": PASSWORD},
        {"code": ""},
        {"code": "x", "name": "kim", "password": PASSWORD},
        {"code": "x" * 201},
    ],
)
def test_half_a_sign_in_is_refused(api: Api, body: dict[str, str]) -> None:
    assert api.http.post(PATH, json=body).status_code == 422


def test_another_sites_page_signs_nobody_in(api: Api) -> None:
    code = link(api)
    foreign = api.http.post(PATH, json={"code": code}, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert COOKIE not in foreign.cookies
    own = {"Origin": "http://127.0.0.1:8000"}
    assert api.http.post(PATH, json={"code": code}, headers=own).status_code == 200


def test_guessing_codes_is_stopped_after_a_few_tries(fresh_api: Api) -> None:
    good = link(fresh_api)
    tries = [fresh_api.http.post(PATH, json={"code": f"guess{n}"}) for n in range(7)]
    assert [answer.status_code for answer in tries] == [401] * 5 + [429] * 2
    assert int(tries[-1].headers["Retry-After"]) > 0
    assert fresh_api.http.post(PATH, json={"code": good}).status_code == 429


def test_a_link_made_before_the_password_changed_is_not_good(fresh_api: Api) -> None:
    user_id, _ = fresh_api.people["kim"]
    code = link(fresh_api, "kim")
    body = {"password": "a newer password"}
    assert fresh_api.call("PATCH", f"/api/v1/users/{user_id}", "admin", json=body).is_success
    assert fresh_api.http.post(PATH, json={"code": code}).status_code == 401


def test_the_cookie_opens_links_for_its_own_user_only(api: Api) -> None:
    answer = api.http.post(PATH, json={"code": link(api, "viewer")})
    assert answer.json()["role"] == "viewer"
    code = api.http.post("/api/v1/auth/links").json()["code"]
    api.http.cookies.clear()
    assert api.http.post(PATH, json={"code": code}).json()["name"] == "viewer"


def test_links_end_and_are_not_kept_without_bound() -> None:
    now = 0.0
    links = Links(seconds=60, clock=lambda: now)
    holder = Holder("u_1", "stamp")
    first = links.issue(holder)
    late = links.issue(holder)
    assert links.redeem(first) == holder
    assert links.redeem(first) is None
    now = 60.0
    assert links.redeem(late) is None
    codes = [links.issue(holder) for _ in range(150)]
    assert links.redeem(codes[0]) is None, "the oldest are forgotten"
    assert links.redeem(codes[-1]) == holder
