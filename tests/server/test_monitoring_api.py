"""The dashboard, a run's health, and what it used."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from server_rig import Api, events_of

from trainwright.spec.events import (
    EventData,
    Gpu,
    MetricPoint,
    Metrics,
    Vitals,
    make_event,
    utc_now,
)
from trainwright.store.models import Run
from trainwright.store.repositories import Runs

ROAD = ("validating", "preparing", "queued", "allocating", "running")


def get(api: Api, path: str, person: str = "user", **params: Any) -> Any:
    answer = api.call("GET", f"/api/v1/monitoring{path}", person, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def running(api: Api, *data: EventData, person: str = "user") -> Run:
    run = api.add_run(person)
    api.move(run, *ROAD)
    if data:
        api.services.ingest.apply(run.id, events_of(run.id, *data))
    return run


def nan() -> Metrics:
    return Metrics(points=[MetricPoint(name="train/loss", value=math.nan, step=7)])


def test_the_dashboard_tells_what_runs_waits_ended_and_is_wrong(fresh_api: Api) -> None:
    api = fresh_api
    run = running(api, nan())
    running(api, nan(), person="other")
    queued, failed = api.add_run(), api.add_run()
    api.move(queued, *ROAD[:3])
    api.move(failed, "failed")
    earlier = api.add_run()
    with api.services.database.session() as session:
        Runs(session).update_fields(run.id, allocation={"gpus": [], "cpus": 3})
        old = Runs(session).get(earlier.id)
        old.status, old.ended_at = failed.status.COMPLETED, utc_now() - timedelta(days=2)
    found = get(api, "/dashboard")
    assert (found["slots"]["cpus_held"], found["slots"]["waiting"]) == (3, 1)
    assert found["slots"]["cpus"] >= 1
    assert (found["today"]["failed"], found["today"]["completed"]) == (1, 0)
    assert [alert["rule"] for alert in found["alerts"]] == ["failed", "nan_loss"]
    assert found["open_alerts"] == 2
    assert get(api, "/dashboard", "admin")["open_alerts"] == 3
    assert 0 <= found["vitals"]["memory_percent"] <= 100
    assert found["vitals"]["disk_free_gb"] > 0


def test_health_is_a_word_with_reasons(api: Api) -> None:
    waiting = api.add_run()
    assert get(api, f"/{waiting.id}/health")["score"] == "unknown"
    run = running(api, Vitals(cpu_percent=1, memory_gb=1))
    assert get(api, f"/{run.id}/health")["score"] == "good"
    used = [Gpu(index=0, utilization=90, memory_used_gb=23.9, memory_total_gb=24)]
    fair = running(api, *[Vitals(cpu_percent=1, memory_gb=1, gpus=used)] * 3)
    health = get(api, f"/{fair.id}/health")
    assert (health["score"], health["ok"]) == ("fair", True)
    assert "GPU 0" in health["message"]
    bad = running(api, nan())
    health = get(api, f"/{bad.id}/health")
    assert (health["score"], health["ok"]) == ("bad", False)
    assert [alert["rule"] for alert in health["alerts"]] == ["nan_loss"]
    api.move(bad, "failed")
    assert get(api, f"/{bad.id}/health")["reasons"][0] == "it failed"


@pytest.mark.parametrize(
    ("samples", "points", "expected"), [(7, 200, 7), (1000, 10, 10), (0, 5, 0)]
)
def test_what_a_run_used_is_folded(api: Api, samples: int, points: int, expected: int) -> None:
    run = running(api)
    start = utc_now()
    events = [
        make_event(
            run.id,
            1,
            n + 1,
            Vitals(cpu_percent=n, memory_gb=2, disk_free_gb=samples - n),
            start + timedelta(seconds=n),
        )
        for n in range(samples)
    ]
    for first in range(0, samples, 500):
        api.services.ingest.apply(run.id, events[first : first + 500])
    found = get(api, f"/{run.id}/resources", points=points)
    assert (found["samples"], len(found["points"])) == (samples, expected)
    if expected:
        means = [point["cpu_percent"] for point in found["points"]]
        assert means == sorted(means)
        last = found["points"][-1]
        assert last["cpu_percent_max"] == samples - 1
        assert last["disk_free_gb"] == 1
        assert sum(point["samples"] for point in found["points"]) <= samples
