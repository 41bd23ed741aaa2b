"""`secrets.json` of the home: what signs tokens, and what services show each other."""

from __future__ import annotations

import secrets

from filelock import FileLock
from pydantic import BaseModel, Field, ValidationError

from trainwright.files import storage_error, write_atomic
from trainwright.settings import Home, Settings
from trainwright.spec.errors import InvalidRequestError, StorageError

MIN_LENGTH = 32


class Secrets(BaseModel):
    jwt_secret: str = Field(min_length=MIN_LENGTH)
    service_token: str = Field(min_length=MIN_LENGTH)


def load_secrets(settings: Settings) -> Secrets:
    """The home's secrets, made at the first start; `JWT_SECRET` takes the place of the kept one.

    Raises:
        StorageError: The home cannot be written, or its secrets are damaged.
        InvalidRequestError: `JWT_SECRET` is too short.
    """
    kept = _load_or_make(settings.home)
    if not settings.jwt_secret:
        return kept
    if len(settings.jwt_secret) < MIN_LENGTH:
        raise InvalidRequestError(
            "JWT_SECRET is too short",
            field="JWT_SECRET",
            expected=f"at least {MIN_LENGTH} characters",
            mend="export JWT_SECRET=$(openssl rand -base64 48)",
        )
    return Secrets(jwt_secret=settings.jwt_secret, service_token=kept.service_token)


def _load_or_make(home: Home) -> Secrets:
    try:
        home.path.mkdir(parents=True, exist_ok=True)
        # the api and the worker may both be starting for the first time
        with FileLock(home.secrets.with_suffix(".lock"), mode=0o600):
            if home.secrets.exists():
                return _read(home)
            made = Secrets(
                jwt_secret=secrets.token_urlsafe(48), service_token=secrets.token_urlsafe(32)
            )
            write_atomic(home.secrets, made.model_dump_json(indent=2) + "\n", mode=0o600)
            return made
    except OSError as error:
        raise storage_error(home.secrets, error) from error


def _read(home: Home) -> Secrets:
    try:
        return Secrets.model_validate_json(home.secrets.read_bytes())
    except ValidationError:
        # new ones would sign everybody out and lock running agents out, unasked
        raise StorageError(
            f"{home.secrets} is damaged",
            expected="the file as it was, from a backup",
            mend=f"rm {home.secrets}  (new secrets are made; everybody signs in again)",
        ) from None
