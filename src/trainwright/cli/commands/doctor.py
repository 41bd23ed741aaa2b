from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trainwright.cli.command import Command
from trainwright.cli.program import remedy, runnable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainwright.doctor import Fix, Report

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


@click.command(
    cls=Command,
    examples=[
        "doctor --fix",
    ],
)
@click.option("--fix", is_flag=True, help="Mend what can be mended; says what before it does it.")
@click.option("--yes", "-y", is_flag=True, help="With --fix: do not ask.")
def doctor(fix: bool, yes: bool, as_json: bool) -> None:
    """Find what is wrong with this installation, and mend it with --fix.

    The exit code is 1 when something is broken; warnings are fine.
    """
    from trainwright.cli.output import print_json
    from trainwright.doctor import Level, examine
    from trainwright.settings import load

    settings = load()
    reports = examine(settings)
    fixes = [f.fix for r in reports for f in r.findings if f.fix]
    if not as_json:
        _show(reports)
    done: list[dict[str, Any]] = []
    if fix and fixes:
        done = _apply(fixes, yes=yes, quiet=as_json)
        reports = examine(settings)
    broken = any(r.level == Level.FAIL for r in reports)
    if as_json:
        print_json({"ok": not broken, "checks": [_body(r) for r in reports], "fixed": done})
    elif fixes and not fix:
        mend = runnable("trainwright doctor --fix")
        click.echo(f"\n{len(fixes)} of these can be mended with: {mend}")
    raise SystemExit(1 if broken else 0)


def _show(reports: Sequence[Report]) -> None:
    for report in reports:
        for finding in report.findings:
            mark, colour = _MARKS[finding.level]
            click.secho(f"{mark} ", fg=colour, nl=False)
            click.secho(f"{report.check.title}: ", dim=True, nl=False)
            click.echo(finding.message)
            if finding.mend:
                click.echo(f"    {remedy(finding.mend)}")


def _apply(fixes: Sequence[Fix], *, yes: bool, quiet: bool) -> list[dict[str, Any]]:
    """Say what will be done, ask, do it. One that fails does not keep the others from it."""
    from trainwright.cli.arguments import confirm

    if not quiet:
        click.echo("\nThis will be done:")
        for fix in fixes:
            click.echo(f"  - {fix.does}")
    confirm("Do it?", yes=yes)
    done = []
    for fix in fixes:
        try:
            fix.apply()
            outcome: dict[str, Any] = {"does": fix.does, "ok": True}
        except Exception as error:  # noqa: BLE001 (a repair may fail in any way; it is reported)
            outcome = {"does": fix.does, "ok": False, "error": str(error)}
        done.append(outcome)
        if not quiet:
            click.echo(
                f"  {'done' if outcome['ok'] else 'failed'}: {fix.does}"
                + (f": {outcome['error']}" if not outcome["ok"] else "")
            )
    return done


def _body(report: Report) -> dict[str, Any]:
    return {
        "id": report.check.id,
        "title": report.check.title,
        "level": report.level.value,
        "findings": [
            {
                "level": f.level.value,
                "message": f.message,
                "mend": f.mend,
                "fix": f.fix.does if f.fix else None,
            }
            for f in report.findings
        ],
    }
