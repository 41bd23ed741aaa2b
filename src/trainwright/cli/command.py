"""What every command has in common: `--json` and `--debug`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

JSON_HELP = "Print JSON for machines, and nothing else, on standard output."


class Command(click.Command):
    """A command that takes `--json` (passed on as `as_json`) and `--debug`.

    Args:
        examples: Command lines that `--help` shows, without the program's name.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.params.append(
            click.Option(["--json", "as_json"], is_flag=True, help=JSON_HELP, default=False)
        )
        # read from the arguments by the error handler, which must know it before parsing is done
        self.params.append(click.Option(["--debug"], is_flag=True, hidden=True, expose_value=False))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    # not `write_text`: a command that is broken in two cannot be copied
                    formatter.write(f"{'':{formatter.current_indent}}trainwright {example}\n")


class Group(click.Group):
    """A group whose commands are `Command`s."""

    command_class = Command
