"""Signing in, and the short-lived tokens that follow from it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import OAuth2PasswordRequestForm

from trainwright.server.answers import DirectRoute
from trainwright.server.auth import COOKIE, Principal, Reader, of_password, signed_in
from trainwright.server.services import Platform, Services
from trainwright.spec.api import RefreshRequest, Ticket, TokenPair, UserView

public = APIRouter(prefix="/auth", tags=["auth"])
router = APIRouter(prefix="/auth", tags=["auth"], route_class=DirectRoute)


def _pair(services: Services, user: Principal) -> TokenPair:
    signer = services.signer
    return TokenPair(
        access_token=signer.issue("access", user.id, user.stamp),
        refresh_token=signer.issue("refresh", user.id, user.stamp),
        expires_in=signer.life("access"),
    )


@public.post("/token")
def token(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], request: Request, services: Platform
) -> TokenPair:
    """Tokens for a name and a password (a form, as OAuth 2 has it)."""
    client = request.client.host if request.client else "unknown"
    return _pair(services, of_password(services, form.username, form.password, client))


@public.post("/refresh")
def refresh(body: RefreshRequest, services: Platform) -> TokenPair:
    """New tokens for a refresh token."""
    return _pair(services, signed_in(services, "refresh", body.refresh_token))


@router.get("/me")
def me(user: Reader) -> UserView:
    """Who the token stands for."""
    return UserView(id=user.id, name=user.name, role=user.role.value)


@router.post("/ticket")
def ticket(user: Reader, services: Platform) -> Ticket:
    """A ticket for one WebSocket, where no header can be sent."""
    signer = services.signer
    ticket = signer.issue("ticket", user.id, user.stamp)
    return Ticket(ticket=ticket, expires_in=signer.life("ticket"))


@router.post("/session", status_code=204)
def open_session(user: Reader, request: Request, services: Platform) -> Response:
    """Sign a browser in: a cookie that scripts cannot read and other sites cannot use."""
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        services.signer.issue("access", user.id, user.stamp),
        max_age=services.signer.life("access"),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.delete("/session", status_code=204)
def close_session(user: Reader) -> Response:  # noqa: ARG001 (only for those signed in)
    """Sign a browser out."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response
