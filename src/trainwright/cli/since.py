"""Moments and spans as people name them: how long ago, when, how long."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(s|m|h|d|w)", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def span(ctx: click.Context, param: click.Parameter, value: str) -> timedelta:
    """A length of time, `30m`, `12h` or `7d`, as an option's callback."""
    found = _SPAN.fullmatch(value.strip())
    try:
        if found is not None:
            return timedelta(seconds=_seconds(found))
    except OverflowError:
        pass
    message = f"{value!r} is no length of time: write 30m, 12h or 7d"
    raise click.BadParameter(message, ctx, param)


def since_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--since",
        metavar="WHEN",
        callback=_moment,
        help="Only from then on: 10m, 2h, 1d ago, or a date and time.",
    )(function)


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """`10m`, `2h`, `1d`, or a date and time; without a zone it is this machine's."""
    if value is None:
        return None
    try:
        if ago := _SPAN.fullmatch(value.strip()):
            return datetime.now(UTC) - timedelta(seconds=_seconds(ago))
        return datetime.fromisoformat(value.strip()).astimezone()
    except (ValueError, OverflowError):
        message = f"{value!r} is no time: write 10m, 2h, 1d or 2026-01-31T12:00"
        raise click.BadParameter(message, ctx, param) from None


def _seconds(span: re.Match[str]) -> float:
    return float(span[1]) * _SECONDS[span[2].lower()]
