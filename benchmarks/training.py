"""What the platform costs the training it looks after."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

from benchmarks.measure import Row, paired, ratio
from trainwright.client import Client
from trainwright.frameworks import registry
from trainwright.platform import start_platform
from trainwright.settings import Settings
from trainwright.spec import RunDir, RunSpec, dump_yaml

SPEC = RunSpec.model_validate(
    {
        "task": "image_classification",
        "model": "builtin/lenet5",
        "dataset": "random",
        "epochs": 2,
        "batch_size": 64,
        "learning_rate": 1e-3,
        "image_size": 28,
        "seed": 1,
        "resources": {"cpus": 1},
        "overrides": {"samples": 60_000},
    }
)
"""MNIST-sized: 60,000 grey images of 28 × 28 pixels in ten classes."""


def rows(pairs: int = 5) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(trainwright_home=Path(folder) / "home")
        platform = start_platform(settings)
        client = Client(home=settings.home)
        waits: list[float] = []
        try:
            ours, bare = paired(
                lambda: _through_platform(client, settings, waits),
                lambda: _bare(Path(folder)),
                pairs=pairs,
            )
        finally:
            platform.stop()
    overhead = ratio(ours, bare)
    wait = statistics.median(waits)
    return [
        Row(
            "training through the platform, first step to last", statistics.median(ours), "s",
            "ratio ≤ 1.03", overhead <= 1.03, peer=statistics.median(bare), ratio=overhead,
        ),
        Row("start of a run → trainer's own imports begin (warm)", wait, "s", "< 3 s", wait < 3),
    ]  # fmt: skip


class Stopwatch(threading.Thread):
    """Times a trainer by the growth of its log: the same eye for both sides."""

    def __init__(self, log: Path) -> None:
        super().__init__(daemon=True)
        self._log = log
        self._ended = threading.Event()
        self.steps: list[float] = []
        self.start()

    def run(self) -> None:
        offset = 0
        while not self._ended.wait(0.005):
            if self._log.exists() and self._log.stat().st_size > offset:
                with self._log.open("rb") as file:
                    file.seek(offset)
                    new = file.read()
                offset += len(new)
                if b'"progress"' in new:
                    self.steps.append(time.perf_counter())

    def span(self) -> float:
        """Seconds from the first report of a step to the last."""
        self._ended.set()
        self.join()
        return self.steps[-1] - self.steps[0]


def _through_platform(client: Client, settings: Settings, waits: list[float]) -> float:
    asked = datetime.now().astimezone()
    run = client.create_run(spec=SPEC.model_dump(mode="json", exclude_none=True))
    directory = RunDir(settings.home.runs / run.id)
    watch = Stopwatch(directory.log)
    client.wait(run.id, timeout=600)
    shim = json.loads(directory.shim.read_text())
    waits.append((datetime.fromisoformat(shim["started_at"]) - asked).total_seconds())
    return watch.span()


def _bare(folder: Path) -> float:
    """The same loop with nobody beside it: no agent, no API, its output into a file."""
    directory = RunDir(Path(tempfile.mkdtemp(dir=folder)) / "bare")
    directory.path.mkdir()
    directory.spec.write_text(dump_yaml(SPEC))
    launch = registry.get("builtin").prepare_training_script(SPEC, directory, resume_from=None)
    for name, text in launch.files.items():
        (directory.path / name).write_text(text)
    watch = Stopwatch(directory.log)
    with directory.log.open("wb") as log:
        subprocess.run(
            launch.argv,
            cwd=launch.cwd or directory.path,
            env=os.environ
            | launch.env
            | {"OMP_NUM_THREADS": "1", "TRAINWRIGHT_RUN_DIR": str(directory.path)},
            stdout=log,
            stderr=sys.stderr,
            check=True,
        )
    return watch.span()
