"""Alerts, webhooks and the dashboard on the command line, against a real server."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from server_rig import Live, events_of

from trainwright.cli.main import cli
from trainwright.spec.events import MetricPoint, Metrics, Vitals
from trainwright.store.models import Run

Shell = Callable[..., Result]


@pytest.fixture
def shell(live: Live, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("TRAINWRIGHT_URL", live.url)

    def run(*words: str, person: str = "user") -> Result:
        monkeypatch.setenv("TRAINWRIGHT_TOKEN", live.people[person][1])
        return CliRunner().invoke(cli, words)

    return run


@pytest.fixture
def sick(live: Live) -> Run:
    run = live.add_run(learning_rate=0.5)
    live.move(run, "validating", "preparing", "queued", "allocating", "running")
    nan = Metrics(points=[MetricPoint(name="train/loss", value=math.nan, step=7)])
    vitals = Vitals(cpu_percent=100, memory_gb=1)
    live.services.ingest.apply(run.id, events_of(run.id, nan, vitals))
    return run


def of_json(result: Result) -> Any:
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.output)


def test_alerts_are_listed_shown_and_acknowledged(shell: Shell, sick: Run) -> None:
    listed = shell("alerts", "list", "--run", sick.id)
    assert "train/loss is nan at step 7" in listed.output
    (alert,) = of_json(shell("alerts", "list", "--run", sick.id, "--json"))
    assert "train/loss is nan" in shell("runs", "show", sick.id).output
    seen = shell("alerts", "ack", alert["id"])
    assert f"({alert['id']}) was seen" in seen.output
    assert of_json(shell("alerts", "ack", alert["id"], "--json"))[0]["acknowledged_by"] == "user"
    assert shell("alerts", "ack", "nothing").exit_code == 2


def test_thresholds_are_shown_and_changed(shell: Shell) -> None:
    changed = of_json(shell("alerts", "rules", "--set", "spike_score=12", "--json"))
    assert changed["spike_score"] == 12
    assert "spike_score" in shell("alerts", "rules").output
    assert shell("alerts", "rules", "--set", "nonsense=1").exit_code == 2
    assert shell("alerts", "rules", "--set", "spike_score=9", "--platform").exit_code == 2


def test_a_runs_health_and_what_it_used(shell: Shell, sick: Run) -> None:
    bad = shell("runs", "health", sick.id)
    assert (bad.exit_code, "bad: train/loss is nan" in bad.output) == (1, True)
    assert of_json(shell("runs", "resources", sick.id, "--json"))["samples"] == 1
    assert "100" in shell("runs", "resources", sick.id).output
    told = shell("runs", "diagnose", sick.id)
    assert "--set learning_rate=0.05" in told.output.replace("\n", " ").replace("  ", " ")
    assert "학습률" in shell("runs", "diagnose", sick.id, "--language", "ko").output


def test_the_dashboard(shell: Shell, sick: Run) -> None:
    assert "open alerts:" in shell("dashboard").output
    assert of_json(shell("dashboard", "--json"))["slots"]["cpus"] >= 1


def test_webhooks_are_added_tested_and_removed(shell: Shell) -> None:
    added = shell("webhooks", "add", "http://127.0.0.1:9/", "--event", "run.failed")
    assert "whsec_" in added.output
    hook = of_json(shell("webhooks", "list", "--json"))[-1]
    assert hook["events"] == ["run.failed"]
    tested = shell("webhooks", "test", hook["id"])
    assert (tested.exit_code, "private network" in tested.output) == (1, True)
    assert "dead" in shell("webhooks", "deliveries", hook["id"]).output
    (dead,) = of_json(shell("webhooks", "deliveries", hook["id"], "--status", "dead", "--json"))
    assert shell("webhooks", "allow", "127.0.0.1:9").exit_code == 2
    allowed = shell("webhooks", "allow", "127.0.0.1:9", person="admin")
    assert "127.0.0.1:9" in allowed.output
    again = of_json(shell("webhooks", "retry", hook["id"], dead["id"], "--json"))
    assert again["status"] == "waiting"
    assert shell("webhooks", "list").exit_code == 0
    assert of_json(shell("webhooks", "remove", hook["id"], "--json")) == {"removed": hook["id"]}
