"""Passwords, kept as argon2id hashes."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from trainwright.spec.errors import InvalidRequestError

MIN_LENGTH = 8
MAX_LENGTH = 1024

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("no account has this password")


def hash_password(password: str) -> str:
    """An argon2id hash with its salt and parameters.

    Raises:
        InvalidRequestError: Shorter than 8 or longer than 1024 characters.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidRequestError(
            "the password is too short or too long",
            field="password",
            expected=f"{MIN_LENGTH} to {MAX_LENGTH} characters",
        )
    return _hasher.hash(password)


def password_matches(hashed: str | None, password: str) -> bool:
    """Whether `password` is the one hashed; takes as long when there is no account."""
    try:
        return _hasher.verify(hashed or _NOBODY, password[:MAX_LENGTH]) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False
