"""Arguments that several commands take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

run_argument = click.argument("run", metavar="RUN")
"""A run's id, the unique beginning of one, its name, or `last`."""

runs_argument = click.argument("runs", metavar="RUN…", nargs=-1, required=True)
"""One or several of them."""

yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


def _changes(ctx: click.Context, param: click.Parameter, value: Iterable[str]) -> dict[str, Any]:
    """`epochs=3`, `resources.gpus=1` as nested fields."""
    from trainwright.api.fields import parse_value

    changes: dict[str, Any] = {}
    for item in value:
        name, equals, text = item.partition("=")
        *groups, last = name.strip().split(".")
        if not equals or not last or not all(groups):
            raise click.BadParameter(f"{item!r} is not FIELD=VALUE", ctx, param)
        place = changes
        for group in groups:
            place = place.setdefault(group, {})
            if not isinstance(place, dict):
                raise click.BadParameter(f"{group} is set twice, in two ways", ctx, param)
        place[last] = parse_value(text)
    return changes


def setting_option(meaning: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--set FIELD=VALUE`, passed on as `settings`.

    Args:
        meaning: What is set by it.
    """
    return click.option(
        "--set",
        "-s",
        "settings",
        multiple=True,
        metavar="FIELD=VALUE",
        callback=_changes,
        help=f"{meaning} May be repeated.",
    )


set_option = setting_option("Set a field of the spec, such as epochs=3 or resources.gpus=1.")


def confirm(question: str, *, yes: bool, default: bool = False) -> None:
    """Ask before something that cannot be undone.

    Raises:
        click.UsageError: Nobody can be asked, and `--yes` was not given.
        click.Abort: The answer was no.
    """
    from trainwright.cli.output import is_interactive

    if yes:
        return
    if not is_interactive():
        raise click.UsageError(f"nobody can be asked here ({question}): add --yes.")
    click.confirm(question, default=default, abort=True)
