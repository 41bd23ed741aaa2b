from __future__ import annotations

import click

from trainwright.cli.command import Group


@click.group(cls=Group)
def targets() -> None:
    """Places where runs may execute."""


@targets.command("list")
def list_targets(as_json: bool) -> None:
    """List targets and what they offer."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show, table

    with platform(quiet=as_json) as client:
        found = client.targets()
    if as_json:
        print_json(found)
        return
    rows = (
        (
            t.name,
            t.kind,
            _or_dash(t.gpus),
            _or_dash(t.cpus),
            _or_dash(t.memory_gb),
            "yes" if t.default else "",
        )
        for t in found
    )
    columns = ("target", "kind", "GPUs", "CPUs", "memory (GB)", "default")
    show(table(columns, rows, right="GPUs,CPUs,memory (GB)"))


@targets.command()
@click.argument("name", default="local")
def test(name: str, as_json: bool) -> None:
    """Check that the target NAME can run something. The exit code is 1 when it cannot."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        outcome = client.test_target(name)
    if as_json:
        print_json(outcome)
    else:
        mark = click.style("ok", fg="green") if outcome.ok else click.style("failed", fg="red")
        click.echo(f"{outcome.name}: {mark}, {outcome.message} ({outcome.duration_ms:.0f} ms)")
    raise SystemExit(0 if outcome.ok else 1)


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
