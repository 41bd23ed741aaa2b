"""Signatures by which a receiver knows that a delivery is ours, and fresh.

`X-Trainwright-Signature: t=<seconds since 1970>,v1=<hex>`, where the latter is the HMAC-SHA256 of
`<t>.<body>` with the webhook's secret.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

HEADER = "X-Trainwright-Signature"
FRESH_SECONDS = 300
"""A receiver should refuse what is older: somebody may be sending it again."""


def new_secret() -> str:
    return "whsec_" + secrets.token_urlsafe(32)


def sign(secret: str, body: bytes, at: int) -> str:
    """The signature header's value."""
    return f"t={at},v1={_digest(secret, body, at)}"


def is_signed(secret: str, body: bytes, header: str, now: int) -> bool:
    """Whether a delivery's signature is right and fresh: what a receiver does."""
    parts = dict(item.partition("=")[::2] for item in header.split(","))
    at = parts.get("t", "")
    if not at.isascii() or not at.isdigit() or abs(now - int(at)) > FRESH_SECONDS:
        return False
    return hmac.compare_digest(_digest(secret, body, int(at)), parts.get("v1", ""))


def _digest(secret: str, body: bytes, at: int) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
