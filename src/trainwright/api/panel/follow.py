"""Follow a run on a console: a live panel on a terminal, plain lines anywhere else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType, Segment

from trainwright.api.panel.keys import unseen_keys
from trainwright.api.panel.plain import PlainLines
from trainwright.api.panel.screen import Screen
from trainwright.api.panel.state import LiveRun
from trainwright.api.panel.view import panel
from trainwright.spec import shown
from trainwright.spec.events import Event
from trainwright.spec.status import RunStatus

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.spec.api import RunView

_FRAMES_PER_SECOND = 8


def follow(
    client: Client,
    run: RunView,
    *,
    console: Console | None = None,
    deadline: float | None = None,
) -> LiveRun:
    """Show a run until it ends.

    Args:
        client: Where its events come from.
        run: The run.
        console: Where to draw.
        deadline: `time.monotonic()` after which to stop looking (seen at the next event).

    Returns:
        The run as its events told it.
    """
    live = LiveRun(run.id, run.name, run.status)
    events = _with_report(client, live, client.events(run.id, follow=True))
    show(until(events, deadline), live, console or Screen())
    return live


def _with_report(client: Client, live: LiveRun, events: Iterable[Event]) -> Iterator[Event]:
    """The events; once the data has been checked, what that found is put into the run."""
    for event in events:
        if event.type == "status_changed" and event.data.previous == RunStatus.VALIDATING:
            live.report = client.run(live.run_id).report
        yield event


def until(events: Iterable[Event], deadline: float | None) -> Iterable[Event]:
    for event in events:
        yield event
        if deadline is not None and time.monotonic() > deadline:
            return


def show(events: Iterable[Event], run: LiveRun, console: Console) -> None:
    """Draw events on the console as they come."""
    if console.is_terminal:
        _draw(events, run, console)
    else:
        lines = PlainLines(run)
        for event in events:
            for line in lines.feed(event):
                # not `console.print`: a pipe has no width to wrap at, and text is no markup
                print(shown(line), file=console.file, flush=True)


def _draw(events: Iterable[Event], run: LiveRun, console: Console) -> None:
    busy = threading.Lock()  # the frame is drawn by Rich's own thread
    last: tuple[RenderableType, int] | None = None

    def frame() -> RenderableType:
        nonlocal last
        with busy:
            width = console.width
            if last and width < last[1]:
                erase_reflowed(console, *last)
            last = panel(run, width), width
            return last[0]

    drawing = Live(get_renderable=frame, console=console, refresh_per_second=_FRAMES_PER_SECOND)
    with unseen_keys(), drawing:
        for event in events:
            with busy:
                run.apply(event)


def erase_reflowed(console: Console, frame: RenderableType, width: int) -> None:
    """Erase the rows that a frame of `width` columns has grown by in a terminal made narrower.

    Rich erases as many rows as it drew; a terminal breaks each line of the frame into several.
    """
    lines = console.render_lines(frame, console.options.update_width(width), pad=False)
    rows = sum(-(-Segment.get_line_length(line) // console.width) for line in lines)
    up = ((ControlType.CURSOR_UP, 1), (ControlType.ERASE_IN_LINE, 2))
    console.control(
        Control(
            ControlType.CARRIAGE_RETURN,
            (ControlType.ERASE_IN_LINE, 2),
            *(up * (rows - len(lines))),
        )
    )
