"""From the token of a link to the run it shows, as long as it does."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from trainwright.server.auth import principal_of
from trainwright.server.services import Platform, Services
from trainwright.server.throttle import client_of
from trainwright.spec.errors import GoneError, NotFoundError, UnauthorizedError
from trainwright.spec.events import utc_now
from trainwright.store.models import Run, Share
from trainwright.store.repositories import Shared, Shares

_ASK = "ask whoever sent it for another one"

Token = Annotated[str, Path(max_length=200, description="What the link ends with.")]


class Guest(NamedTuple):
    """Somebody who came by a link."""

    run: Run
    share: Share


def guest_now(services: Services, token: str, client: str) -> Guest:
    """Whom a token lets in, and to which run.

    Only what was not signed here counts as a guess: a link that has ended is often followed, and
    one that is good is let in however many guesses others make from the same address.

    Raises:
        NotFoundError: It is no link of this platform.
        GoneError: It was one, and has ended.
        TooManyRequestsError: Too many guesses lately.
    """
    share_id = services.share_links.read(token)
    if share_id is None:
        services.throttle.attempt(f"share:{client}")
        raise NotFoundError("there is no such link", expected="the link whole, as it was sent")
    with services.database.session(write=False) as session:
        found = Shares(session).find(share_id)
    if found is None:
        raise GoneError("the run was deleted, and its link with it")
    _check(found)
    return Guest(found.run, found.share)


def _check(found: Shared) -> None:
    share, run, _ = found
    if share.revoked_at is not None:
        raise GoneError("this link was revoked", mend=_ASK)
    if share.expires_at <= utc_now():
        raise GoneError(f"this link ended at {share.expires_at:%Y-%m-%d %H:%M} UTC", mend=_ASK)
    if run.deleted_at is not None:
        raise GoneError("the run was deleted")
    if not _may_share(found):
        raise GoneError("who made this link may no longer share the run", mend=_ASK)


def _may_share(found: Shared) -> bool:
    try:
        user = principal_of(found.user)
    except UnauthorizedError:
        return False
    return user.may_write and user.scope in (None, found.run.owner_id)


def _guest(token: Token, connection: HTTPConnection, services: Platform) -> Guest:
    return guest_now(services, token, client_of(connection))


GuestOf = Annotated[Guest, Depends(_guest)]
