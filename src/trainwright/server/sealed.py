"""Secrets that must be read again, encrypted for the database with a key of the home's."""

from __future__ import annotations

import hashlib
import hmac

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from trainwright.spec.errors import StorageError

_HEADER = {"alg": "dir", "enc": "A256GCM"}


class Sealer:
    """Encrypts and decrypts, with a key drawn from the home's service token.

    Args:
        service_token: Of `secrets.json`; where it changes, what was sealed is lost.
        purpose: Another key for each.
    """

    def __init__(self, service_token: str, purpose: str) -> None:
        key = hmac.digest(service_token.encode(), f"sealed:{purpose}".encode(), hashlib.sha256)
        self._key = OctKey.import_key(key)

    def seal(self, text: str) -> str:
        """What the database may keep."""
        return jwe.encrypt_compact(_HEADER, text.encode(), self._key)

    def open(self, sealed: str) -> str:
        """The text that was sealed.

        Raises:
            StorageError: It was sealed with another home's secrets, or is damaged.
        """
        try:
            found = jwe.decrypt_compact(sealed, self._key).plaintext
        except (JoseError, ValueError) as error:
            raise StorageError(
                f"a kept secret cannot be read: {error}",
                expected="the home's secrets.json as it was when the secret was kept",
                mend="set the secret again",
            ) from None
        return (found or b"").decode()
