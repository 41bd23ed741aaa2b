"""Follow a run on a console: a live panel on a terminal, plain lines anywhere else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.live import Live

from trainwright.api.panel.plain import PlainLines
from trainwright.api.panel.state import LiveRun
from trainwright.api.panel.view import panel
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
    show(until(events, deadline), live, console or Console())
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
                print(line, file=console.file, flush=True)


def _draw(events: Iterable[Event], run: LiveRun, console: Console) -> None:
    busy = threading.Lock()  # the frame is drawn by Rich's own thread

    def frame() -> RenderableType:
        with busy:
            return panel(run, console.width)

    with Live(get_renderable=frame, console=console, refresh_per_second=_FRAMES_PER_SECOND):
        for event in events:
            with busy:
                run.apply(event)
