"""Draw docs/images/training.svg from a real run: the live panel halfway, and the result.

    make demo
    .venv/bin/python scripts/screenshots.py [RUN]

RUN is an id, a name, or `last` (the default). The panel is replayed from the run's own events by
the code that draws it in a terminal.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

import trainwright as tw
from trainwright.api.panel.state import LiveRun
from trainwright.api.panel.view import panel
from trainwright.cli.views.result import measures
from trainwright.spec import Result, RunStatus
from trainwright.spec.api import RunDetail
from trainwright.spec.events import TrainingProgressEvent

WIDTH = 88
OUT = Path(__file__).resolve().parent.parent / "docs" / "images" / "training.svg"
FACES = re.compile(r"@font-face \{.*?\}\n?", re.DOTALL)  # they point at a font on a CDN


def halfway(run: tw.Run) -> LiveRun:
    """The run as a person saw it after the epoch at about 60 % of the work."""
    live = LiveRun(run.id, run.name)
    for event in run.events():
        live.apply(event)
        ended = isinstance(event, TrainingProgressEvent) and event.data.phase == "epoch"
        if ended and (live.fraction or 0.0) >= 0.6:
            break
    return live


def draw(detail: RunDetail, live: LiveRun, result: Result) -> str:
    """One terminal's worth of the run, as SVG."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    asked = detail.sentence or f"{result.model} on {result.dataset}"
    console.print(Text.assemble(("$ ", "dim"), ("trainwright train ", "bold"), f'"{asked}"'))
    console.print()
    console.print(panel(live, WIDTH))
    console.print()
    tested = {name: m.final for name, m in result.metrics.items() if name.startswith("test/")}
    console.print(Text.assemble(("completed ", "bold green"), (result.name, "bold")))
    console.print(measures(tested))
    console.print()
    for command in (f"trainwright predict {result.run_id} IMAGE…", "trainwright up"):
        console.print(Text(f"  {command}", style="cyan"))
    svg = console.export_svg(title="trainwright", unique_id="trainwright")
    return FACES.sub("", svg)


def main(name: str = "last") -> None:
    with tw.connect() as session:
        detail = session.client.run(name)
        run = tw.Run(session.client, detail)
        result = run.result()
        if result.status is not RunStatus.COMPLETED:
            sys.exit(f"{detail.name} is {result.status}: choose a completed run")
        svg = draw(detail, halfway(run), result)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(svg, encoding="utf-8")
    print(f"{OUT} ({len(svg) // 1024} kB)")


if __name__ == "__main__":
    main(*sys.argv[1:2])
