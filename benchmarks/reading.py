"""The API read: a long curve, lists of many runs, and many clients at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.filled import RUNS, fill
from benchmarks.load import Load, put_on
from benchmarks.measure import Row
from trainwright.client import Client
from trainwright.platform import start_platform
from trainwright.settings import Settings

CLIENTS, PAUSE = 200, 1.0


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(trainwright_home=Path(folder) / "home")
        start_platform(settings).stop()
        long = fill(settings)
        platform = start_platform(settings)
        client = Client(home=settings.home)
        token = settings.home.token.read_text().strip()
        run = f"/api/v1/runs/{long}"
        try:
            curve = f"{run}/metrics?names=train/loss&buckets=1000"
            asked = Load(client.url, token, [curve], seconds=5, apart=True)
            yield _row("a metric of 1 M points as 1,000 buckets, median", asked, 0.5, 50)
            part = f"{curve}&from_step=400000&to_step=412345"
            asked = Load(client.url, token, [part], seconds=3, apart=True)
            yield _row("12,346 of its steps as 1,000 buckets, median", asked, 0.5, 50)
            asked = Load(client.url, token, _pages(), seconds=10, apart=True)
            yield _row(f"a page of {RUNS:,} runs, filtered, sorted, searched: p95", asked, 0.95, 50)
            paths = ["/api/v1/runs?limit=20", run, curve.replace("1000", "200"), f"{run}/events",
                     f"{run}/logs?tail=100", "/api/v1/monitoring/dashboard"]  # fmt: skip
            asked = Load(client.url, token, paths, CLIENTS, seconds=15, pause=PAUSE)
            name = f"reads of {CLIENTS} clients at once, one a second each: p95"
            yield _row(name, asked, 0.95, 100)
        finally:
            client.close()
            platform.stop()


def _row(what: str, load: Load, share: float, limit: float) -> Row:
    answers = put_on(load)
    figure = answers.quantile(share)
    name = what if not answers.errors else f"{what} ({answers.errors} errors)"
    held = figure < limit and answers.errors == 0
    return Row(name, figure, "ms", f"< {limit:g} ms", held)


def _pages() -> list[str]:
    asked = [
        "", "status=completed", "sort=name", "sort=-updated_at", "model=timm&sort=-name",
        "q=resnet", "q=run-77", "task=image_classification&status=failed", "sort=status&limit=100",
    ]  # fmt: skip
    return [f"/api/v1/runs?limit=50&{query}" for query in asked]
