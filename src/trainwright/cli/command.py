"""What every command has in common: `--json` and `--debug`."""

from __future__ import annotations

from typing import Any

import click

JSON_HELP = "Print JSON for machines, and nothing else, on standard output."


class Command(click.Command):
    """A command that takes `--json` (passed on as `as_json`) and `--debug`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(["--json", "as_json"], is_flag=True, help=JSON_HELP, default=False)
        )
        # read from the arguments by the error handler, which must know it before parsing is done
        self.params.append(click.Option(["--debug"], is_flag=True, hidden=True, expose_value=False))


class Group(click.Group):
    """A group whose commands are `Command`s."""

    command_class = Command
