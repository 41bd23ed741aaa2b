"""Attacks on the API. None may work, and none may end in a 5xx."""

from __future__ import annotations

import json
import logging
import socket
import urllib.parse
from typing import Any

import pytest
from server_rig import Api, Live, batch_of, events_of

from trainwright.logs import JsonFormatter, mask
from trainwright.spec.events import MetricPoint, Metrics, Vitals
from trainwright.spec.result import Artifact
from trainwright.store.repositories import Artifacts

VITALS = Vitals(cpu_percent=1, memory_gb=1)


@pytest.fixture
def run_with_file(api: Api) -> tuple[str, str]:
    run = api.add_run()
    directory = api.services.settings.home.runs / run.id
    (directory / "artifacts").mkdir(parents=True)
    (directory / "artifacts" / "model.pth").write_bytes(b"weights")
    (directory / "agent.json").write_text('{"token": "secret of the run"}')
    with api.services.database.session() as session:
        found = [
            Artifact(name="model.pth", path="artifacts/model.pth", bytes=7, sha256="0" * 64),
            # what a hostile trainer might report
            Artifact(name="up", path="../../token", bytes=1, sha256="0" * 64),
            Artifact(name="abs", path="/etc/passwd", bytes=1, sha256="0" * 64),
        ]
        Artifacts(session).put(run.id, found)
    return run.id, f"/api/v1/runs/{run.id}/artifacts"


def test_an_artifact_is_downloaded_as_a_file_and_never_shown(
    api: Api, run_with_file: tuple[str, str]
) -> None:
    answer = api.call("GET", run_with_file[1] + "/model.pth")
    assert answer.content == b"weights"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        "../agent.json",
        "..%2fagent.json",
        "%2e%2e/agent.json",
        "..%2f..%2f..%2ftoken",
        "....//agent.json",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "up",
        "abs",
        "artifacts/../agent.json",
        "model.pth%00.png",
        "agent.json",
    ],
)
def test_no_path_leads_out_of_the_artifacts(
    api: Api, run_with_file: tuple[str, str], name: str
) -> None:
    answer = api.call("GET", f"{run_with_file[1]}/{name}")
    assert answer.status_code in (400, 404)
    assert "secret" not in answer.text
    assert "root:" not in answer.text


def test_a_link_planted_in_the_run_directory_leads_nowhere(
    api: Api, run_with_file: tuple[str, str]
) -> None:
    run_id, path = run_with_file
    home = api.services.settings.home
    (home.runs / run_id / "artifacts" / "link").symlink_to(home.token)
    with api.services.database.session() as session:
        found = [Artifact(name="link", path="artifacts/link", bytes=1, sha256="0" * 64)]
        Artifacts(session).put(run_id, found)
    answer = api.call("GET", f"{path}/link")
    assert answer.status_code in (400, 404)
    assert home.token.read_text().strip() not in answer.text


@pytest.mark.parametrize(
    "ref", ["..", "%2e%2e", "..%2f..", "a%00b", "%", "x" * 500, "'; DROP TABLE"]
)
def test_strange_run_ids_are_just_unknown(api: Api, ref: str) -> None:
    for path in (f"/api/v1/runs/{ref}", f"/api/v1/runs/{ref}/logs", f"/api/v1/runs/{ref}/script"):
        assert api.call("GET", path).status_code in (404, 422)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "localhost:80:80",
        "",
        "[::1",
    ],
)
def test_a_rebound_name_is_refused(api: Api, host: str) -> None:
    answer = api.call("GET", "/api/v1/runs", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_host"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1", "[::1]:8000", "127.9.9.9"]
)
def test_every_loopback_name_is_answered(api: Api, host: str) -> None:
    assert api.call("GET", "/api/v1/runs", headers={"Host": host}).status_code == 200


def test_two_host_headers_are_refused(live: Live) -> None:
    answer = raw(live, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
    assert b" 400 " in answer.split(b"\r\n")[0]


def test_forwarded_headers_change_nothing(api: Api) -> None:
    tricks = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "10.0.0.1",
        "X-Original-URL": "/api/v1/internal/wake/x",
        "X-HTTP-Method-Override": "DELETE",
        "X-Internal-Auth": "x",
    }
    run = api.add_run()
    assert api.call("GET", f"/api/v1/runs/{run.id}", headers=tricks).status_code == 200
    assert api.call("GET", f"/api/v1/runs/{run.id}").status_code == 200


def test_no_other_origin_is_let_in(api: Api) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    preflight = api.call("OPTIONS", "/api/v1/runs", None, headers=headers)
    assert preflight.status_code == 405
    simple = api.call("GET", "/api/v1/runs", headers={"Origin": "https://evil.example"})
    for answer in (preflight, simple):
        assert not [h for h in answer.headers if h.startswith("access-control-")]


def test_security_headers_are_on_everything(api: Api) -> None:
    for path in ("/healthz", "/docs", "/api/v1/runs", "/no/such/page", "/api/v1/nothing"):
        headers = api.call("GET", path, None).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-request-id"]


def test_a_large_body_is_refused_before_it_is_read(live: Live) -> None:
    head = (
        f"POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {live.people['user'][1]}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {10**12}\r\n\r\n"
    )
    assert b" 413 " in raw(live, head.encode()).split(b"\r\n")[0]


def test_a_large_body_of_unknown_length_is_refused_on_the_way(api: Api) -> None:
    pieces = (b" " * 1_000_000 for _ in range(20))
    answer = api.call("POST", "/api/v1/runs", content=pieces)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"


@pytest.mark.parametrize("token", [None, "tw_made_up", "eyJhbGciOiJIUzI1NiJ9.e30.x"])
@pytest.mark.parametrize(
    "path", ["runs", "chat/message", "datasets/upload", "users", "internal/runs/x/events"]
)
def test_of_nobody_known_hardly_any_body_is_read(live: Live, path: str, token: str | None) -> None:
    shown = f"Authorization: Bearer {token}\r\n" if token else ""
    start = f"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\n{shown}"
    declared = f"{start}Content-Type: application/json\r\nContent-Length: 8000000\r\n\r\n"
    assert b" 401 " in raw(live, declared.encode()).split(b"\r\n")[0]
    unknown = f"{start}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"%x\r\n" % 80_000 + b" " * 80_000 + b"\r\n"  # and the rest never comes
    assert b" 401 " in raw(live, unknown.encode() + piece).split(b"\r\n")[0]


@pytest.mark.parametrize("path", ["token", "refresh", "sign-in"])
def test_a_large_body_signs_nobody_in(api: Api, path: str) -> None:
    body = {"code": "x" * 100_000}
    assert api.call("POST", f"/api/v1/auth/{path}", None, json=body).status_code == 413


def test_those_who_are_known_may_send_more(api: Api) -> None:
    body = {"message": "hello", "folder": "x" * 100_000}
    assert api.call("POST", "/api/v1/chat/message", json=body).status_code == 422
    pieces = (b" " * 10_000 for _ in range(10))
    answer = api.call("POST", "/api/v1/chat/message", content=pieces)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"spec": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
        b'{"sentence": "\xff\xfe"}',
        b'{"spec": {"epochs": 1e999}}',
        b'{"spec": {"epochs": ' + b"9" * 5000 + b"}}",
        b'"a string"',
        b"null",
        b"",
        json.dumps(
            {"spec": {"model": "builtin/lenet5", "overrides": {"k": "v" * 1_000_000}}}
        ).encode(),
    ],
)
def test_broken_bodies_are_the_senders_fault(api: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.call("POST", "/api/v1/runs", content=body, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["error"]["code"]


def test_a_run_token_reaches_its_own_run_only(api: Api) -> None:
    mine, theirs = api.add_run("user"), api.add_run("other")
    token = api.agent_token(mine)
    api.agent_token(theirs)
    headers = {"X-Internal-Auth": token}
    own = api.call("GET", f"/api/v1/internal/runs/{mine.id}/cursor", None, headers=headers)
    assert own.json() == {"last_seq": 0}
    for run_id in (theirs.id, "nothing"):
        path = f"/api/v1/internal/runs/{run_id}"
        assert api.call("GET", f"{path}/cursor", None, headers=headers).status_code == 403
        sent = batch_of(events_of(run_id, VITALS))
        answer = api.call("POST", f"{path}/events", None, headers=headers, json=sent)
        assert answer.status_code == 403
    wake = api.call("POST", f"/api/v1/internal/wake/{mine.id}", None, headers=headers)
    assert wake.status_code == 403


def test_a_run_token_does_not_open_the_api_nor_a_persons_the_inside(api: Api) -> None:
    run = api.add_run()
    token = api.agent_token(run)
    bearer = {"Authorization": f"Bearer {token}"}
    assert api.call("GET", f"/api/v1/runs/{run.id}", None, headers=bearer).status_code == 401
    inside = {"X-Internal-Auth": api.people["admin"][1]}
    path = f"/api/v1/internal/runs/{run.id}/cursor"
    assert api.call("GET", path, None, headers=inside).status_code == 403


def test_an_agent_cannot_write_another_runs_events_under_its_own_path(api: Api) -> None:
    mine, theirs = api.add_run("user"), api.add_run("other")
    headers = {"X-Internal-Auth": api.agent_token(mine)}
    path = f"/api/v1/internal/runs/{mine.id}/events"
    sent = batch_of(events_of(theirs.id, VITALS))
    assert api.call("POST", path, None, headers=headers, json=sent).status_code == 400
    assert api.call("GET", f"/api/v1/runs/{theirs.id}/events", "other").json()["items"][1:] == []


def test_an_agent_cannot_move_a_runs_status(api: Api) -> None:
    run = api.add_run()
    headers = {"X-Internal-Auth": api.agent_token(run)}
    event = {
        "type": "status_changed",
        "run_id": run.id,
        "seq": 1,
        "data": {"status": "completed"},
    }
    path = f"/api/v1/internal/runs/{run.id}/events"
    api.call("POST", path, None, headers=headers, json={"events": [event]})
    assert api.call("GET", f"/api/v1/runs/{run.id}").json()["status"] == "created"


@pytest.mark.parametrize(
    "body",
    [
        {"events": [{"type": "no such type"}]},
        {"events": [{}] * 1001},
        {"events": "x"},
        {"events": [{"type": "log", "run_id": "x", "seq": -1, "data": {}}]},
        {},
    ],
)
def test_a_broken_batch_is_refused_whole(api: Api, body: dict[str, Any]) -> None:
    run = api.add_run()
    headers = {"X-Internal-Auth": api.agent_token(run)}
    path = f"/api/v1/internal/runs/{run.id}/events"
    assert api.call("POST", path, None, headers=headers, json=body).status_code == 400


def test_a_batch_with_one_foreign_event_applies_none(api: Api) -> None:
    run = api.add_run()
    headers = {"X-Internal-Auth": api.agent_token(run)}
    point = Metrics(points=[MetricPoint(name="train/loss", value=1.0)])
    mixed = [*events_of(run.id, point), *events_of("another", point, first=2)]
    path = f"/api/v1/internal/runs/{run.id}/events"
    assert api.call("POST", path, None, headers=headers, json=batch_of(mixed)).status_code == 400
    assert api.call("GET", f"/api/v1/runs/{run.id}/metrics").json()["series"] == []


def test_what_a_request_says_stays_on_its_own_log_line(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    forged = '/api/v1/runs/x%0A{"level":"error","message":"forged"}'
    with caplog.at_level(logging.INFO, "trainwright.access"):
        api.call("GET", forged, headers={"X-Request-ID": "a b\x0b"})
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert lines
    for line in lines:
        assert "\n" not in line
        assert json.loads(line)["message"].startswith("GET ")
        assert json.loads(line)["request_id"].startswith("req_")


def test_tokens_in_a_request_are_not_logged(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    token = api.people["user"][1]
    with caplog.at_level(logging.INFO):
        api.call("GET", f"/api/v1/runs/{token}?token={token}&ticket={token}")
    logged = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert logged
    assert token not in logged


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hunter2secret",
        "/ws/runs/x?after=1&ticket=hunter2secret",
        '{"path": "/x?token=hunter2secret", "status": 1}',
        "tw_hunter2secret",
        "eyJhbGciOi.hunter2secret.c2ln",
        "password=hunter2secret&x=1",
        "sk-hunter2secret",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    assert "hunter2secret" not in mask(text)


def test_masking_keeps_a_line_valid_json() -> None:
    line = json.dumps({"path": "/x?token=abc", "bearer": "Bearer abc", "n": 1})
    assert json.loads(mask(line))["n"] == 1


def test_a_slow_header_or_half_a_request_does_not_keep_others_waiting(live: Live) -> None:
    with socket.create_connection(address(live)) as slow:
        slow.sendall(
            b"POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"
        )
        assert b" 200 " in raw(live, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")


def address(live: Live) -> tuple[str, int]:
    parts = urllib.parse.urlsplit(live.url)
    return parts.hostname or "", parts.port or 0


def raw(live: Live, request: bytes) -> bytes:
    with socket.create_connection(address(live), timeout=5) as connection:
        connection.sendall(request)
        return connection.recv(65536)


def test_an_unexpected_error_tells_nothing_but_its_request(api: Api) -> None:
    def explode() -> None:
        raise RuntimeError("secret of the house")

    api.app.add_api_route("/explode", explode)
    answer = api.call("GET", "/explode")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["error"]["request_id"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "query", ["events?after=", "logs?offset=", "metrics?from_step=", "events?after=-"]
)
def test_no_number_is_too_big_to_be_refused(api: Api, query: str) -> None:
    run = api.add_run()
    answer = api.call("GET", f"/api/v1/runs/{run.id}/{query}{10**21}")
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("label", ["a\nb", "\x1b]0;mine\x07", "\u202egnp.exe", " "])
def test_names_and_tags_cannot_write_on_terminals(api: Api, label: str) -> None:
    run = api.add_run()
    path = f"/api/v1/runs/{run.id}"
    assert api.call("PATCH", path, json={"name": label}).status_code == 422
    assert api.call("PATCH", path, json={"tags": [label]}).status_code == 422
    assert api.call("POST", "/api/v1/projects", json={"name": label}).status_code == 422


def test_a_spec_that_is_nested_too_deeply(api: Api) -> None:
    deep: object = 1
    for _ in range(500):
        deep = {"a": deep}
    spec = {"model": "builtin/lenet5", "dataset": "digits", "overrides": deep}
    answer = api.call("POST", "/api/v1/runs", json={"spec": spec})
    assert answer.status_code == 422, answer.text
    assert "deep" in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"{bad", b"\xff\xfe", b'{"a":' * 100_000])
def test_strangers_are_not_told_what_is_wrong_with_their_request(api: Api, body: bytes) -> None:
    kind = {"Content-Type": "application/json"}
    for path in ("/api/v1/runs", "/api/v1/users", "/api/v1/chat/message"):
        assert api.call("POST", path, None, content=body, headers=kind).status_code == 401
        assert api.call("POST", path, content=body, headers=kind).status_code in (400, 422)
    form = {"username": "kim"}
    assert api.call("POST", "/api/v1/auth/token", None, data=form).status_code == 422
