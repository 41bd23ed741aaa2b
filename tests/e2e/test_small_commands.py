"""Commands that only ask the platform, on one that runs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

Cli = Callable[..., subprocess.CompletedProcess[str]]


def answered(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_settings_are_shown_and_changed(ask: Cli) -> None:
    before = answered(ask("settings", "--json"))
    changed = answered(ask("settings", "--set", "trash_days=30", "--json"))
    assert changed == before | {"trash_days": 30}
    assert "trash_days" in ask("settings").stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("trash_days=-1", "trash_days"),
        ("trash_dayz=1", "trash_dayz"),
        ("trash_days", "FIELD=VALUE"),
    ],
)
def test_a_wrong_setting_changes_nothing(ask: Cli, change: str, said: str) -> None:
    before = answered(ask("settings", "--json"))
    done = ask("settings", "--set", change)
    assert done.returncode == 2
    assert said in done.stderr
    assert answered(ask("settings", "--json")) == before


def test_thresholds_are_shown_and_changed(ask: Cli) -> None:
    assert (
        answered(ask("alerts", "rules", "--set", "spike_score=12", "--json"))["spike_score"] == 12
    )
    assert answered(ask("alerts", "rules", "--json"))["spike_score"] == 12
    back = answered(ask("alerts", "rules", "--set", "spike_score=null", "--json"))
    assert back["spike_score"] != 12


def test_projects_come_and_go(ask: Cli) -> None:
    made = answered(ask("projects", "add", "birds", "-d", "what flies", "--json"))
    assert [one["name"] for one in answered(ask("projects", "list", "--json"))] == ["birds"]
    assert ask("projects", "edit", "birds", "--name", "owls").returncode == 0
    assert answered(ask("projects", "delete", "owls", "--yes", "--json")) == {
        "deleted": [made["id"]]
    }
    assert answered(ask("projects", "list", "--json")) == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("runs", "list"), "no runs yet: "),
        (("runs", "list", "--status", "failed"), "no run is like that: "),
        (("projects", "list"), "no projects yet: "),
        (("webhooks", "list"), "no webhooks yet: "),
        (("datasets", "list", "--search", "zzzqq"), "no dataset is like that: "),
    ],
)
def test_where_there_is_nothing_it_is_said_how_to_get_something(
    ask: Cli, asked: tuple[str, ...], said: str
) -> None:
    assert ask(*asked).stdout.startswith(said)
