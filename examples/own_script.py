"""A training script that Trainwright knows nothing of; here it fits a line.

    trainwright train examples/own_script.yaml

Run it by itself and it works as well: `python examples/own_script.py`. The agent beside it reads
what it prints. The `report` lines are for those who want exact steps; plain
`print(f"step {step} loss: {loss:.4f}")` would be found too.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from pathlib import Path

from trainwright.job import report

STEPS = 200
CHECKPOINT = Path(os.environ.get("TRAINWRIGHT_RUN_DIR", ".")) / "checkpoints" / "line.ckpt"


def save(step: int, slope: float, offset: float) -> None:
    CHECKPOINT.parent.mkdir(parents=True, exist_ok=True)
    CHECKPOINT.write_text(json.dumps({"step": step, "slope": slope, "offset": offset}))
    report.checkpoint(CHECKPOINT, step=step)


def load() -> tuple[int, float, float]:
    """Where to go on from: a resumed run gets its newest checkpoint in the environment."""
    found = os.environ.get("TRAINWRIGHT_RESUME_FROM")
    if not found:
        return 0, 0.0, 0.0
    state = json.loads(Path(found).read_text())
    report.resumed(state["step"])
    return state["step"], state["slope"], state["offset"]


def main(pause: float = 0.02) -> None:
    stopping = False

    def on_term(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, on_term)  # a stop or a pause: save, then leave
    first, slope, offset = load()
    for step in range(first + 1, STEPS + 1):
        x = math.sin(step)  # an input that a resumed run sees again
        error = slope * x + offset - (3 * x + 1)
        slope -= 0.1 * error * x
        offset -= 0.1 * error
        report.log({"train/loss": error**2}, step=step)
        report.progress(step=step, total=STEPS)
        if stopping:
            save(step, slope, offset)
            sys.exit(143)
        time.sleep(pause)  # stands for the work
    save(STEPS, slope, offset)
    print(f"y = {slope:.2f} x + {offset:.2f}")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
