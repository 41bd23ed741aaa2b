"""Who is asking, and what they may do.

Three roles: an admin sees and changes everything, a user their own things, a viewer sees
everything and changes nothing. Other people's runs do not exist for a user: 404, not 403.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from fastapi.routing import iter_route_contexts
from fastapi.security import OAuth2PasswordBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.routing import Match

from trainwright.server.services import Services, services_of
from trainwright.server.tokens import OPAQUE_PREFIX, Holder, Kind
from trainwright.spec.errors import (
    ForbiddenError,
    InvalidRequestError,
    TrainwrightError,
    UnauthorizedError,
)
from trainwright.store.models import Role, Token, User
from trainwright.store.repositories import Sessions, Tokens, Users

COOKIE = "trainwright_session"
_NOT_VALID = "the token is not valid, or has expired"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_scheme = OAuth2PasswordBearer(
    tokenUrl="/api/v1/auth/token",
    auto_error=False,
    description="The local token of the home, an API token, or one from `POST /auth/token`.",
)


@dataclass(frozen=True)
class Principal:
    """The user behind a request.

    Attributes:
        id: The user's id.
        name: The user's name.
        role: What they may do.
        stamp: Another one for each password, and nothing to guess it by: signed tokens carry it,
            so that those of an older password are refused.
        token_id: The API token they came with, also by a session, ticket or link made with it,
            which end with it; empty: none.
        session_id: The sign-in that what they came with belongs to; empty: none.
    """

    id: str
    name: str
    role: Role
    stamp: str = ""
    token_id: str = ""
    session_id: str = ""

    @property
    def holder(self) -> Holder:
        """What is signed or kept in their name."""
        return Holder(self.id, self.stamp, token_id=self.token_id, session_id=self.session_id)

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def may_write(self) -> bool:
        return self.role is not Role.VIEWER

    @property
    def scope(self) -> str | None:
        """The only owner whose things are seen; None for everyone's."""
        return self.id if self.role is Role.USER else None


def principal_of(user: User | None, token_id: str = "", session_id: str = "") -> Principal:
    if user is None or user.disabled:
        raise UnauthorizedError(_NOT_VALID)
    stamp = hashlib.sha256(user.password_hash.encode()).hexdigest() if user.password_hash else ""
    return Principal(user.id, user.name, Role(user.role), stamp, token_id, session_id)


class Caller(NamedTuple):
    """A user and the token they showed.

    Attributes:
        user: Who they are.
        until: When the token expires, seconds since the epoch.
    """

    user: Principal
    until: float


def identify(services: Services, token: str) -> Caller:
    """The user a token stands for.

    Raises:
        UnauthorizedError: It is unknown, expired or revoked, or its user is disabled.
    """
    if not token.startswith(OPAQUE_PREFIX):
        return caller_now(services, services.signer.read("access", token))
    with services.database.session(write=False) as session:
        found = Tokens(session).find(token)
    if found is None:
        raise UnauthorizedError(_NOT_VALID)
    row, user = found
    return Caller(principal_of(user, row.id), _end_of(row))


def signed_in(services: Services, kind: Kind, token: str) -> Principal:
    """The user a signed token of this kind stands for.

    Raises:
        UnauthorizedError: It is not valid, or the same as in `caller_now`.
    """
    return caller_now(services, services.signer.read(kind, token)).user


def caller_now(services: Services, holder: Holder) -> Caller:
    """The user whom something signed or kept stands for, and until when.

    Raises:
        UnauthorizedError: They are disabled, or have another password since; or the API token it
            was made with, or the sign-in it belongs to, has ended.
    """
    until = holder.until
    with services.database.session(write=False) as session:
        found = session.get(User, holder.user_id)
        user = principal_of(found, holder.token_id, holder.session_id)
        if holder.token_id:
            if (token := Tokens(session).find_good(holder.token_id)) is None:
                raise UnauthorizedError("the API token behind it has ended", mend="sign in again")
            until = min(until, _end_of(token))
        if holder.session_id and Sessions(session).has_ended(user.id, holder.session_id):
            raise UnauthorizedError("it was signed out", mend="sign in again")
    if not hmac.compare_digest(user.stamp.encode(), holder.stamp.encode()):
        raise UnauthorizedError("the password was changed since", mend="sign in again")
    return Caller(user, until)


def _end_of(token: Token) -> float:
    return token.expires_at.timestamp() if token.expires_at else math.inf


def check_origin(services: Services, connection: HTTPConnection) -> None:
    """Let only our own pages, and what is no page, sign a browser in.

    Raises:
        ForbiddenError: The request comes from another origin.
    """
    headers = connection.headers
    if not services.hosts.allows_origin(headers.get("origin"), headers.get("host")):
        raise ForbiddenError("this request comes from a page of another origin")


def cookie_token(services: Services, connection: HTTPConnection, *, changes: bool) -> str | None:
    """The session cookie, unless another site's page is using it.

    Raises:
        ForbiddenError: The request would change something and comes from another origin.
    """
    token = connection.cookies.get(COOKIE)
    if token and changes:
        check_origin(services, connection)
    return token


async def caller_of(request: Request) -> Principal:
    """Who makes the request.

    Looked up once for all requests of a moment, which ends when anything is committed: a token that
    is revoked, or a user who is disabled or has another role, is that at once.

    Raises:
        UnauthorizedError: Nobody known.
        ForbiddenError: It would change something, and a page of another origin makes it.
    """
    known: Principal | None = getattr(request.state, "user", None)
    if known is not None:
        return known
    services = services_of(request)
    changes = request.method not in _SAFE
    token = await _scheme(request) or cookie_token(services, request, changes=changes)
    if not token:
        raise UnauthorizedError(
            "a token is needed", expected="the header `Authorization: Bearer <token>`"
        )
    moment = await services.moments.now()
    caller = moment.callers.get(token)
    if caller is None or caller.until <= time.time():
        caller = await run_in_threadpool(identify, services, token)
        moment.callers[token] = caller
    request.state.user, request.state.user_id = caller.user, caller.user.id
    return caller.user


async def current_user(
    request: Request,
    bearer: Annotated[str | None, Depends(_scheme)],  # noqa: ARG001 (for the schema page)
) -> Principal:
    return await caller_of(request)


async def refusal(request: Request) -> TrainwrightError | None:
    """Why whoever sent something that cannot be read is told nothing of it; None where they may be.

    The framework reads bodies before it asks who is there.
    """
    for route in iter_route_contexts(request.app.routes):
        if route.matches(request.scope)[0] is Match.FULL:
            asked = getattr(route, "dependant", None)
            if asked is None or current_user not in [one.call for one in asked.dependencies]:
                return None
            break
    try:
        await caller_of(request)
    except TrainwrightError as error:
        return error
    return None


Reader = Annotated[Principal, Depends(current_user)]


async def _writer(user: Reader) -> Principal:
    if not user.may_write:
        raise ForbiddenError("a viewer cannot change anything", expected="role user or admin")
    return user


Writer = Annotated[Principal, Depends(_writer)]


async def _admin(user: Reader) -> Principal:
    if not user.is_admin:
        raise ForbiddenError("only an admin may do this", expected="role admin")
    return user


Admin = Annotated[Principal, Depends(_admin)]


def of_link(services: Services, code: str, client: str) -> Principal:
    """The user whom an unused sign-in link was made for; guessing is slowed down by client.

    Raises:
        UnauthorizedError: It is unknown, used or too old.
        TooManyRequestsError: Too many failures lately.
    """
    key = f"link:{client}"
    services.throttle.attempt(key)
    holder = services.links.redeem(code)
    if holder is None:
        raise UnauthorizedError("the link is not valid: it was used, or is too old")
    user = caller_now(services, holder).user
    services.throttle.succeed(key)
    return replace(user, session_id="")  # the browser that follows it is another


def of_password(services: Services, name: str, password: str, client: str) -> Principal:
    """The user with this name and password; guessing is slowed down by name and by client.

    Raises:
        UnauthorizedError: There is no such user, or the password is another.
        TooManyRequestsError: Too many failures lately.
    """
    from trainwright.server.passwords import password_matches  # noqa: PLC0415 (slow to load)

    keys = (f"name:{name.lower()}", f"client:{client}")
    services.throttle.attempt(*keys)
    with services.database.session(write=False) as session:
        user = Users(session).find(name)
    if not password_matches(user.password_hash if user else None, password):
        raise UnauthorizedError("wrong name or password")
    services.throttle.succeed(*keys)
    return principal_of(user)


def check_password(services: Services, user: Principal, password: str) -> None:
    """Let people go on who know their password, or have none; guessing is slowed down.

    Raises:
        InvalidRequestError: It is another.
        TooManyRequestsError: Too many failures lately.
    """
    from trainwright.server.passwords import password_matches  # noqa: PLC0415 (slow to load)

    with services.database.session(write=False) as session:
        hashed = Users(session).get(user.id).password_hash
    if hashed is None:
        return
    key = f"name:{user.name.lower()}"
    services.throttle.attempt(key)
    if not password_matches(hashed, password):
        raise InvalidRequestError(
            "it is not the password so far",
            field="old_password",
            expected="the password you sign in with now",
        )
    services.throttle.succeed(key)
