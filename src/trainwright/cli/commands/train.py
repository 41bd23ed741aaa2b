"""`trainwright train`: from a sentence or a spec file to a tested model."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from trainwright.cli.arguments import set_option
from trainwright.cli.command import Command

if TYPE_CHECKING:
    from rich.console import RenderableType

    from trainwright.api.panel.state import LiveRun
    from trainwright.api.request import Request
    from trainwright.api.session import Session
    from trainwright.spec import Result
    from trainwright.spec.api import RunDetail


@click.command(
    cls=Command,
    examples=[
        'train "Classify handwritten digits with LeNet-5, 5 epochs"',
        'train "Classify the images in ./photos" --set epochs=20 --yes',
        "train spec.yaml --name second --detach",
    ],
)
@click.argument("what", metavar='"SENTENCE" | SPEC.yaml')
@set_option
@click.option("--name", help="Name of the run.")
@click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, resolve_path=True),
    help="Folder with the original files of a catalogue dataset, instead of a download.",
)
@click.option("--yes", "-y", is_flag=True, help="Ask nothing, start at once.")
@click.option("--detach", "-d", is_flag=True, help="Start it and return; the platform stays.")
def train(
    what: str,
    *,
    settings: dict[str, Any],
    name: str | None,
    data_dir: str | None,
    yes: bool,
    detach: bool,
    as_json: bool,
) -> None:
    """Train a model from a sentence, or from a spec in a YAML file.

    The run goes through the running platform, or through one started for it. It is shown live;
    Ctrl-C leaves it training. With --json nothing is shown, and the last line is the result.
    """
    from trainwright.api.request import read_request
    from trainwright.cli.ask import answer
    from trainwright.cli.output import is_interactive

    changes = dict(settings)
    if name:
        changes["name"] = name
    if data_dir:
        changes["overrides"] = {**changes.get("overrides", {}), "data_dir": data_dir}
    ask = is_interactive() and not (yes or as_json)
    request = read_request(what, changes, ask=answer if ask else None)
    start(request, ask=ask, detach=detach, as_json=as_json)


def start(request: Request, *, ask: bool, detach: bool, as_json: bool) -> None:
    """Show what will run, start it, and see it through.

    Args:
        request: What to train.
        ask: Whether there is somebody to say yes first.
        detach: Return once it is started.
        as_json: Show nothing but the result, as the last line.
    """
    from trainwright.cli.connection import open_platform

    if not as_json:
        # a reader who has gone (`… | head -1`) does not keep the run from being started
        with contextlib.suppress(BrokenPipeError):
            _show_spec(request)
    if ask:
        click.confirm("Start?", default=True, abort=True)
    session = open_platform(quiet=as_json)
    leave_running = detach
    try:
        run = request.submit(session.client)
        if detach:
            _say_started(session, run, as_json=as_json)
            return
        try:
            code = _see_through(session, run, as_json=as_json)
        except (KeyboardInterrupt, BrokenPipeError) as end:
            leave_running = True
            say_detached(run)
            if isinstance(end, BrokenPipeError):
                raise
            code = 130
    finally:
        _close(session, leave_running=leave_running, quiet=as_json or leave_running)
    raise SystemExit(code)


def _show_spec(request: Request) -> None:
    from rich.text import Text

    from trainwright.cli.output import console, show
    from trainwright.cli.views.spec import spec_table

    width = console().width
    table = spec_table(request.spec, request.provenance, request.reasons, width)
    parts: list[RenderableType] = [table, Text()]
    if request.note:
        parts += [Text(request.note, style="dim"), Text()]
    if request.spec.resources.target == "local":
        from trainwright.api.planning import plan_spec
        from trainwright.cli.views.plan import plan_line

        plan = plan_spec(request.spec)
        if plan.memory_bytes is not None:
            parts += [Text(f"plan: {plan_line(plan)}", style="dim"), Text()]
    show(*parts)


def _see_through(session: Session, run: RunDetail, *, as_json: bool) -> int:
    """Follow the run to its end and show what came out. Returns the exit code."""
    from trainwright.cli.output import print_json
    from trainwright.spec import RunStatus

    client = session.client
    if as_json:
        client.wait(run.id)
        result = client.result(run.id)
        print_json(result)
    else:
        result = show_live(session, run)
    if result.error is not None and result.error.is_request_fault:
        return 2
    return 0 if result.status == RunStatus.COMPLETED else 1


def show_live(session: Session, run: RunDetail) -> Result:
    """Follow a run to its end on the screen, then show what came out."""
    from trainwright.api.panel.data import is_worth_telling
    from trainwright.api.panel.follow import follow
    from trainwright.cli.connection import folder_of
    from trainwright.cli.output import console, hints, show
    from trainwright.cli.views.datasets import data_report
    from trainwright.cli.views.result import next_commands, result_view

    out = console()
    live = follow(session.client, run, console=out)
    result = session.client.result(run.id)
    if out.is_terminal and live.report and is_worth_telling(live.report):
        show("", data_report(live.report))  # plain lines have told it already
    told = _told(live, with_log=not out.is_terminal)
    view = result_view(result, out.width, told=told, folder=folder_of(run.id))
    more = next_commands(result, platform_stays=not session.owns_platform)
    show("", view, "", hints(more))
    return result


def _told(live: LiveRun, *, with_log: bool) -> set[str]:
    """What following a run has said about why it failed."""
    told = {live.reason or ""} | {
        f.get("mend", "") for f in (live.report or {}).get("findings", ())
    }
    if live.error:
        told |= {live.error.message, *(live.error.log_tail if with_log else ())}
    return told


def _say_started(session: Session, run: RunDetail, *, as_json: bool) -> None:
    from trainwright.cli.output import hints, print_json, show
    from trainwright.spec import Result

    if as_json:
        print_json(
            Result(
                run_id=run.id,
                name=run.name,
                status=run.status,
                task=run.task,
                model=run.model,
                dataset=run.dataset,
            )
        )
        return
    click.echo(f"run {run.name} ({run.id}) is started on {session.client.url}")
    show(hints(_while_it_runs(run)))


def say_detached(run: RunDetail) -> None:
    """Say that a run goes on without being watched."""
    from trainwright.cli.output import console, hints

    err = console(stderr=True)
    err.print(f"\ndetached: {run.name} ({run.id}) goes on training, and the platform stays")
    err.print(hints([*_while_it_runs(run), ("trainwright down", "stop the platform")]))


def _while_it_runs(run: RunDetail) -> list[tuple[str, str]]:
    return [
        (f"trainwright runs watch {run.id}", "see it again"),
        (f"trainwright open {run.id}", "see it in a browser"),
        (f"trainwright runs stop {run.id}", "end it"),
    ]


def _close(session: Session, *, leave_running: bool, quiet: bool) -> None:
    from trainwright.cli.connection import say_it_stays

    url = session.client.url
    if session.close(leave_running=leave_running) and not quiet:
        say_it_stays(url)
