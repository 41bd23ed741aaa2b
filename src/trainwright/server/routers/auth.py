"""Signing in, and the short-lived tokens that follow from it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import OAuth2PasswordRequestForm

from trainwright.server.answers import DirectRoute
from trainwright.server.auth import (
    COOKIE,
    Principal,
    Reader,
    check_origin,
    check_password,
    of_link,
    of_password,
    principal_of,
    signed_in,
)
from trainwright.server.links import LINK_SECONDS
from trainwright.server.passwords import hash_password
from trainwright.server.services import Platform, Services
from trainwright.server.throttle import client_of
from trainwright.server.tokens import REFRESH_SECONDS, Holder
from trainwright.spec.api import (
    MePatch,
    RefreshRequest,
    SignIn,
    SignInLink,
    Ticket,
    TokenPair,
    UserView,
)
from trainwright.spec.ids import new_id
from trainwright.store.repositories import Sessions, Users

public = APIRouter(prefix="/auth", tags=["auth"])
router = APIRouter(prefix="/auth", tags=["auth"], route_class=DirectRoute)


def _pair(services: Services, user: Principal) -> TokenPair:
    signer, holder = services.signer, _in_session(user)
    return TokenPair(
        access_token=signer.issue("access", holder),
        refresh_token=signer.issue("refresh", holder),
        expires_in=signer.life("access"),
    )


@public.post("/token")
def token(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], request: Request, services: Platform
) -> TokenPair:
    """Tokens for a name and a password (a form, as OAuth 2 has it)."""
    return _pair(services, of_password(services, form.username, form.password, client_of(request)))


@public.post("/refresh")
def refresh(body: RefreshRequest, services: Platform) -> TokenPair:
    """New tokens for a refresh token."""
    return _pair(services, signed_in(services, "refresh", body.refresh_token))


@public.post("/sign-in")
def sign_in(body: SignIn, request: Request, response: Response, services: Platform) -> UserView:
    """Sign a browser in by the code of a link, or by name and password: it gets the cookie."""
    check_origin(services, request)
    client = client_of(request)
    if body.code is not None:
        user = of_link(services, body.code, client)
    else:
        user = of_password(services, body.name or "", body.password or "", client)
    _set_cookie(response, request, services, user)
    return _view(services, user)


@router.post("/links", status_code=201)
def link(user: Reader, services: Platform) -> SignInLink:
    """A link that signs one browser in as the asker: good once, and not for long."""
    code = services.links.issue(user.holder)
    return SignInLink(path=f"/sign-in#code={code}", code=code, expires_in=LINK_SECONDS)


@router.get("/me")
def me(user: Reader, services: Platform) -> UserView:
    """Who the token stands for."""
    return _view(services, user)


@router.patch("/me")
def change_me(
    body: MePatch, user: Reader, request: Request, response: Response, services: Platform
) -> UserView:
    """Change one's own e-mail or password.

    A new password ends what the old one opened; the browser that asks stays signed in.
    """
    hashed = None
    if body.password is not None:
        check_password(services, user, body.old_password or "")
        hashed = hash_password(body.password)
    with services.database.session() as session:
        row = Users(session).get(user.id)
        row.email = row.email if body.email is None else body.email or None
        row.password_hash = hashed or row.password_hash
    if hashed and COOKIE in request.cookies:
        changed = principal_of(row, user.token_id, user.session_id)
        _set_cookie(response, request, services, changed)
    return UserView.of(row)


@router.post("/ticket")
def ticket(user: Reader, services: Platform) -> Ticket:
    """A ticket for one WebSocket, where no header can be sent."""
    signer = services.signer
    return Ticket(ticket=signer.issue("ticket", user.holder), expires_in=signer.life("ticket"))


@router.post("/session", status_code=204)
def open_session(user: Reader, request: Request, services: Platform) -> Response:
    """Sign a browser in: a cookie that scripts cannot read and other sites cannot use."""
    response = Response(status_code=204)
    _set_cookie(response, request, services, user)
    return response


@router.delete("/session", status_code=204)
def close_session(user: Reader, services: Platform) -> Response:
    """Sign out: whatever this sign-in was given ends, open WebSockets too, and the cookie goes."""
    if user.session_id:
        with services.database.session() as session:
            Sessions(session).end(user.id, user.session_id, REFRESH_SECONDS)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _in_session(user: Principal) -> Holder:
    """What is signed for a sign-in: for the one it goes on, or for a new one."""
    return user.holder._replace(session_id=user.session_id or new_id("se"))


def _view(services: Services, user: Principal) -> UserView:
    with services.database.session(write=False) as session:
        return UserView.of(Users(session).get(user.id))


def _set_cookie(response: Response, request: Request, services: Services, user: Principal) -> None:
    response.set_cookie(
        COOKIE,
        services.signer.issue("access", _in_session(user)),
        max_age=services.signer.life("access"),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
