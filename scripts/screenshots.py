"""Draw docs/images/training.svg: train the demo, show its live panel halfway, and its result.

    make demo
    .venv/bin/python scripts/screenshots.py

The panel is drawn from the run's own events by the code that draws it in a terminal.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

import trainwright as tw
from trainwright.api.panel.state import LiveRun
from trainwright.api.panel.view import panel
from trainwright.cli.output import hints
from trainwright.cli.views.result import measures, next_commands
from trainwright.spec import Result
from trainwright.spec.events import TrainingProgressEvent

SENTENCE = "Classify handwritten digits with LeNet-5, 5 epochs"
WIDTH = 88
OUT = Path(__file__).resolve().parent.parent / "docs" / "images" / "training.svg"
FACES = re.compile(r"@font-face \{.*?\}\n?", re.DOTALL)  # they would be fetched from elsewhere


def halfway(run: tw.Run) -> LiveRun:
    """The run as it was seen after the epoch that ends beyond half of the work."""
    live = LiveRun(run.id, run.name)
    for event in run.events():
        live.apply(event)
        at_end = isinstance(event, TrainingProgressEvent) and event.data.phase == "epoch"
        if at_end and (live.fraction or 0.0) > 0.5:
            break
    return live


def draw(live: LiveRun, result: Result) -> str:
    """One terminal's worth of the run, as SVG."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    tested = {name: m.final for name, m in result.metrics.items() if name.startswith("test/")}
    console.print(Text.assemble(("$ ", "dim"), ("trainwright train ", "bold"), f'"{SENTENCE}"'))
    console.print()
    console.print(panel(live, WIDTH))
    console.print()
    console.print(Text.assemble(("completed ", "bold green"), (result.name, "bold")))
    console.print(measures(tested))
    console.print()
    console.print(hints(next_commands(result)[:3]))
    svg = console.export_svg(title="trainwright", unique_id="trainwright")
    return FACES.sub("", svg).replace("font-family: arial", "font-family: sans-serif")


def main() -> None:
    run = tw.train(SENTENCE)
    result = run.wait(show=True)
    svg = draw(halfway(run), result)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(svg, encoding="utf-8")
    print(f"{OUT} ({len(svg) // 1024} kB)")


if __name__ == "__main__":
    main()
