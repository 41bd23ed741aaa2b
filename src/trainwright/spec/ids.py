"""Identifiers that sort by time, are easy to type, and are safe in paths, URLs and shells."""

from __future__ import annotations

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32: no i, l, o, u


def new_id(prefix: str = "") -> str:
    """`prefix` + 7 characters of time (seconds) + 6 random ones."""
    number, digits = int(time.time()), ""
    for _ in range(7):
        number, rest = divmod(number, 32)
        digits = _ALPHABET[rest] + digits
    return prefix + digits + "".join(secrets.choice(_ALPHABET) for _ in range(6))
