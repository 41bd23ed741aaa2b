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
    from trainwright import catalog
    from trainwright.api.fields import is_spec_path
    from trainwright.api.request import read_request
    from trainwright.cli.output import print_json
    from trainwright.spec import Chosen, dump_yaml

    if is_spec_path(source):
        spec = read_request(source, settings).spec
    else:
        from trainwright.cli.connection import platform

        with platform(quiet=as_json) as client:
            run = client.run(source)
        chosen = {name: Chosen(who) for name, who in run.provenance.items()}
        spec = catalog.edit(run.spec, chosen, settings).spec
    if as_json:
        print_json(spec)
    else:
        click.echo(dump_yaml(spec), nl=False)
