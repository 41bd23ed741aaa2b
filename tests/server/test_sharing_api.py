"""Links to a run: who makes them, what they show, and how they end."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from server_rig import Api, Live, batch_of, events_of
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from trainwright.logs import JsonFormatter
from trainwright.server.sharing.links import ShareLinks
from trainwright.spec.events import (
    CheckpointSaved,
    EventData,
    Log,
    MetricPoint,
    Metrics,
    TrainingError,
    Vitals,
    utc_now,
)
from trainwright.store.models import Run, Share, User
from trainwright.store.repositories import Runs

PLACE = "/home/kim/my data/flowers"
KEY = "hf_abcdefghijklmnopqrstuvwxyz012345"


def shared(api: Api, run: Run, **body: Any) -> dict[str, Any]:
    answer = api.call("POST", f"/api/v1/runs/{run.id}/share", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def see(api: Api, token: str, part: str = "", status: int = 200) -> dict[str, Any]:
    answer = api.call("GET", f"/api/v1/shared/{token}{part}", None)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def ship(api: Api, run: Run, *data: EventData, first: int = 1) -> None:
    sent = batch_of(events_of(run.id, *data, first=first))
    headers = {"X-Internal-Auth": api.agent_token(run)}
    path = f"/api/v1/internal/runs/{run.id}/events"
    answer = api.call("POST", path, None, headers=headers, json=sent)
    assert answer.status_code == 200, answer.text


def change(api: Api, kind: type[Any], key: str, **values: Any) -> None:
    with api.services.database.session() as session:
        row = session.get_one(kind, key)
        for name, value in values.items():
            setattr(row, name, value)


def test_a_link_shows_the_run_to_everybody_who_has_it(api: Api) -> None:
    run = api.add_run()
    ship(api, run, Metrics(points=[MetricPoint(name="val/accuracy", value=0.5, step=3)]))
    link = shared(api, run, expires_in=3600)
    assert link["url"] == f"http://127.0.0.1:8000{link['path']}"
    assert link["path"] == f"/share/{link['token']}"
    found = see(api, link["token"])
    assert (found["id"], found["status"], found["model"]) == (run.id, "created", "builtin/lenet5")
    assert found["spec"]["dataset"] == "digits"
    assert found["with_log"] is False
    series = see(api, link["token"], "/metrics")["series"]
    assert [point["value"] for point in series[0]["points"]] == [0.5]
    assert see(api, link["token"], "/result")["run_id"] == run.id
    answer = api.call("GET", f"/api/v1/shared/{link['token']}", None)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_link_lets_nobody_near_anything_else(api: Api) -> None:
    run = api.add_run()
    token = shared(api, run)["token"]
    for path in (f"/api/v1/runs/{run.id}", "/api/v1/runs", "/api/v1/auth/me"):
        for headers in ({"Authorization": f"Bearer {token}"}, {"X-Internal-Auth": token}):
            assert api.call("GET", path, None, headers=headers).status_code == 401
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert api.call(method, f"/api/v1/shared/{token}", None).status_code == 405
    for part in ("/artifacts", "/script", "/share", "/diagnose", "/..%2fruns"):
        assert api.call("GET", f"/api/v1/shared/{token}{part}", None).status_code == 404


def test_no_people_no_places_no_secrets_are_shown(api: Api) -> None:
    run = api.add_run(
        dataset=PLACE,
        overrides={
            "hub_token": "very secret",
            "nested": [{"api_key": "k", "init": f"{PLACE}/w.pt"}],
            "env": {"LD_PRELOAD": "x"},
            "note": f"see C:\\Users\\kim\\x.txt and {KEY} at https://kim:pw@host.example/a/b",
        },
        resources={"target": "ssh:lab-7"},
    )
    with api.services.database.session() as session:
        row = Runs(session).get(run.id)
        row.sentence = "train on kim's private sentence"
        row.notes, row.tags = "private notes", ["private-tag"]
        row.report = {"findings": [{"message": f"{PLACE}/cat/1.jpg is broken"}]}
        row.caller = {"command": ["private-command"], "cwd": "/home/kim/work"}
        row.reasons = {"epochs": f"as many as {PLACE} needs"}
        row.status_reason = f"waits for {PLACE}/lock"
        row.error = {
            "code": "bad_dataset",
            "message": f"the folder {PLACE}/cat does not exist, nor does '/srv/a b/c'",
            "hint": "look in (/var/lib/kim/x).",
            "log_tail": ["private log line"],
            "faults": [{"field": "dataset", "code": "x", "message": "/opt/kim/d is no folder"}],
        }
    token = shared(api, run)["token"]
    told = json.dumps([see(api, token), see(api, token, "/result")], ensure_ascii=False)
    for hidden in (
        "/home",
        "Users",
        "my data",
        "/srv",
        "/var",
        "/opt",
        "private",
        "secret",
        "lab-7",
        "LD_PRELOAD",
        KEY,
        "pw@",
        api.people["user"][0],
        str(api.services.settings.home.path),
    ):
        assert hidden not in told, hidden
    assert "…/flowers" in told
    assert "host.example/a/b" in told


def test_events_tell_nothing_of_the_machine_and_the_log_only_where_it_was_shared(
    api: Api,
) -> None:
    run = api.add_run()
    ship(
        api,
        run,
        Metrics(points=[MetricPoint(name="loss", value=1)]),
        Log(text="printed\n", offset=0, size=8),
        Vitals(cpu_percent=1, memory_gb=1),
        TrainingError(code="x", message="no /home/kim/a", log_tail=["printed"]),
    )
    quiet, loud = shared(api, run)["token"], shared(api, run, with_log=True)["token"]
    told = see(api, quiet, "/events")["items"]
    assert [one["type"] for one in told] == ["status_changed", "metrics", "training_error"]
    assert told[-1]["data"]["message"] == "no …/a"
    assert told[-1]["data"]["log_tail"] == []
    assert see(api, quiet, "/logs", 404)["error"]["message"] == "the log was not shared"
    assert "log" in [one["type"] for one in see(api, loud, "/events")["items"]]
    assert see(api, loud, "/logs")["text"] == "printed\n"


def test_checkpoints_are_their_metrics(api: Api) -> None:
    run = api.add_run()
    saved = {"step": 5, "size": 9, "metrics": {"val/loss": 0.5}}
    ship(
        api,
        run,
        CheckpointSaved(path="checkpoints/a.safetensors", sha256="a" * 64, is_best=True, **saved),
        CheckpointSaved(path="checkpoints/a.state", sha256="b" * 64, **saved),
    )
    found = see(api, shared(api, run)["token"], "/checkpoints")["items"]
    assert [(one["step"], one["is_best"], one["metrics"]) for one in found] == [
        (5, True, {"val/loss": 0.5})
    ]
    assert "path" not in found[0]


@pytest.mark.parametrize("body", [{"expires_in": 5}, {"expires_in": 4e8}, {"days": 3}, {"x": 1}])
def test_a_link_is_good_for_a_minute_to_a_year(api: Api, body: dict[str, Any]) -> None:
    run = api.add_run()
    assert api.call("POST", f"/api/v1/runs/{run.id}/share", json=body).status_code == 422


def test_links_are_listed_and_revoked(api: Api) -> None:
    run = api.add_run()
    first, second, third = (shared(api, run) for _ in range(3))
    path = f"/api/v1/runs/{run.id}/share"
    assert {one["token"] for one in api.call("GET", path).json()["items"]} == {
        one["token"] for one in (first, second, third)
    }
    assert api.call("DELETE", f"{path}/{first['id']}").status_code == 204
    assert see(api, first["token"], status=410)["error"]["message"] == "this link was revoked"
    see(api, second["token"])
    other = api.add_run()
    foreign = f"/api/v1/runs/{other.id}/share/{second['id']}"
    assert api.call("DELETE", foreign).status_code == 404
    assert api.call("DELETE", path).json() == {"revoked": 2}
    assert api.call("GET", path).json()["items"] == []
    see(api, third["token"], status=410)


def test_a_link_ends_with_its_time_its_run_and_its_makers_right(api: Api) -> None:
    run = api.add_run()
    link, maker = shared(api, run), api.people["user"][0]
    token = link["token"]

    def refusal() -> str:
        return str(see(api, token, status=410)["error"]["message"])

    change(api, Share, link["id"], expires_at=utc_now() - timedelta(seconds=1))
    assert "ended at" in refusal()
    change(api, Share, link["id"], expires_at=utc_now() + timedelta(hours=1))
    for wrong, right in (
        ({"disabled": True}, {"disabled": False}),
        ({"role": "viewer"}, {"role": "user"}),
    ):
        change(api, User, maker, **wrong)
        try:
            assert "may no longer share" in refusal()
        finally:
            change(api, User, maker, **right)
    change(api, Run, run.id, owner_id=api.people["other"][0])
    assert "may no longer share" in refusal()
    change(api, Run, run.id, owner_id=maker)
    see(api, token)
    api.move(run, "stopped")
    api.services.runs.delete(run.id)
    assert refusal() == "the run was deleted"
    api.services.runs.restore(run.id)
    see(api, token)
    api.services.runs.delete(run.id, now=True)
    assert "deleted" in refusal()


def test_only_what_was_signed_here_is_a_link_and_guesses_are_slowed_down(api: Api) -> None:
    token = shared(api, api.add_run())["token"]
    head, mark = token[:-1], token[-2]
    guesses = [head + ("A" if mark != "A" else "B") + "x", token[:-1], f"{token}x", "x", "%00"]
    for guess in guesses:
        assert see(api, guess, status=404)["error"]["code"] == "not_found"
    assert see(api, "another", status=429)["error"]["code"] == "rate_limited"
    see(api, token)


def test_no_link_stands_in_a_log(api: Api) -> None:
    token = shared(api, api.add_run())["token"]
    record = logging.makeLogRecord({"msg": f"GET /api/v1/shared/{token}/events", "path": token})
    line = JsonFormatter().format(record)
    assert token not in line
    assert token[4:] not in line
    assert "/api/v1/shared/***/events" in line


def test_links_of_another_secret_are_none() -> None:
    links = ShareLinks("one secret of many characters here")
    assert links.read(links.token("sh0abc")) == "sh0abc"
    assert ShareLinks("another secret of many characters").read(links.token("sh0abc")) is None


def follow(live: Live, token: str, query: str = "", **kwargs: Any) -> Any:
    url = f"{live.ws_url}/api/v1/ws/shared/{token}{query}"
    return connect(url, proxy=None, **kwargs)


def test_a_running_run_is_followed_and_not_beyond_the_link(live: Live) -> None:
    run = live.add_run()
    link = shared(live, run)
    with follow(live, link["token"]) as socket:
        assert json.loads(socket.recv(timeout=10))["type"] == "status_changed"
        ship(
            live,
            run,
            Vitals(cpu_percent=1, memory_gb=1),
            Metrics(points=[MetricPoint(name="loss", value=1)]),
        )
        said = json.loads(socket.recv(timeout=10))
        assert (said["type"], said["seq"]) == ("metrics", 3)
        live.call("DELETE", f"/api/v1/runs/{run.id}/share/{link['id']}")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=20)
    with pytest.raises(InvalidStatus) as refused, follow(live, link["token"]):
        pass
    assert refused.value.response.status_code == 410


def test_a_socket_ends_when_its_link_does(live: Live) -> None:
    run = live.add_run()
    link = shared(live, run)
    change(live, Share, link["id"], expires_at=utc_now() + timedelta(seconds=1.5))
    with follow(live, link["token"]) as socket:
        socket.recv(timeout=10)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)


def test_a_page_of_another_origin_cannot_follow(live: Live) -> None:
    token = shared(live, live.add_run())["token"]
    with (
        pytest.raises(InvalidStatus, match="403"),
        follow(live, token, additional_headers={"Origin": "http://evil.example"}),
    ):
        pass
