"""Metrics in: how fast they come through, and what a call costs the trainer that makes it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import Row, paired, ratio
from trainwright.client import Client
from trainwright.platform import start_platform
from trainwright.settings import Settings

NAMES = ("train/loss", "train/accuracy", "train/grad_norm", "lr")
STEPS, PEER_STEPS = 25_000, 400
CALLS, PEER_CALLS = 20_000, 300

TRAINER = f"""
import sys, time
from trainwright.job import report
steps = int(sys.argv[1])
for step in range(steps):
    report.log({{name: step / steps for name in {NAMES}}}, step=step)
"""
OUR_CALL = """
import json, os, sys, time
from trainwright.job import report
calls, kept = int(sys.argv[1]), os.dup(1)
log = os.open(os.devnull if len(sys.argv) < 3 else sys.argv[2], os.O_WRONLY | os.O_CREAT)
os.dup2(log, 1)
start = time.perf_counter()
for step in range(calls):
    report.log({"train/loss": step / calls}, step=step)
spent = time.perf_counter() - start
os.write(kept, json.dumps({"microseconds": spent / calls * 1e6}).encode())
"""
MLFLOW = f"""
import json, sys, time
import mlflow
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("benchmark")
steps, calls = int(sys.argv[2]), int(sys.argv[3])
with mlflow.start_run() as run:
    mlflow.log_metric("warm", 1.0, step=0)
    start = time.perf_counter()
    for step in range(steps):
        mlflow.log_metrics({{name: step / steps for name in {NAMES}}}, step=step)
    spent = time.perf_counter() - start
    client = mlflow.MlflowClient()
    assert all(len(client.get_metric_history(run.info.run_id, n)) == steps for n in {NAMES})
    start = time.perf_counter()
    for step in range(calls):
        mlflow.log_metric("loss", step / calls, step=step)
    called = time.perf_counter() - start
print(json.dumps({{"points_per_second": steps * {len(NAMES)} / spent,
                   "microseconds": called / calls * 1e6}}))
"""
TRACKIO = """
import contextlib, io, json, sys, time
with contextlib.redirect_stdout(io.StringIO()):
    import trackio
    trackio.init(project="benchmark")
    trackio.log({"loss": 1.0})
    calls = int(sys.argv[1])
    start = time.perf_counter()
    for step in range(calls):
        trackio.log({"loss": step / calls}, step=step)
    spent = time.perf_counter() - start
    trackio.finish()
print(json.dumps({"microseconds": spent / calls * 1e6}))
"""


def rows(pairs: int = 3) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name, peers.mlflow_server(Path(name)) as url:
        folder = Path(name)
        settings = Settings(trainwright_home=folder / "home")
        platform = start_platform(settings)
        client = Client(home=settings.home)
        asked = (url, str(PEER_STEPS), str(PEER_CALLS))
        mlflow: list[dict[str, float]] = []

        def of_mlflow() -> float:
            mlflow.append(peers.run(MLFLOW, *asked, folder=folder))
            return mlflow[-1]["points_per_second"]

        try:
            ours, peer = paired(lambda: _through(client, folder), of_mlflow, pairs=pairs)
        finally:
            client.close()
            platform.stop()
        gain = ratio(ours, peer)
        yield Row(
            "metric points, agent → HTTP → stored and readable (peer: MLflow over HTTP)",
            _median(ours), "points/s", "ratio ≥ 20", gain >= 20,
            peer=_median(peer), ratio=gain,
        )  # fmt: skip
        called = [_our_call(folder) for _ in mlflow]
        theirs = [each["microseconds"] for each in mlflow]
        share = ratio(called, theirs)
        yield Row(
            "a call that logs a metric (peer: MLflow's `log_metric`)",
            _median(called), "µs", "ratio ≤ 0.02", share <= 0.02,
            peer=_median(theirs), ratio=share,
        )  # fmt: skip
        called, theirs = paired(
            lambda: _our_call(folder),
            lambda: peers.run(TRACKIO, str(CALLS), folder=folder)["microseconds"],
            pairs=pairs,
        )
        share = ratio(called, theirs)
        yield Row(
            f"one of {CALLS:,} calls that log a metric (peer: trackio's `log`)",
            _median(called), "µs", "ratio < 1", share < 1,
            peer=_median(theirs), ratio=share,
        )  # fmt: skip


def _through(client: Client, folder: Path) -> float:
    """Points a second from a trainer's first line until all can be read."""
    script = folder / "trainer.py"
    script.write_text(TRAINER)
    spec = {"model": f"script/{script}", "overrides": {"args": [str(STEPS)]}}
    run = client.create_run(spec=spec)
    while client.run(run.id).status != "running":
        time.sleep(0.02)
    began = time.perf_counter()
    while not _all_there(client, run.id):
        time.sleep(0.1)
    spent = time.perf_counter() - began
    client.wait(run.id, timeout=120)
    return STEPS * len(NAMES) / spent


def _all_there(client: Client, run_id: str) -> bool:
    found = client.metrics(run_id, NAMES, buckets=1)
    return [series.total for series in found.series] == [STEPS] * len(NAMES)


def _our_call(folder: Path) -> float:
    """Into a file, as an agent has it."""
    log = folder / "stdout.log"
    done = subprocess.run(
        [sys.executable, "-c", OUR_CALL, str(CALLS), str(log)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(json.loads(done.stdout)["microseconds"])


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
