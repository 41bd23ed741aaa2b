"""`webhooks add`, `list`, `test`, `deliveries`, `retry`, `remove` and `allow`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trainwright.cli.command import Group

if TYPE_CHECKING:
    from trainwright.spec.api import DeliveryView


@click.group(cls=Group)
def webhooks() -> None:
    """Addresses that are told what happens to runs."""


@webhooks.command(examples=["webhooks add https://hooks.example.org/x --event alert.opened"])
@click.argument("url")
@click.option("--event", "-e", "events", multiple=True, help="Such as run.failed. May be repeated.")
@click.option("--secret", help="What deliveries are signed with; default: a random one.")
@click.option("--everyone", is_flag=True, help="Of everyone's runs; an admin may.")
def add(
    url: str, events: tuple[str, ...], secret: str | None, everyone: bool, as_json: bool
) -> None:
    """Have news posted to URL."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        added = client.add_webhook(url, events, secret=secret, everyone=everyone)
    if as_json:
        print_json(added)
        return
    click.echo(f"{added.id} is told of: {', '.join(added.events)}")
    click.echo(f"the secret, shown this once: {added.secret}")


@webhooks.command("list")
def list_webhooks(as_json: bool) -> None:
    """List webhooks, and what they have not been told."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show, table

    with platform(quiet=as_json) as client:
        found = client.webhooks()
    if as_json:
        print_json(found)
        return
    rows = (
        (w.id, w.url, ", ".join(w.events), "yes" if w.enabled else "no", w.waiting, w.dead)
        for w in found
    )
    columns = ("webhook", "url", "events", "on", "waiting", "dead")
    shown = table(columns, rows, right="waiting,dead")
    show(shown if found else "no webhooks yet: trainwright webhooks add URL")


@webhooks.command()
@click.argument("webhook")
def test(webhook: str, as_json: bool) -> None:
    """Post a test to WEBHOOK now. The exit code is 1 when it is not taken."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        outcome = client.test_webhook(webhook)
    _end(outcome, as_json=as_json)


@webhooks.command()
@click.argument("webhook")
@click.option("--status", type=click.Choice(["waiting", "delivered", "dead"]))
@click.option("--limit", "-n", default=20, show_default=True, type=click.IntRange(1, 1000))
def deliveries(webhook: str, status: str | None, limit: int, as_json: bool) -> None:
    """What WEBHOOK was told, is still to be told, or could not be told (dead)."""
    from trainwright.api.panel.words import age
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show, table

    with platform(quiet=as_json) as client:
        found = client.deliveries(webhook, status=status, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = (
        (d.id, d.event, d.status, d.tries, age(d.created_at), d.last_error or "") for d in found
    )
    columns = ("delivery", "event", "status", "tries", "age", "last error")
    none = f"nothing was told yet; try it: trainwright webhooks test {webhook}"
    show(table(columns, rows, right="tries") if found else none)


@webhooks.command()
@click.argument("webhook")
@click.argument("delivery")
def retry(webhook: str, delivery: str, as_json: bool) -> None:
    """Try DELIVERY of WEBHOOK again now. The exit code is 1 when it is not taken."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        outcome = client.retry_delivery(webhook, delivery)
    _end(outcome, as_json=as_json)


@webhooks.command()
@click.argument("webhook")
def remove(webhook: str, as_json: bool) -> None:
    """Forget WEBHOOK, and what it has not been told."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        client.remove_webhook(webhook)
    if as_json:
        print_json({"removed": webhook})
    else:
        click.echo(f"{webhook} is removed")


@webhooks.command(examples=["webhooks allow 10.0.0.7:8080 hooks.internal"])
@click.argument("hosts", nargs=-1)
def allow(hosts: tuple[str, ...], as_json: bool) -> None:
    """Let webhooks lead to these private HOSTS, and to no others; an admin may.

    A name, an address or a network, each but the last perhaps with a port. Without any: none.
    """
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        settings = client.allow_webhook_hosts(hosts)
    if as_json:
        print_json(settings)
    else:
        click.echo(f"allowed: {', '.join(settings.webhook_hosts) or 'public addresses only'}")


def _end(outcome: DeliveryView, *, as_json: bool) -> None:
    from trainwright.cli.output import print_json

    is_taken = outcome.status == "delivered"
    if as_json:
        print_json(outcome)
    elif is_taken:
        click.echo(f"{outcome.id}: taken, with {outcome.last_code}")
    else:
        click.echo(f"{outcome.id}: {click.style('not taken', fg='red')}, {outcome.last_error}")
    raise SystemExit(0 if is_taken else 1)
