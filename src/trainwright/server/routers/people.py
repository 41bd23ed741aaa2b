"""Users and their tokens. An admin manages users; everybody manages their own tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends

from trainwright.server.auth import Admin, Principal, Reader
from trainwright.server.paging import WHOLE, Limit, Start, page_view
from trainwright.server.passwords import hash_password
from trainwright.server.services import Platform
from trainwright.spec.api import (
    NewToken,
    Page,
    TokenCreate,
    TokenView,
    UserCreate,
    UserPatch,
    UserView,
)
from trainwright.spec.errors import ConflictError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.store.models import Role
from trainwright.store.repositories import Tokens, Users

router = APIRouter(prefix="/users", tags=["users"])


def _self_or_admin(user_id: str, user: Reader) -> Principal:
    if user_id != user.id and not user.is_admin:
        raise NotFoundError(f"there is no user {user_id!r}")
    return user


Self = Annotated[Principal, Depends(_self_or_admin)]


@router.get("")
def list_users(
    user: Admin,  # noqa: ARG001 (the role)
    services: Platform,
    limit: Limit = WHOLE,
    cursor: Start = None,
) -> Page[UserView]:
    """Everybody, by name."""
    with services.database.session(write=False) as session:
        return page_view(Users(session).listed(limit, cursor), UserView.of)


@router.post("", status_code=201)
def add(body: UserCreate, user: Admin, services: Platform) -> UserView:  # noqa: ARG001
    """Add a user; one without a password signs in by tokens only."""
    hashed = hash_password(body.password) if body.password else None
    with services.database.session() as session:
        row = Users(session).add(
            body.name, role=Role(body.role), email=body.email, password_hash=hashed
        )
    return UserView.of(row)


@router.patch("/{user_id}")
def change(user_id: str, body: UserPatch, user: Admin, services: Platform) -> UserView:
    """Change role or e-mail, or the password (what the old one opened ends), or disable the user.

    A disabled user is refused at once, with every token of theirs.
    """
    if user_id == user.id and (body.role not in (None, "admin") or body.disabled):
        raise ConflictError("an admin cannot lock themselves out", expected="another admin does it")
    hashed = hash_password(body.password) if body.password else None
    with services.database.session() as session:
        row = Users(session).get(user_id)
        row.role = Role(body.role) if body.role else row.role
        row.email = body.email if body.email is not None else row.email
        row.password_hash = hashed or row.password_hash
        row.disabled = row.disabled if body.disabled is None else body.disabled
    return UserView.of(row)


@router.get("/{user_id}/tokens")
def tokens(
    user_id: str,
    user: Self,  # noqa: ARG001 (them, or an admin)
    services: Platform,
    limit: Limit = WHOLE,
    cursor: Start = None,
) -> Page[TokenView]:
    """A user's API tokens, ended ones included; what they say is not kept."""
    with services.database.session(write=False) as session:
        return page_view(Tokens(session).listed(user_id, limit, cursor), TokenView.of)


@router.post("/{user_id}/tokens", status_code=201)
def issue(user_id: str, body: TokenCreate, user: Self, services: Platform) -> NewToken:  # noqa: ARG001
    """A new API token."""
    end = utc_now() + timedelta(days=body.days) if body.days else None
    with services.database.session() as session:
        Users(session).get(user_id)
        row, plain = Tokens(session).create(user_id, body.name, expires_at=end)
    return NewToken(**TokenView.of(row).model_dump(), token=plain)


@router.delete("/{user_id}/tokens/{token_id}", status_code=204)
def revoke(user_id: str, token_id: str, user: Self, services: Platform) -> None:  # noqa: ARG001
    """End an API token at once."""
    with services.database.session() as session:
        stored = Tokens(session)
        stored.revoke(stored.get(user_id, token_id).id)
