"""Signing in, tokens of every kind, and what ends them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from httpx import Response
from server_rig import PASSWORD, Api
from starlette.testclient import WebSocketDenialResponse

from trainwright.server.app import make_services
from trainwright.server.auth import COOKIE, signed_in
from trainwright.server.hosts import Hosts
from trainwright.server.tokens import Holder, Signer
from trainwright.settings import Settings
from trainwright.spec.errors import UnauthorizedError
from trainwright.spec.events import utc_now
from trainwright.store.repositories import Tokens, Users


def sign_in(api: Api, password: str = PASSWORD, name: str = "kim") -> dict[str, str]:
    answer = api.http.post("/api/v1/auth/token", data={"username": name, "password": password})
    return answer.json() | {"status": str(answer.status_code)}


def me(api: Api, token: str) -> int:
    answer = api.http.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def test_the_first_start_makes_an_owner_and_a_token_only_the_owner_can_read(api: Api) -> None:
    home = api.services.settings.home
    token = home.token.read_text().strip()
    answer = api.http.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["name"] == "owner"
    assert answer.json()["role"] == "admin"
    assert home.token.stat().st_mode & 0o777 == 0o600
    assert home.secrets.stat().st_mode & 0o777 == 0o600


def test_the_local_token_is_kept_only_as_a_hash(api: Api) -> None:
    token = api.services.settings.home.token.read_text().strip()
    assert token.encode() not in api.services.settings.home.database.read_bytes()


def test_a_second_start_keeps_token_and_secrets(api: Api) -> None:
    home = api.services.settings.home
    before = home.token.read_text(), home.secrets.read_text()
    again = make_services(Settings(trainwright_home=home.path), Hosts())
    again.pool.close()
    again.database.dispose()
    assert (home.token.read_text(), home.secrets.read_text()) == before


def test_a_token_file_the_database_does_not_know_is_replaced(api: Api) -> None:
    home = api.services.settings.home
    home.token.write_text("tw_of-another-database\n")
    again = make_services(Settings(trainwright_home=home.path), Hosts())
    again.pool.close()
    again.database.dispose()
    assert me(api, home.token.read_text().strip()) == 200
    assert me(api, "tw_of-another-database") == 401


def test_a_password_buys_tokens_that_work(api: Api) -> None:
    pair = sign_in(api)
    assert pair["status"] == "200"
    assert pair["token_type"] == "bearer"
    assert me(api, pair["access_token"]) == 200


@pytest.mark.parametrize(("name", "password"), [("kim", "wrong"), ("nobody", PASSWORD)])
def test_wrong_names_and_passwords_look_the_same(api: Api, name: str, password: str) -> None:
    answer = api.http.post("/api/v1/auth/token", data={"username": name, "password": password})
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "wrong name or password"


def test_a_user_without_a_password_cannot_sign_in_with_one(api: Api) -> None:
    assert sign_in(api, "", "owner")["status"] in ("401", "422")
    assert sign_in(api, "x", "owner")["status"] == "401"


def test_guessing_is_stopped_after_a_few_tries(fresh_api: Api) -> None:
    api = fresh_api
    answers = [sign_in(api, f"guess {n}")["status"] for n in range(7)]
    assert answers[:5] == ["401"] * 5
    assert set(answers[5:]) == {"429"}
    assert sign_in(api)["status"] == "429", "not even the right password is tried then"
    credentials = {"username": "kim", "password": PASSWORD}
    refused = api.http.post("/api/v1/auth/token", data=credentials)
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60


def test_guessing_at_the_same_moment_is_no_way_around(fresh_api: Api) -> None:
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda n: sign_in(fresh_api, f"guess {n}")["status"], range(12)))
    assert sorted(answers) == ["401"] * 5 + ["429"] * 7


def test_an_own_account_buys_no_guesses_at_others(fresh_api: Api) -> None:
    for n in range(5):
        assert sign_in(fresh_api)["status"] == "200"
        assert sign_in(fresh_api, "guess", f"somebody{n}")["status"] == "401"
    assert sign_in(fresh_api, "guess", "somebody6")["status"] == "429"


def test_refreshing_gives_new_tokens_and_access_tokens_do_not_refresh(api: Api) -> None:
    pair = sign_in(api)
    path = "/api/v1/auth/refresh"
    renewed = api.http.post(path, json={"refresh_token": pair["refresh_token"]})
    assert renewed.status_code == 200
    assert me(api, renewed.json()["access_token"]) == 200
    misused = api.http.post(path, json={"refresh_token": pair["access_token"]})
    assert misused.status_code == 401


def test_a_new_password_ends_what_the_old_one_opened(fresh_api: Api) -> None:
    api = fresh_api
    pair = sign_in(api)
    header = {"Authorization": f"Bearer {pair['access_token']}"}
    ticket = api.http.post("/api/v1/auth/ticket", headers=header).json()["ticket"]
    user_id, api_token = api.people["kim"]
    path = f"/api/v1/users/{user_id}"
    assert api.call("PATCH", path, "admin", json={"password": "a newer one"}).status_code == 200
    assert me(api, pair["access_token"]) == 401
    renewed = api.http.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert renewed.status_code == 401
    host = {"Host": "127.0.0.1:8000"}
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        api.http.websocket_connect(f"/ws/dashboard?ticket={ticket}", headers=host),
    ):
        pass
    assert refused.value.status_code == 401
    assert me(api, api_token) == 200, "API tokens are ended one by one"
    assert me(api, sign_in(api, "a newer one")["access_token"]) == 200


@pytest.mark.parametrize("kind", ["refresh", "ticket"])
def test_only_access_tokens_open_the_api(api: Api, kind: str) -> None:
    token = api.services.signer.issue(kind, Holder(api.people["user"][0]))  # type: ignore[arg-type]
    assert me(api, token) == 401


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "tw_" + "a" * 43,
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MSIsInR5cCI6ImFjY2VzcyJ9.",
        "a.b.c",
        "é" * 10,
        "x" * 10_000,
    ],
)
def test_made_up_tokens_are_refused(api: Api, token: str) -> None:
    header = {"Authorization": f"Bearer {token}".encode()}
    assert api.http.get("/api/v1/auth/me", headers=header).status_code == 401


def test_a_changed_token_is_refused(api: Api) -> None:
    head, body, signature = api.services.signer.issue(
        "access", Holder(api.people["user"][0])
    ).split(".")
    for broken in (f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body[:-4]}AAAA.{signature}"):
        assert me(api, broken) == 401


def test_expired_revoked_and_disabled_are_refused_at_once(api: Api) -> None:
    user_id, token = api.people["other"]
    with api.services.database.session() as session:
        past = utc_now() - timedelta(seconds=1)
        _, expired = Tokens(session).create(user_id, "old", expires_at=past)
        row, revoked = Tokens(session).create(user_id, "gone")
        Tokens(session).revoke(row.id)
    assert me(api, expired) == 401
    assert me(api, revoked) == 401
    signed = api.services.signer.issue("access", Holder(user_id))
    assert me(api, signed) == 200
    with api.services.database.session() as session:
        Users(session).get(user_id).disabled = True
    assert me(api, token) == 401
    assert me(api, signed) == 401


def test_an_expired_signed_token_is_refused(api: Api) -> None:
    user_id, secret = api.people["user"][0], api.services.secrets.jwt_secret
    assert me(api, Signer(secret).issue("access", Holder(user_id))) == 200
    assert me(api, Signer(secret, access_seconds=-1).issue("access", Holder(user_id))) == 401
    assert me(api, Signer("x" * 32).issue("access", Holder(user_id))) == 401, (
        "signed by somebody else"
    )


def test_a_browser_signs_in_by_a_cookie_that_scripts_cannot_read(api: Api) -> None:
    answer = api.call("POST", "/api/v1/auth/session", "user")
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert api.call("GET", "/api/v1/auth/me", None).json()["name"] == "user"
    api.call("DELETE", "/api/v1/auth/session", None)
    api.http.cookies.clear()
    assert api.call("GET", "/api/v1/auth/me", None).status_code == 401


def test_another_sites_page_cannot_use_the_cookie(api: Api) -> None:
    cookie = {COOKIE: api.services.signer.issue("access", Holder(api.people["user"][0]))}
    api.http.cookies.update(cookie)
    run = api.add_run()
    path = f"/api/v1/runs/{run.id}"
    foreign = api.call("PATCH", path, None, json={"notes": "x"}, headers={"Origin": "http://evil"})
    assert foreign.status_code == 403
    own = {"Origin": "http://127.0.0.1:8000"}
    assert api.call("PATCH", path, None, json={"notes": "x"}, headers=own).status_code == 200


def test_broken_secrets_are_reported_and_not_overwritten(api: Api) -> None:
    home = api.services.settings.home
    kept = json.loads(home.secrets.read_text())
    home.secrets.write_text("{broken")
    with pytest.raises(Exception, match=r"secrets\.json"):
        make_services(Settings(trainwright_home=home.path), Hosts())
    assert home.secrets.read_text() == "{broken"
    home.secrets.write_text(json.dumps(kept))


def test_what_was_made_with_a_token_ends_with_it(api: Api) -> None:
    user_id = api.people["user"][0]
    tokens = f"/api/v1/users/{user_id}/tokens"
    made = api.call("POST", tokens, json={"name": "of a browser"}).json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    first = api.http.post("/api/v1/auth/session", headers=bearer).cookies[COOKIE]
    code = api.http.post("/api/v1/auth/links", headers=bearer).json()["code"]
    ticket = api.http.post("/api/v1/auth/ticket", headers=bearer).json()["ticket"]
    api.http.cookies.clear()
    # a session of the session is the same token's
    again = {"Cookie": f"{COOKIE}={first}", "Origin": str(api.http.base_url)}
    second = api.http.post("/api/v1/auth/session", headers=again).cookies[COOKIE]
    api.http.cookies.clear()
    assert me(api, first) == me(api, second) == 200

    assert api.call("DELETE", f"{tokens}/{made['id']}").status_code == 204
    for left in (first, second):
        assert me(api, left) == 401
        shown = {"Cookie": f"{COOKIE}={left}"}
        assert api.http.get("/api/v1/auth/me", headers=shown).status_code == 401
    assert api.http.post("/api/v1/auth/sign-in", json={"code": code}).status_code == 401
    with pytest.raises(UnauthorizedError):
        signed_in(api.services, "ticket", ticket)
    assert me(api, api.people["user"][1]) == 200, "the other tokens stay"


def test_signing_out_ends_what_the_sign_in_was_given(api: Api) -> None:
    def signed_in_browser() -> dict[str, str]:
        body = {"name": "kim", "password": PASSWORD}
        cookie = api.http.post("/api/v1/auth/sign-in", json=body).cookies[COOKIE]
        api.http.cookies.clear()
        return {"Cookie": f"{COOKIE}={cookie}", "Origin": str(api.http.base_url)}

    def knows(headers: dict[str, str]) -> bool:
        return api.http.get("/api/v1/auth/me", headers=headers).status_code == 200

    one, other = signed_in_browser(), signed_in_browser()
    renewed = api.http.post("/api/v1/auth/session", headers=one).cookies[COOKIE]
    api.http.cookies.clear()
    again = one | {"Cookie": f"{COOKIE}={renewed}"}
    ticket = api.http.post("/api/v1/auth/ticket", headers=one).json()["ticket"]
    code = api.http.post("/api/v1/auth/links", headers=one).json()["code"]
    linked = api.http.post("/api/v1/auth/links", headers=one).json()["code"]
    elsewhere = api.http.post("/api/v1/auth/sign-in", json={"code": linked}).cookies[COOKIE]
    api.http.cookies.clear()

    assert api.http.delete("/api/v1/auth/session", headers=again).status_code == 204
    assert not knows(one)
    assert not knows(again)
    with pytest.raises(UnauthorizedError, match="signed out"):
        signed_in(api.services, "ticket", ticket)
    assert api.http.post("/api/v1/auth/sign-in", json={"code": code}).status_code == 401
    assert knows(other)
    assert knows({"Cookie": f"{COOKIE}={elsewhere}"}), "another browser is another sign-in"


def test_people_change_their_own_password_by_the_old_one(api: Api) -> None:
    newcomer(api, "han", password=PASSWORD)

    def signed_in_browser(password: str) -> dict[str, str]:
        body = {"name": "han", "password": password}
        answer = api.http.post("/api/v1/auth/sign-in", json=body)
        api.http.cookies.clear()
        assert answer.status_code == 200, answer.text
        return {
            "Cookie": f"{COOKIE}={answer.cookies[COOKIE]}",
            "Origin": str(api.http.base_url),
        }

    def change(headers: dict[str, str], **fields: str) -> Response:
        answer = api.http.patch("/api/v1/auth/me", headers=headers, json=fields)
        api.http.cookies.clear()
        return answer

    own, other = signed_in_browser(PASSWORD), signed_in_browser(PASSWORD)
    for old in ({}, {"old_password": "a wrong one"}):
        refused = change(own, password="quite another", **old)
        assert refused.status_code == 400
        assert "old_password" in refused.text
    changed = change(own, password="quite another", old_password=PASSWORD, email="han@example.org")
    assert changed.json()["email"] == "han@example.org"
    stays = own | {"Cookie": f"{COOKIE}={changed.cookies[COOKIE]}"}
    assert api.http.get("/api/v1/auth/me", headers=stays).json()["email"] == "han@example.org"
    assert api.http.get("/api/v1/auth/me", headers=other).status_code == 401
    assert sign_in(api, PASSWORD, "han")["status"] == "401"
    assert signed_in_browser("quite another")


def test_who_has_no_password_yet_chooses_one(api: Api) -> None:
    headers = newcomer(api, "seo")

    def choose(password: str) -> int:
        body = {"password": password}
        answer = api.http.patch("/api/v1/auth/me", headers=headers, json=body)
        assert COOKIE not in answer.cookies
        return answer.status_code

    assert choose("the first one") == 200
    assert sign_in(api, "the first one", "seo")["status"] == "200"
    assert choose("a second one") == 400


def newcomer(api: Api, name: str, **fields: str) -> dict[str, str]:
    """A user more, and the header of a token of theirs."""
    user = api.call("POST", "/api/v1/users", "admin", json={"name": name} | fields).json()
    path = f"/api/v1/users/{user['id']}/tokens"
    token = api.call("POST", path, "admin", json={"name": "t"}).json()["token"]
    return {"Authorization": f"Bearer {token}"}


def test_signing_out_ends_tokens_for_a_password_too(api: Api) -> None:
    form = {"username": "kim", "password": PASSWORD}
    pair = api.call("POST", "/api/v1/auth/token", None, data=form).json()
    body = {"refresh_token": pair["refresh_token"]}
    newer = api.call("POST", "/api/v1/auth/refresh", None, json=body).json()
    bearer = {"Authorization": f"Bearer {newer['access_token']}"}
    assert api.call("DELETE", "/api/v1/auth/session", None, headers=bearer).status_code == 204
    assert me(api, pair["access_token"]) == me(api, newer["access_token"]) == 401
    assert api.call("POST", "/api/v1/auth/refresh", None, json=body).status_code == 401
