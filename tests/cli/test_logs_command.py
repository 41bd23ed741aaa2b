"""`runs logs` against a real API."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from trainwright.cli.since import since_option

sys.path.insert(0, str(Path(__file__).parents[1] / "server"))

from server_rig import Live, api_over, batch_of, serving

from trainwright.cli.main import cli
from trainwright.process import identify
from trainwright.spec.events import Log, make_event


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with api_over(tmp_path_factory.mktemp("logs") / "home") as api, serving(api.app) as url:
        yield Live(api.app, api.services, api.http, api.people, url=url)


@pytest.fixture(scope="module")
def run_id(live: Live) -> str:
    run = live.add_run()
    texts = ["epoch 1 \x1b[31mloss\x1b[0m 0.9\n", "::trainwright:: {}\nepoch 2 Loss 0.5\nlr 1\n"]
    now, offset, events = datetime.now(UTC), 0, []
    for number, text in enumerate(texts, 1):
        log = Log(text=text, offset=offset, size=len(text))
        events.append(make_event(run.id, 1, number, log, now - timedelta(hours=3 - number)))
        offset += len(text)
    headers = {"X-Internal-Auth": live.agent_token(run)}
    path = f"/api/v1/internal/runs/{run.id}/events"
    assert live.http.post(path, json=batch_of(events), headers=headers).status_code == 200
    live.move(run, "stopped")
    return run.id


@pytest.fixture
def logs(live: Live, run_id: str, monkeypatch: pytest.MonkeyPatch):
    home = live.services.settings.home
    record = {"url": live.url, "supervisor": identify()}  # so that no command starts another
    (home.path / "platform.json").write_text(json.dumps(record))
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(home.path))

    def call(*argv: str) -> Result:
        return CliRunner().invoke(cli, ["runs", "logs", run_id, *argv])

    return call


def test_lines_are_searched_with_their_numbers(logs) -> None:
    assert logs("--search", "LOSS").output == "1: epoch 1 loss 0.9\n3: epoch 2 Loss 0.5\n"
    assert logs("--search", "loss", "--tail", "1").output == "3: epoch 2 Loss 0.5\n"
    assert logs("--search", "loss", "--since", "90m").output == "3: epoch 2 Loss 0.5\n"
    assert logs("--search", "^lr", "--regex", "--follow").output == "4: lr 1\n"
    found = json.loads(logs("--search", "loss", "--json").output)
    assert [m["line"] for m in found["matches"]] == [1, 3]


def test_the_log_since_a_time(logs) -> None:
    assert logs("--since", "90m").output == "epoch 2 Loss 0.5\nlr 1\n"
    assert logs("--since", "1s").output == ""
    assert json.loads(logs("--since", "90m", "--json").output)["ended"] is True
    assert logs("--tail", "1").output == "lr 1\n"


@pytest.mark.parametrize("argv", [["--since", "soon"], ["--regex"], ["--search", "(", "--regex"]])
def test_what_is_wrong_is_said(logs, argv: list[str]) -> None:
    done = logs(*argv)
    assert done.exit_code == 2, done.output


@pytest.mark.parametrize(
    ("said", "seconds"), [("10s", 10), ("1.5h", 5400), ("2 D", 172_800), ("1w", 604_800)]
)
def test_how_long_ago(said: str, seconds: float) -> None:
    moments: list[datetime] = []

    @click.command()
    @since_option
    def command(since: datetime) -> None:
        moments.append(since)

    assert CliRunner().invoke(command, ["--since", said]).exit_code == 0
    assert abs((datetime.now(UTC) - moments[0]).total_seconds() - seconds) < 5
    assert CliRunner().invoke(command, ["--since", "2026-01-31T12:00"]).exit_code == 0
    assert moments[1].tzinfo is not None
    assert CliRunner().invoke(command, ["--since", "9" * 9 + "w"]).exit_code == 2
