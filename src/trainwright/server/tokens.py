"""Signed tokens that expire: for signed-in people, their renewal, and WebSockets."""

from __future__ import annotations

import math
import secrets
import time
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from trainwright.spec.errors import InvalidRequestError, UnauthorizedError

Kind = Literal["access", "refresh", "ticket"]

ALGORITHMS = ("HS256", "HS384", "HS512")
REFRESH_SECONDS = 14 * 24 * 3600
TICKET_SECONDS = 30
OPAQUE_PREFIX = "tw_"
"""API tokens, which the store keeps hashed, begin with it; signed tokens never do."""


class Holder(NamedTuple):
    """Whom a signed token stands for.

    Attributes:
        user_id: The user.
        stamp: What the user's password was when it was signed, see `auth.Principal`.
        until: When the token expires, seconds since the epoch.
        token_id: The API token it was made with, and ends with; empty: none.
        session_id: The sign-in it belongs to, and ends with; empty: none.
    """

    user_id: str
    stamp: str = ""
    until: float = math.inf
    token_id: str = ""
    session_id: str = ""


@dataclass
class Signer:
    """Makes and reads the API's JWTs.

    Args:
        secret: The key, at least 32 characters.
        algorithm: One of HS256, HS384, HS512.
        access_seconds: Life of an access token.
    """

    secret: str
    algorithm: str = "HS256"
    access_seconds: int = 3600
    _used: dict[str, float] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise InvalidRequestError(
                f"JWT_ALGORITHM {self.algorithm!r} is not supported",
                field="JWT_ALGORITHM",
                expected=", ".join(ALGORITHMS),
            )
        self._key = OctKey.import_key(self.secret.encode())

    def issue(self, kind: Kind, holder: Holder) -> str:
        now = int(time.time())
        claims = {
            "sub": holder.user_id,
            "pwd": holder.stamp,
            "api": holder.token_id,
            "sid": holder.session_id,
            "typ": kind,
            "iat": now,
            "exp": now + self.life(kind),
            "jti": secrets.token_urlsafe(12),
        }
        return jwt.encode({"alg": self.algorithm}, claims, self._key, algorithms=[self.algorithm])

    def life(self, kind: Kind) -> int:
        """Seconds a token of this kind is good for."""
        lives = {
            "access": self.access_seconds,
            "refresh": REFRESH_SECONDS,
            "ticket": TICKET_SECONDS,
        }
        return lives[kind]

    def read(self, kind: Kind, token: str) -> Holder:
        """The holder of a valid, unexpired token of this kind; a ticket is good once.

        Raises:
            UnauthorizedError: Anything else. It doesn't say which, so as not to help guessing.
        """
        refused = UnauthorizedError("the token is not valid, or has expired")
        try:
            claims = jwt.decode(token, self._key, algorithms=[self.algorithm]).claims
        except (JoseError, ValueError, TypeError):
            raise refused from None
        subject, expiry, name = claims.get("sub"), claims.get("exp"), claims.get("jti")
        if not isinstance(subject, str) or not isinstance(expiry, int) or expiry < time.time():
            raise refused
        if claims.get("typ") != kind or not isinstance(name, str):
            raise refused
        if kind == "ticket":
            self._use_once(name, expiry, refused)
        stamp, token_id, session_id = (str(claims.get(name, "")) for name in ("pwd", "api", "sid"))
        return Holder(subject, stamp, expiry, token_id, session_id)

    def _use_once(self, name: str, expiry: float, refused: UnauthorizedError) -> None:
        now = time.time()
        self._used = {n: e for n, e in self._used.items() if e > now}
        if name in self._used:
            raise refused
        self._used[name] = expiry
