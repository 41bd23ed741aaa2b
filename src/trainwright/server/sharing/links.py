"""What links to runs are made of: the id of a row, signed."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode

PREFIX = "tws_"
"""Log lines are searched for it, so that no link stands in a log."""

_FORM = re.compile(r"tws_([a-z0-9]{1,32})_([A-Za-z0-9_-]{43})")


class ShareLinks:
    """Makes and reads the tokens of links.

    When a link ends stands in its row alone, so that it can be ended at any time. The row holds
    nothing of the token: who reads the database, or a backup of it, can follow no link.

    Args:
        secret: What tokens of people are signed with, too; where it changes, all links end.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"share", hashlib.sha256)

    def token(self, share_id: str) -> str:
        return f"{PREFIX}{share_id}_{self._signature(share_id)}"

    def read(self, token: str) -> str | None:
        """The id of the row a token stands for; None if it was not made here."""
        found = _FORM.fullmatch(token)
        if found is None or not hmac.compare_digest(found[2], self._signature(found[1])):
            return None
        return found[1]

    def _signature(self, share_id: str) -> str:
        digest = hmac.digest(self._key, share_id.encode(), hashlib.sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")
