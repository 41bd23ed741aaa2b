"""The live panel of one run, drawn with Rich from its state."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from trainwright.api.panel import phrases
from trainwright.api.panel.sparkline import sparkline
from trainwright.api.panel.state import LiveRun
from trainwright.api.panel.words import duration, number
from trainwright.spec.events import Alert
from trainwright.spec.status import RunStatus

_MAX_WIDTH = 100
_SHOWN_ALERTS = 3
_NARROWEST_CURVE = 4


def panel(run: LiveRun, width: int = 80) -> RenderableType:
    """Everything worth seeing of a run, calm and of one height while it trains."""
    width = min(width, _MAX_WIDTH)
    style = phrases.STYLES.get(run.status, "blue")
    rows: list[RenderableType] = [_headline(run, style), _bar(run)]
    if run.latest:
        rows += [Text(), _metrics(run, width)]
    rows += [Text(), *_footer(run)]
    rows += [_alert_line(a) for a in run.alerts[-_SHOWN_ALERTS:]]
    if run.error:
        rows.append(Text(f"✗ {phrases.error(run.error)}", style="red"))
    title = Text.assemble((run.name, "bold"), ("  " + run.run_id, "dim"))
    return Panel(
        Group(*rows),
        title=title,
        title_align="left",
        border_style=style,
        width=width,
        padding=(0, 1),
    )


def _headline(run: LiveRun, style: str) -> Text:
    text = Text(phrases.doing(run), style=style)
    if run.seconds is not None:
        text.append(f"  {duration(run.seconds)}", style="dim")
    return text


def _bar(run: LiveRun) -> RenderableType:
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    share = run.fraction
    training = run.status in (RunStatus.RUNNING, RunStatus.PAUSING)
    bar = ProgressBar(
        total=1.0,
        completed=share or 0.0,
        pulse=share is None and not run.status.is_terminal,
        complete_style=phrases.STYLES.get(run.status, "blue"),
        finished_style="green",
    )
    eta = run.progress.eta_seconds if training else None
    grid.add_row(
        Text(phrases.place(run.progress)),
        bar,
        Text("" if share is None else f"{share:.0%}"),
        Text("" if eta is None else f"ETA {duration(eta)}", style="dim"),
    )
    return grid


def _metrics(run: LiveRun, width: int) -> RenderableType:
    rows = phrases.metric_rows(run)
    splits = list(dict.fromkeys(name.split("/")[0] for _, names in rows for name in names))
    room = (width - 18) // max(1, len(splits)) - 16
    if room < _NARROWEST_CURVE:
        return Text(phrases.measured(run))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    for _ in splits:
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(style="cyan", no_wrap=True)
    for metric, names in rows:
        cells: list[RenderableType] = [Text(metric)]
        for split in splits:
            name = f"{split}/{metric}"
            if name in names:
                values = run.values(name)
                curve = sparkline(values, min(room, 24)) if len(values) > 1 else ""
                cells += [Text(split), Text(number(run.latest[name]), style="bold"), Text(curve)]
            else:
                cells += [Text(), Text(), Text()]
        grid.add_row(*cells)
    return grid


def _footer(run: LiveRun) -> Iterator[Text]:
    now = [phrases.vitals(run.vitals)] if run.vitals else []
    about = phrases.data(run.report) if run.report else ""
    for line in (about, " · ".join([*now, *phrases.pace(run)]), phrases.checkpoints(run)):
        if line:
            yield Text(line, style="dim")


def _alert_line(alert: Alert) -> Text:
    style = phrases.SEVERITY_STYLES[alert.severity]
    return Text(f"{'i' if alert.severity == 'info' else '!'} {phrases.alert(alert)}", style=style)
