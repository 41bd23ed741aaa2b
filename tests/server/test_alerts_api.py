"""Alerts over HTTP and in Python: seen, acknowledged, and tuned."""

from __future__ import annotations

import itertools
import math
from typing import Any

import httpx
import pytest
from server_rig import Api, batch_of, events_of

from trainwright.client import Client
from trainwright.spec.events import Alert, EventData, MetricPoint, Metrics, Vitals
from trainwright.store.models import Run

ROAD = ("validating", "preparing", "queued", "allocating", "running")


def ship(api: Api, run: Run, *data: EventData, first: int = 1) -> None:
    headers = {"X-Internal-Auth": api.agent_token(run)}
    sent = batch_of(events_of(run.id, *data, first=first))
    path = f"/api/v1/internal/runs/{run.id}/events"
    assert api.call("POST", path, None, headers=headers, json=sent).status_code == 200


def get(api: Api, path: str, person: str = "user", **params: Any) -> Any:
    answer = api.call("GET", f"/api/v1{path}", person, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(api: Api, path: str, person: str = "user") -> httpx.Response:
    return api.call("POST", f"/api/v1{path}", person)


def running(api: Api, person: str = "user") -> Run:
    run = api.add_run(person)
    api.move(run, *ROAD)
    return run


def nan() -> Metrics:
    return Metrics(points=[MetricPoint(name="train/loss", value=math.nan, step=7)])


def test_an_alert_is_listed_with_its_evidence_and_acknowledged_by_name(api: Api) -> None:
    run = running(api)
    ship(api, run, nan())
    (alert,) = get(api, f"/monitoring/{run.id}/alerts")["items"]
    assert (alert["rule"], alert["severity"], alert["run_name"]) == ("nan_loss", "error", run.name)
    assert alert["facts"]["step"] == 7
    assert alert["acknowledged_by"] is None
    seen = post(api, f"/monitoring/{run.id}/alerts/{alert['id']}/acknowledge").json()
    assert seen["acknowledged_by"] == "user"
    assert seen["resolved_at"] is None
    again = post(api, f"/monitoring/alerts/{alert['id']}/acknowledge", "admin").json()
    assert again["acknowledged_by"] == "user"
    assert get(api, f"/monitoring/{run.id}/alerts", state="unseen")["items"] == []
    assert len(get(api, f"/monitoring/{run.id}/alerts", state="open")["items"]) == 1
    events = get(api, f"/runs/{run.id}/events", types="alert")["items"]
    assert [e["data"]["state"] for e in events] == ["opened", "acknowledged"]


def test_others_alerts_are_neither_seen_nor_acknowledged(api: Api) -> None:
    run, other = running(api), running(api, "other")
    for one in (run, other):
        ship(api, one, nan())
    (alert,) = get(api, f"/monitoring/{run.id}/alerts")["items"]
    assert alert["id"] not in str(get(api, "/monitoring/alerts", "other"))
    assert post(api, f"/monitoring/alerts/{alert['id']}/acknowledge", "other").status_code == 404
    wrong_run = f"/monitoring/{other.id}/alerts/{alert['id']}/acknowledge"
    assert post(api, wrong_run, "admin").status_code == 404
    assert post(api, f"/monitoring/alerts/{alert['id']}/acknowledge", "viewer").status_code == 403
    assert alert["id"] in str(get(api, "/monitoring/alerts", "viewer", limit=1000))


def test_lists_are_filtered_and_paged(fresh_api: Api) -> None:
    api = fresh_api
    run = running(api)
    ship(api, run, nan(), *(Alert(code=f"a{n}", message="m") for n in range(5)))
    first = get(api, "/monitoring/alerts", limit=4)
    assert (len(first["items"]), first["total"]) == (4, 6)
    rest = get(api, "/monitoring/alerts", limit=4, cursor=first["next_cursor"])
    assert (len(rest["items"]), rest["next_cursor"]) == (2, None)
    assert len(get(api, "/monitoring/alerts", severity="error")["items"]) == 1
    assert len(get(api, "/monitoring/alerts", rule="a3")["items"]) == 1
    assert api.call("GET", "/api/v1/monitoring/alerts?cursor=x").status_code == 400
    assert api.call("GET", "/api/v1/monitoring/alerts?state=bad").status_code == 422


def test_thresholds_are_changed_for_oneself_a_project_or_everyone(fresh_api: Api) -> None:
    api = fresh_api

    def change(person: str, changes: dict[str, Any], **params: str) -> httpx.Response:
        path = "/api/v1/settings/alerts"
        return api.call("PATCH", path, person, params=params, json={"changes": changes})

    assert get(api, "/settings/alerts")["disk_free_gb"] == 2
    assert change("admin", {"disk_free_gb": 7}, scope="platform").status_code == 200
    assert change("user", {"disk_free_gb": 7}, scope="platform").status_code == 403
    assert get(api, "/settings/alerts")["disk_free_gb"] == 7
    changed = change("user", {"disk_free_gb": 1, "off": ["gpu_idle"]}).json()
    assert (changed["disk_free_gb"], changed["off"]) == (1, ["gpu_idle"])
    assert get(api, "/settings/alerts", "other")["disk_free_gb"] == 7
    assert change("user", {"disk_free_gb": None}).json()["disk_free_gb"] == 7
    project = api.call("POST", "/api/v1/projects", json={"name": "p"}).json()["id"]
    of_project = {"scope": "project", "project": project}
    assert change("user", {"spike_score": 20}, **of_project).json()["spike_score"] == 20
    assert get(api, "/settings/alerts", project="p")["spike_score"] == 20
    assert change("other", {"spike_score": 20}, **of_project).status_code == 403
    assert get(api, "/settings/alerts")["spike_score"] == 8
    for wrong in ({"spike_score": -1}, {"nonsense": 1}, {"off": ["nonsense"]}, {}):
        assert change("user", wrong).status_code == 422, wrong


def test_a_run_of_a_user_follows_their_thresholds(fresh_api: Api) -> None:
    run = running(fresh_api)
    vitals = Vitals(cpu_percent=1, memory_gb=1, disk_free_gb=5)
    ship(fresh_api, run, vitals)
    assert get(fresh_api, f"/monitoring/{run.id}/alerts")["items"] == []
    body = {"changes": {"disk_free_gb": 10}}
    fresh_api.call("PATCH", "/api/v1/settings/alerts", json=body)
    ship(fresh_api, run, vitals, first=2)
    (alert,) = get(fresh_api, f"/monitoring/{run.id}/alerts")["items"]
    assert alert["rule"] == "disk_filling"


@pytest.fixture
def client(live: Any) -> Any:
    with Client(live.url, live.people["user"][1]) as found:
        yield found


def test_python_lists_watches_and_acknowledges(live: Any, client: Client) -> None:
    run = running(live)
    ship(live, run, nan())
    watched = client.watch_alerts(every=0.01)
    (alert,) = client.alerts(run.id)
    mine = itertools.islice((a for a in watched if a.run_id == run.id), 3)
    assert next(mine).acknowledged_at is None
    assert client.acknowledge(alert.id).acknowledged_by == "user"
    assert next(mine).acknowledged_by == "user"
    live.move(run, "failed")
    assert next(mine).rule == "failed"
    assert [a.rule for a in client.alerts(run.id, rule="failed")] == ["failed"]
    assert client.set_alert_rules({"stall_factor": 20}).stall_factor == 20
    assert client.alert_rules().stall_factor == 20
