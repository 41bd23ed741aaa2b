"""`secrets.json` of the home: what signs tokens, and what services show each other."""

from __future__ import annotations

import secrets

from filelock import FileLock
from pydantic import BaseModel, Field

from trainwright.files import storage_error, write_atomic
from trainwright.settings import Home, Settings


class Secrets(BaseModel):
    jwt_secret: str = Field(min_length=32)
    service_token: str = Field(min_length=32)


def load_secrets(settings: Settings) -> Secrets:
    """The home's secrets, made at the first start; `JWT_SECRET` takes the place of the kept one.

    Raises:
        StorageError: The home cannot be written.
        ValidationError: `JWT_SECRET` is shorter than 32 characters, or the file is broken.
    """
    kept = _load_or_make(settings.home)
    if settings.jwt_secret:
        return Secrets(jwt_secret=settings.jwt_secret, service_token=kept.service_token)
    return kept


def _load_or_make(home: Home) -> Secrets:
    try:
        home.path.mkdir(parents=True, exist_ok=True)
        # the api and the worker may both be starting for the first time
        with FileLock(home.secrets.with_suffix(".lock"), mode=0o600):
            if home.secrets.exists():
                return Secrets.model_validate_json(home.secrets.read_bytes())
            made = Secrets(
                jwt_secret=secrets.token_urlsafe(48), service_token=secrets.token_urlsafe(32)
            )
            write_atomic(home.secrets, made.model_dump_json(indent=2) + "\n", mode=0o600)
            return made
    except OSError as error:
        raise storage_error(home.secrets, error) from error
