"""How long a person waits before anything happens."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Row, command, paired, ratio, seconds
from trainwright.platform import start_platform
from trainwright.settings import Settings


def rows() -> list[Row]:
    python = sys.executable
    return [
        _whole_process("trainwright --help", command(python, "-m", "trainwright", "--help"), 0.2),
        _whole_process("import trainwright", command(python, "-c", "import trainwright"), 0.1),
        _platform(),
    ]


def _whole_process(what: str, run: Callable[[], object], limit: float) -> Row:
    """The peer is a bare interpreter: what no program in Python can beat."""
    bare = command(sys.executable, "-c", "pass")
    run()
    ours, peer = paired(lambda: seconds(run), lambda: seconds(bare), pairs=15)
    median = statistics.median(ours)
    # an import is measured without the interpreter that does it
    value = median - statistics.median(peer) if what.startswith("import") else median
    return Row(
        what, value * 1000, "ms", f"< {limit * 1000:g} ms", value < limit,
        peer=statistics.median(peer) * 1000, ratio=ratio(ours, peer),
    )  # fmt: skip


def _platform() -> Row:
    times = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(trainwright_home=Path(folder) / "home")
            started = []
            times.append(seconds(lambda: started.append(start_platform(settings))))  # noqa: B023
            started[0].stop()
    median = statistics.median(times)
    return Row("platform ready, empty home", median, "s", "< 5 s", median < 5)
