"""Users, tokens and projects over HTTP."""

from __future__ import annotations

import pytest
from server_rig import Api


def add_user(api: Api, name: str, **fields: str) -> dict[str, str]:
    answer = api.call("POST", "/api/v1/users", "admin", json={"name": name} | fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


def me(api: Api, token: str) -> int:
    header = {"Authorization": f"Bearer {token}"}
    return api.http.get("/api/v1/auth/me", headers=header).status_code


def test_a_user_with_a_password_can_sign_in(api: Api) -> None:
    user = add_user(api, "lee", role="viewer", password="long enough")
    assert "password" not in str(user)
    form = {"username": "lee", "password": "long enough"}
    pair = api.http.post("/api/v1/auth/token", data=form).json()
    assert me(api, pair["access_token"]) == 200
    path = f"/api/v1/users/{user['id']}"
    assert api.call("PATCH", path, "admin", json={"password": "another one"}).status_code == 200
    assert api.http.post("/api/v1/auth/token", data=form).status_code == 401


@pytest.mark.parametrize("fields", [{"password": "tiny123"}, {"role": "root"}, {"name": "a\nb"}])
def test_users_that_make_no_sense_are_refused(api: Api, fields: dict[str, str]) -> None:
    answer = api.call("POST", "/api/v1/users", "admin", json={"name": "x"} | fields)
    assert answer.status_code == 422
    assert "tiny123" not in answer.text, "a password is not said back"


def test_disabling_a_user_ends_their_tokens(api: Api) -> None:
    user = add_user(api, "choi")
    path = f"/api/v1/users/{user['id']}"
    token = api.call("POST", f"{path}/tokens", "admin", json={"name": "t"}).json()["token"]
    assert me(api, token) == 200
    assert api.call("PATCH", path, "admin", json={"disabled": 0}).status_code == 422
    assert api.call("PATCH", path, "admin", json={"disabled": True}).json()["disabled"] is True
    assert me(api, token) == 401
    shown = {
        u["name"]: u["disabled"] for u in api.call("GET", "/api/v1/users", "admin").json()["items"]
    }
    assert (shown["choi"], shown["admin"]) == (True, False)


def test_an_admin_cannot_lock_themselves_out(api: Api) -> None:
    path = f"/api/v1/users/{api.people['admin'][0]}"
    for change in ({"role": "user"}, {"disabled": True}):
        assert api.call("PATCH", path, "admin", json=change).status_code == 409
    assert api.call("GET", "/api/v1/users", "admin").status_code == 200


def test_tokens_are_shown_once_and_end_when_revoked(api: Api) -> None:
    path = f"/api/v1/users/{api.people['user'][0]}/tokens"
    made = api.call("POST", path, json={"name": "laptop", "days": 1}).json()
    assert made["expires_at"]
    assert me(api, made["token"]) == 200
    assert made["token"] not in api.call("GET", path).text
    assert api.call("DELETE", f"{path}/{made['id']}").status_code == 204
    assert me(api, made["token"]) == 401


def test_a_token_of_another_user_cannot_be_ended_under_ones_own_name(api: Api) -> None:
    theirs = f"/api/v1/users/{api.people['other'][0]}/tokens"
    token = api.call("POST", theirs, "other", json={"name": "x"}).json()
    mine = f"/api/v1/users/{api.people['user'][0]}/tokens"
    assert api.call("DELETE", f"{mine}/{token['id']}").status_code == 404
    assert me(api, token["token"]) == 200


def test_projects_are_begun_listed_and_removed(api: Api) -> None:
    made = api.call("POST", "/api/v1/projects", json={"name": "cats"}).json()
    assert api.call("POST", "/api/v1/projects", json={"name": "cats"}).status_code == 409
    names = [p["name"] for p in api.call("GET", "/api/v1/projects").json()["items"]]
    assert "cats" in names
    spec = {"model": "builtin/lenet5", "dataset": "digits"}
    run = api.call("POST", "/api/v1/runs", json={"spec": spec, "project_id": "cats"}).json()
    assert run["project_id"] == made["id"]
    assert api.call("DELETE", f"/api/v1/projects/{made['id']}").status_code == 204
    assert api.call("GET", f"/api/v1/runs/{run['id']}").json()["project_id"] is None


@pytest.mark.parametrize("path", ["users", "users/{user}/tokens", "projects", "recipes", "targets"])
def test_short_lists_are_paged_as_the_long_ones(api: Api, path: str) -> None:
    user_id = api.people["user"][0]
    for number in range(2):
        api.call("POST", "/api/v1/projects", json={"name": f"page {number}"})
        api.call("POST", f"/api/v1/users/{user_id}/tokens", json={"name": f"page {number}"})
    url = f"/api/v1/{path.format(user=user_id)}"
    whole = api.call("GET", url, "admin").json()
    read, cursor = [], None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = api.call("GET", url, "admin", params=params).json()
        assert (len(page["items"]), page["total"]) == (1, whole["total"])
        read += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert read == whole["items"]
    assert api.call("GET", url, "admin", params={"cursor": "made up"}).status_code == 400
