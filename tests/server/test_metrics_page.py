"""What Prometheus scrapes, and the platform's own logs."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from server_rig import Api, serving

from trainwright.logs import JsonFormatter, mask
from trainwright.server.rotation import rotate

TOKEN = "a scrape token"


def samples(text: str) -> dict[tuple[str, ...], float]:
    """(name, *label values) → value."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_of_runs_alerts_and_requests(fresh_api: Api) -> None:
    api = fresh_api
    for status in ("failed", "stopped"):
        api.move(api.add_run(), status)
    run = api.add_run()
    for path in (f"/api/v1/runs/{run.id}", "/api/v1/runs/nothing", "/docs/nothing"):
        api.call("GET", path)
    answer = api.call("GET", "/metrics", "viewer")
    assert answer.headers["content-type"].startswith("text/plain")
    found = samples(answer.text)
    assert found["trainwright_runs", "failed"] == 1
    assert found["trainwright_runs", "created"] == 1
    assert found["trainwright_runs", "running"] == 0
    assert found["trainwright_alerts_open", "error"] == 1
    assert found["trainwright_webhook_deliveries", "dead"] == 0
    route = "/api/v1/runs/{run_id}"
    assert found["trainwright_http_requests_total", "GET", route, "200"] == 1
    assert found["trainwright_http_requests_total", "GET", route, "404"] == 1
    assert found["trainwright_http_requests_total", "GET", "(other)", "404"] == 1
    assert "/no/such/page" not in answer.text
    assert found["trainwright_http_request_seconds_count", "GET", route] == 2


def test_a_strange_method_makes_no_series_of_its_own(fresh_api: Api) -> None:
    fresh_api.call("BREW", "/no/such/page")
    fresh_api.call("BREW", "/api/v1/runs")
    text = fresh_api.call("GET", "/metrics", "admin").text
    assert "BREW" not in text
    assert samples(text)["trainwright_http_requests_total", "(other)", "/api/v1/runs", "405"] == 1


def test_who_may_scrape(fresh_api: Api) -> None:
    api = fresh_api
    settings = api.services.settings
    assert api.call("GET", "/metrics", None).status_code == 401
    assert api.call("GET", "/metrics", "user").status_code == 403
    settings.trainwright_metrics_token = TOKEN
    header = {"Authorization": f"Bearer {TOKEN}"}
    assert api.call("GET", "/metrics", None, headers=header).status_code == 200
    assert api.call("GET", "/api/v1/runs", None, headers=header).status_code == 401
    wrong = {"Authorization": f"Bearer {TOKEN}x"}
    assert api.call("GET", "/metrics", None, headers=wrong).status_code == 401


@pytest.mark.parametrize(("local", "status"), [(False, 401), (True, 200)])
def test_this_machine_needs_no_token_only_where_it_is_allowed(
    fresh_api: Api, local: bool, status: int
) -> None:
    fresh_api.services.settings.trainwright_metrics_local = local
    with serving(fresh_api.app) as url:
        answer = httpx.get(f"{url}/metrics", trust_env=False)
        forged = {"X-Forwarded-For": "127.0.0.1"}
        assert httpx.get(f"{url}/metrics", headers=forged, trust_env=False).status_code == status
    assert answer.status_code == status


def test_a_home_that_takes_no_write_is_not_ready(fresh_api: Api) -> None:
    fresh_api.services.database.downgrade("0001")
    answer = fresh_api.call("GET", "/readyz", None)
    assert answer.status_code == 503
    assert "0001" in answer.json()["checks"]["database"]


def test_a_log_is_put_aside_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    code = "import sys\nfor line in sys.stdin: print(line.strip(), flush=True)"
    with log.open("ab") as file:
        writer = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=file, text=True
        )
    assert writer.stdin is not None

    def write(word: str) -> None:
        size = log.stat().st_size
        writer.stdin.write(f"{word}\n")
        writer.stdin.flush()
        while log.stat().st_size == size:
            pass

    try:
        for round_ in range(6):
            write(f"{round_}" * 50)
            assert rotate(log, limit=40, kept=3)
            assert log.read_bytes() == b""
        write("the end")
    finally:
        writer.stdin.close()
        writer.wait(10)
    assert log.read_text() == "the end\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "api.log",
        "api.log.1",
        "api.log.2",
        "api.log.3",
    ]
    assert (tmp_path / "api.log.1").read_text() == "5" * 50 + "\n"
    assert (tmp_path / "api.log.3").read_text() == "3" * 50 + "\n"
    assert not rotate(log, limit=40)
    assert not rotate(tmp_path / "missing.log")


@pytest.mark.parametrize(
    "text",
    [
        "whsec_0123456789abcdef",
        "posted to https://hooks:0123456789abcdef@example.org/x",
        "Authorization: Bearer 0123456789abcdef",
    ],
)
def test_secrets_stay_out_of_logs(text: str) -> None:
    record = logging.makeLogRecord({"msg": text, "request_id": "req_1"})
    line = json.loads(JsonFormatter().format(record))
    assert "0123456789abcdef" not in line["message"]
    assert line["request_id"] == "req_1"
    assert mask("https://example.org/a:b") == "https://example.org/a:b"
