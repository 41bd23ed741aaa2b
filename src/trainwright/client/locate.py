"""Where the platform of a home listens, and the token its owner uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trainwright.platform import read_platform
from trainwright.settings import Home, load
from trainwright.spec.errors import UnauthorizedError, UnavailableError

START = "trainwright up"


@dataclass(frozen=True)
class Address:
    """Where a platform listens, and the token to show there.

    Attributes:
        here: It runs on this machine, as this home's records say.
    """

    url: str
    token: str | None
    here: bool = False


def as_home(home: Home | Path | str | None) -> Home:
    if home is None:
        return load().home
    return home if isinstance(home, Home) else Home(Path(home).expanduser().absolute())


def read_url(home: Home) -> str | None:
    """The URL in `platform.json`, or None when no platform has said where it listens."""
    record = read_platform(home)
    return str(record["url"]).rstrip("/") if record else None


def read_token(home: Home) -> str | None:
    try:
        return home.token.read_text().strip() or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnauthorizedError(
            f"cannot read the local token {home.token}: {error.strerror}",
            expected="the account that started the platform",
        ) from None


def find_address(
    url: str | None = None, token: str | None = None, home: Home | Path | str | None = None
) -> Address:
    """The platform to talk to: the one named, or the one running on the home.

    The home's token goes to the home's own platform only, or where the caller names both.

    Raises:
        UnavailableError: No platform runs on the home.
        UnauthorizedError: The home's token cannot be read.
    """
    place = as_home(home)
    local = read_url(place)
    found = (url or local or "").rstrip("/")
    if not found:
        raise UnavailableError(f"no platform is running on {place.path}", mend=START)
    if token is None and (found == local or (url and home is not None)):
        token = read_token(place)
    return Address(found, _usable(token) if token else None, here=found == local)


def _usable(token: str) -> str:
    """The token as it can be sent; one read from a file may end in a new line."""
    token = token.strip()
    if token.isascii() and token.isprintable() and " " not in token:
        return token
    raise UnauthorizedError("the token cannot be one", expected="letters and digits, as printed")
