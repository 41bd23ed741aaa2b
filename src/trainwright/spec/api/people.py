"""People: signing in, users, tokens, projects, settings."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from trainwright.spec.api.envelope import Request, Shape
from trainwright.spec.labels import Label

Role = Literal["admin", "user", "viewer"]
LOCAL_OWNER = "owner"
"""Name of the user whom the first start creates, and whose token is kept in the home."""


class TokenPair(Shape):
    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 (a scheme, not a secret)
    expires_in: int = Field(description="Seconds the access token is good for.")


class RefreshRequest(Request):
    refresh_token: str = Field(max_length=4096)


class SignIn(Request):
    """Either the `code` of a sign-in link, or `name` and `password`."""

    code: str | None = Field(default=None, min_length=1, max_length=200)
    name: str | None = Field(default=None, max_length=200)
    password: str | None = Field(default=None, max_length=1024)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_password = self.name is not None and self.password is not None
        if by_password == (self.code is not None):
            raise ValueError("either `code`, or `name` and `password`, is needed")
        return self


class SignInLink(Shape):
    path: str = Field(description="To be opened on the platform's address, by one browser, once.")
    code: str = Field(description="What the path holds for `POST /auth/sign-in`.")
    expires_in: int = Field(description="Seconds.")


class Ticket(Shape):
    ticket: str = Field(description="Good for one WebSocket, as `?ticket=`.")
    expires_in: int = Field(description="Seconds.")


class UserView(Shape):
    id: str
    name: str
    role: Role
    email: str | None = None
    disabled: bool = False


class UserCreate(Request):
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$")
    role: Role = "user"
    email: str | None = Field(default=None, max_length=320)
    password: str | None = Field(default=None, min_length=8, max_length=1024)


class UserPatch(Request):
    role: Role | None = None
    email: str | None = Field(default=None, max_length=320)
    password: str | None = Field(default=None, min_length=8, max_length=1024)
    disabled: bool | None = Field(default=None, strict=True)


class MePatch(Request):
    """What people change of themselves."""

    email: str | None = Field(default=None, max_length=320)
    password: str | None = Field(default=None, min_length=8, max_length=1024)
    old_password: str | None = Field(
        default=None, max_length=1024, description="With a new one, where there is one."
    )


class TokenCreate(Request):
    name: Label = Field(description="What it is for.")
    days: int | None = Field(default=None, ge=1, le=3650, description="Default: no end.")


class TokenView(Shape):
    id: str
    name: str
    created_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None


class NewToken(TokenView):
    token: str = Field(description="Shown this once; only its hash is kept.")


class ProjectCreate(Request):
    name: Label
    description: str | None = Field(default=None, max_length=10_000)


class ProjectPatch(Request):
    name: Label | None = None
    description: str | None = Field(default=None, max_length=10_000)


class ProjectView(Shape):
    id: str
    name: str
    description: str | None = None
    owner_id: str | None = None
    created_at: AwareDatetime
    runs: int | None = Field(default=None, description="Runs in it that the asker may see.")


class SettingsView(Shape):
    default_target: str = Field(description="Where runs go that name no target.")
    trash_days: int = Field(description="Days that a deleted run can be restored; 0: none.")
    keep_checkpoints: int = Field(
        default=3, description="Last checkpoints of an ended run that stay beside the best; 0: all."
    )
    webhook_hosts: list[str] = Field(
        default=[], description="Private places that webhooks may lead to all the same."
    )


class SettingsPatch(Request):
    default_target: str | None = Field(default=None, min_length=1, max_length=64)
    trash_days: int | None = Field(default=None, ge=0, le=3650, strict=True)
    keep_checkpoints: int | None = Field(default=None, ge=0, le=10_000, strict=True)
    webhook_hosts: list[Annotated[str, Field(min_length=1, max_length=300)]] | None = Field(
        default=None, max_length=100, description="Names, addresses, networks; perhaps with :port."
    )
