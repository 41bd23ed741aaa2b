"""`settings`: what the platform keeps for everyone."""

from __future__ import annotations

from typing import Any

import click

from trainwright.cli.arguments import setting_option
from trainwright.cli.command import Command


@click.command(
    cls=Command, examples=["settings --set trash_days=30", "settings --set keep_checkpoints=0"]
)
@setting_option("Change a setting, such as trash_days=30.")
def settings(settings: dict[str, Any], as_json: bool) -> None:
    """Show the platform's settings; an admin changes them with --set."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show, table

    with platform(quiet=as_json) as client:
        found = client.change_settings(**settings) if settings else client.settings()
    if as_json:
        print_json(found)
        return
    rows = [
        (name, _shown(getattr(found, name)), field.description or "")
        for name, field in type(found).model_fields.items()
    ]
    show(table(("setting", "value", "meaning"), rows))


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)
