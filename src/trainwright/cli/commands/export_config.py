from __future__ import annotations

import click

from trainwright.cli.arguments import set_option
from trainwright.cli.command import Command


@click.command(
    "export-config",
    cls=Command,
    examples=[
        "export-config last > spec.yaml",
    ],
)
@click.argument("source", metavar="RUN | SPEC.yaml")
@set_option
def export_config(source: str, settings: dict[str, object], as_json: bool) -> None:
    """Print the whole spec of a run, or of a spec file with every default filled in."""
    from trainwright.api.fields import is_spec_path, merge_fields
    from trainwright.api.request import read_request
    from trainwright.cli.output import print_json
    from trainwright.spec import dump_yaml, validate_spec

    if is_spec_path(source):
        spec = read_request(source, settings).spec
    else:
        from trainwright.cli.connection import platform

        with platform(quiet=as_json) as client:
            spec = validate_spec(merge_fields(client.run(source).spec, settings))
    if as_json:
        print_json(spec)
    else:
        click.echo(dump_yaml(spec), nl=False)
