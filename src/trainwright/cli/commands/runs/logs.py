"""`runs logs`: what a trainer printed, whole, in part, or as it comes."""

from __future__ import annotations

import itertools
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command
from trainwright.cli.since import since_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from trainwright.client import Client
    from trainwright.spec.api import LogLine


@click.command(
    cls=Command,
    examples=[
        "runs logs last --tail 20",
        "runs logs last --follow",
        'runs logs last --search "val loss"',
        'runs logs last --since 10m --search "nan|inf" --regex',
    ],
)
@run_argument
@click.option("--follow", "-f", is_flag=True, help="Go on until the run ends.")
@click.option("--tail", "-n", type=click.IntRange(min=1), help="Only the last so many lines.")
@since_option
@click.option("--search", "-s", "words", help="Only lines with this, with their numbers.")
@click.option("--regex", is_flag=True, help="What to --search is a regular expression.")
@click.option("--raw", is_flag=True, help="With the report lines that are meant for the agent.")
def logs(
    *,
    run: str,
    follow: bool,
    tail: int | None,
    since: datetime | None,
    words: str | None,
    regex: bool,
    raw: bool,
    as_json: bool,
) -> None:
    """What the trainer of RUN printed."""
    from trainwright.cli.connection import platform

    if regex and words is None:
        raise click.UsageError("--regex says how to --search: add what to look for.")
    if tail and since and words is None:
        raise click.UsageError("name --tail or --since, not both.")
    with platform(quiet=as_json) as client:
        if words is not None:
            search = partial(client.search_logs, run, words, regex=regex)
            found = _found(search, since=since, tail=tail, follow=follow)
            _show_matches(found, as_json=as_json, follow=follow)
        elif as_json:
            _show_chunks(client, run, since=since, tail=tail, follow=follow)
        else:
            _show_text(client, run, since=since, tail=tail, follow=follow, raw=raw)


def _found(
    search: Callable[..., Iterable[LogLine]],
    *,
    since: datetime | None,
    tail: int | None,
    follow: bool,
) -> Iterator[LogLine]:
    """The matches there are, or the last of them; then those to come."""
    if tail is None:
        yield from search(since=since, follow=follow)
        return
    seen = deque(search(since=since), maxlen=tail)
    yield from seen
    if follow:
        yield from search(since=since, from_line=seen[-1].line + 1 if seen else 1, follow=True)


def _show_matches(found: Iterable[LogLine], *, as_json: bool, follow: bool) -> None:
    from trainwright.cli.output import print_json
    from trainwright.cli.views.log import harmless

    if as_json and not follow:
        print_json({"matches": list(found)})
        return
    for match in found:
        if as_json:
            print_json(match)
        else:
            click.echo(f"{match.line}: {harmless(match.text)}")


def _show_chunks(
    client: Client, run: str, *, since: datetime | None, tail: int | None, follow: bool
) -> None:
    """One JSON object; while following one each time there is more."""
    from trainwright.cli.output import print_json

    chunk = client.log_chunk(run, tail=tail, since=since)
    print_json(chunk)
    if follow:
        for text in client.logs(run, chunk.next_offset, follow=True):
            print_json({"text": text})


def _show_text(
    client: Client,
    run: str,
    *,
    since: datetime | None,
    tail: int | None,
    follow: bool,
    raw: bool,
) -> None:
    from trainwright.cli.views.log import harmless, last_lines, without_reports

    first, start = "", 0
    if tail is not None and raw:
        chunk = client.log_chunk(run, tail=tail)
        first, start = chunk.text, chunk.next_offset
    elif tail is not None:
        first, start = last_lines(lambda n: client.log_chunk(run, tail=n), tail)
    more = client.logs(run, start, follow=follow, since=since) if tail is None or follow else ()
    pieces = itertools.chain([first], more)
    for piece in pieces if raw else without_reports(pieces):
        click.echo(piece if raw else harmless(piece), nl=False)
