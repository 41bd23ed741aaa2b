"""Run benchmarks by name, or all, and print one table."""

from __future__ import annotations

import sys

from benchmarks import live, parsing, reading, serving, startup, tracking, training, web
from benchmarks.measure import HEADER

BENCHMARKS = {
    "live": live.rows,
    "parsing": parsing.rows,
    "reading": reading.rows,
    "serving": serving.rows,
    "startup": startup.rows,
    "tracking": tracking.rows,
    "training": training.rows,
    "web": web.rows,
}


def main() -> int:
    names = sys.argv[1:] or list(BENCHMARKS)
    held = True
    print(HEADER, flush=True)
    for name in names:
        for row in BENCHMARKS[name]():
            print(row, flush=True)
            held &= row.ok
    return 0 if held else 1


sys.exit(main())
