"""Numbers, durations and sizes as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime


def duration(seconds: float | None) -> str:
    """`8 s`, `1:05`, `2:03:20`, `3 d 4 h`; a dash when it is not known."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return f"{minutes}:{secs:02}"
    if hours < 48:
        return f"{hours}:{minutes:02}:{secs:02}"
    return f"{hours // 24} d {hours % 24} h"


def size(count: int | None) -> str:
    """Bytes in decimal units: `512 B`, `2.4 kB`, `97 MB`."""
    if count is None:
        return "–"
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.2g} {unit}"


def number(value: float | None) -> str:
    """Four significant digits; whole numbers stay whole."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value)}"
    if abs(value) < 1e-3 or abs(value) >= 1e6:
        return f"{value:.3g}"
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.5g}"


def age(moment: datetime | None, now: datetime | None = None) -> str:
    """How long ago: `now`, `5 min`, `3 h`, `12 d`."""
    if moment is None:
        return "–"
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return "now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return f"{int(seconds // 3600)} h" if seconds < 2 * 86400 else f"{int(seconds // 86400)} d"


def counted(value: int, noun: str) -> str:
    """`1 file`, `3 files`, `2 classes`."""
    ending = "" if value == 1 else "es" if noun.endswith("s") else "s"
    return f"{value} {noun}{ending}"
