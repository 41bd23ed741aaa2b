"""`runs share` and `runs report`: a run shown to people who have no account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command
from trainwright.cli.since import span

if TYPE_CHECKING:
    from datetime import timedelta

    from trainwright.spec.api.sharing import ShareView


@click.command(
    cls=Command,
    examples=[
        "runs share last",
        "runs share last --expires 12h --log",
        "runs share last --list",
        "runs share last --revoke all",
    ],
)
@run_argument
@click.option(
    "--expires",
    callback=span,
    metavar="SPAN",
    default="7d",
    show_default=True,
    help="30m, 12h, 7d.",
)
@click.option("--log", "with_log", is_flag=True, help="Show the log, too.")
@click.option("--list", "lists", is_flag=True, help="List the links that are good instead.")
@click.option("--revoke", metavar="ID", help="End this link at once; `all` ends all of them.")
def share(
    *,
    run: str,
    expires: timedelta,
    with_log: bool,
    lists: bool,
    revoke: str | None,
    as_json: bool,
) -> None:
    """Print a link by which everybody who has it sees RUN, and nothing else."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    if lists and revoke:
        raise click.UsageError("give --list or --revoke, not both.")
    with platform(quiet=as_json) as client:
        if revoke:
            count = client.revoke_share(run, None if revoke == "all" else revoke)
            found = []
        elif lists:
            found = client.shares(run)
        else:
            found = [client.share(run, expires=expires, with_log=with_log)]
    if revoke:
        print_json({"revoked": count}) if as_json else click.echo(f"{count} revoked")
    elif lists:
        print_json(found) if as_json else _show(found)
    elif as_json:
        print_json(found[0])
    else:
        click.echo(f"good until {found[0].expires_at:%Y-%m-%d %H:%M} UTC:", err=True)
        click.echo(found[0].url)


@click.command(
    cls=Command,
    examples=["runs report last -o report.html", "runs report last -o report.html --language ko"],
)
@run_argument
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), default=".", help="Where to: a folder or file."
)
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", show_default=True)
def report(run: str, out: Path, language: str, as_json: bool) -> None:
    """Save RUN as one HTML file to keep, print or send: results, curves, settings, diagnosis."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        saved = client.report(run, out, language="ko" if language == "ko" else "en")
    if as_json:
        print_json({"saved": str(saved)})
    else:
        click.echo(f"saved as {saved}")


def _show(found: list[ShareView]) -> None:
    for one in found:
        log = ", with the log" if one.with_log else ""
        # a link in a table would be cut
        click.echo(f"{one.id}  until {one.expires_at:%Y-%m-%d %H:%M} UTC{log}\n  {one.url}")
