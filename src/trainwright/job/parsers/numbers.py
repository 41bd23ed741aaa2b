"""Numbers as logs write them."""

from __future__ import annotations

import re
from math import isfinite

_MOST = 2**53
NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
SPECIAL = r"[-+]?(?:[nN]a[nN]|NAN|[iI]nf(?:inity)?|INF)"

_WHOLE = re.compile(rf"\s*(?:(?P<number>{NUMBER})\s*(?P<percent>%)?|(?P<special>{SPECIAL}))\s*")
_WRAPPED = re.compile(
    r"\b(?:np\.\w+|numpy\.\w+|(?:torch\.)?tensor|Array|array|DeviceArray|mx\.array|tf\.Tensor)"
    r"\(\s*\[?\s*([-+\w.]+)\s*\]?\s*(?:,[^()]{0,80})?\)"
)
_IOU = re.compile(r"AP@(?:\[\s*)?(?:IoU=)?0?\.50?(?![\d.])([:-]0?\.95)?(?:\s*\])?")
_KEYPOINTS = re.compile(r"\b(A[PR]) ?(?:0?\.(5|75)0?|\(([SMLEH])\))(?=['\"]?\s*[:=])")
_CLOCK = re.compile(r"(?:(\d+) days?, *)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)")


def unwrap(text: str) -> str:
    """`np.float64(0.5)` becomes `0.5`; `mAP@.5:.95`, `AP .75` and `AR (M)` become one word."""
    if "(" in text:
        text = _WRAPPED.sub(r"\1", text)
    if "AP@" in text:
        text = _IOU.sub(lambda m: "AP50_95" if m[1] else "AP50", text)
    if "AP" in text or "AR" in text:
        text = _KEYPOINTS.sub(_keypoint_name, text)
    return text


def _keypoint_name(match: re.Match[str]) -> str:
    measure, threshold, size = match.groups()
    return f"{measure}_{size}" if size else f"{measure}{threshold.ljust(2, '0')}"


def to_float(text: str) -> float | None:
    """A number or `nan`/`inf`; with `%` as the fraction; anything else is `None`."""
    match = _WHOLE.fullmatch(text)
    if match is None or len(text) > 64:
        return None
    if match["special"]:
        return float(match["special"])
    value = float(match["number"].replace(",", ""))
    return fraction(value) if match["percent"] else value


def fraction(percent: float) -> float:
    """Percent as a fraction, without the noise that dividing by 100 leaves."""
    return round(percent / 100, 12) if isfinite(percent) else percent


def is_decimal(text: str) -> bool:
    """It is written as a measured value, not as a count."""
    return not text.lstrip("+-").isdigit() and "," not in text


def seconds(clock: str) -> float | None:
    """`1:02:03`, `02:03` or `1 day, 2:03:04` in seconds."""
    match = _CLOCK.fullmatch(clock.strip())
    if match is None:
        return None
    days, hours, minutes, secs = (float(g or 0) for g in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + secs


def to_int(text: str | None) -> int | None:
    """A count, or `None` when it is none or absurdly long."""
    return int(text) if text and len(text) < 16 and text.isascii() and text.isdigit() else None


def whole(value: float | None) -> int | None:
    """A count as an integer; `None` for anything that counts nothing or absurdly much."""
    if value is None or not 0 <= value <= _MOST or value != int(value):
        return None
    return int(value)
