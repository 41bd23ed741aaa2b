"""From a print in a trainer to a hundred clients who look."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from websockets.asyncio.client import connect

from benchmarks.measure import Row
from trainwright.client import Client
from trainwright.platform import start_platform
from trainwright.settings import Settings

CLIENTS, SECONDS, LIMIT_MS = 100, 20, 150.0
SETTLED = 3.0

TRAINER = """
import sys, time
until = time.time() + float(sys.argv[1])
step = 0
while time.time() < until:
    step += 1
    print(f"step {step} train/loss: {0.5 / step:.6f} sent={time.time():.6f}", flush=True)
    time.sleep(0.1)
"""


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(trainwright_home=Path(name) / "home")
        platform = start_platform(settings)
        client = Client(home=settings.home)
        script = Path(name) / "trainer.py"
        script.write_text(TRAINER)
        try:
            spec = {"model": f"script/{script}", "overrides": {"args": [str(SECONDS)]}}
            run = client.create_run(spec=spec)
            while client.run(run.id).status != "running":
                time.sleep(0.02)
            took = _looked_at(client.url, settings.home.token.read_text().strip(), run.id)
        finally:
            client.close()
            platform.stop()
    p95 = sorted(took)[int(len(took) * 0.95)]
    yield Row(
        f"print in a trainer → message at each of {CLIENTS} clients: p95 of {len(took):,}",
        p95, "ms", f"< {LIMIT_MS:g} ms", p95 < LIMIT_MS,
    )  # fmt: skip


def _looked_at(url: str, token: str, run_id: str) -> list[float]:
    """Milliseconds from each print to each client; the clients live in another process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.live", url, token, run_id],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    took: list[float] = json.loads(done.stdout)
    return took


async def _clients(url: str, token: str, run_id: str) -> list[float]:
    took: list[float] = []
    begin = time.time() + SETTLED
    await asyncio.gather(*(_client(url, token, run_id, begin, took) for _ in range(CLIENTS)))
    return took


async def _client(url: str, token: str, run_id: str, begin: float, took: list[float]) -> None:
    address = f"{url.replace('http', 'ws', 1)}/ws/runs/{run_id}"
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(address, additional_headers=headers, proxy=None) as socket:
        async for message in socket:
            now = time.time()
            if message.find('"type":"log"') >= 0:  # parsing each would be what is measured
                for part in json.loads(message)["data"]["text"].split("sent=")[1:]:
                    sent = float(part.split()[0])
                    if sent > begin:
                        took.append((now - sent) * 1000)
            elif '"type":"training_complete"' in message:
                return


if __name__ == "__main__":
    json.dump(asyncio.run(_clients(*sys.argv[1:4])), sys.stdout)
