"""Numbers as both languages write them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from trainwright.server.diagnosis.wording import Language

NOTHING = "–"
_SMALL, _LARGE = 1e-4, 1e7
_UNITS = {"en": (" d", " h", " min", " s"), "ko": ("일", "시간", "분", "초")}


def metric(value: float | None) -> str:
    """A measured value in four digits that tell: `0.0312`, `97.41`, `1.2e-5`."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value != 0 and not _SMALL <= abs(value) < _LARGE:
        head, _, power = f"{value:.2e}".partition("e")
        return f"{head.rstrip('0').rstrip('.')}e{int(power)}"
    digits = 4 if value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(value: float) -> str:
    """A part of a whole: `97.3%`."""
    return f"{100 * value:.1f}%"


def duration(seconds: float | None, language: Language) -> str:
    """The two largest units: `2 min 5 s`, `2분 5초`."""
    if seconds is None:
        return NOTHING
    if seconds < 10:
        return f"{seconds:.1f}{_UNITS[language][3]}"
    minutes, secs = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    counts = (days, hours, minutes, secs)
    first = next(place for place, count in enumerate(counts) if count)
    pairs = list(zip(counts, _UNITS[language], strict=True))[first : first + 2]
    return " ".join(f"{count}{unit}" for count, unit in pairs if count)


def moment(value: datetime | None) -> str:
    return NOTHING if value is None else f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
