"""Webhooks: where the platform tells what happens, and what became of telling it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Request, Shape

Notice = Literal[
    "alert.opened",
    "alert.acknowledged",
    "alert.resolved",
    "run.started",
    "run.completed",
    "run.failed",
    "run.stopped",
    "run.lost",
    "test",
]
"""What is told."""

DEFAULT_NOTICES: list[Notice] = ["alert.opened", "alert.resolved", "run.completed", "run.failed"]

Address = Field(max_length=2000, description="`http` or `https`, without a user name.")
Secret = Field(default=None, min_length=16, max_length=200, description="Default: a random one.")


class WebhookCreate(Request):
    url: str = Address
    events: list[Notice] = Field(default=DEFAULT_NOTICES, min_length=1, max_length=16)
    secret: str | None = Secret
    everyone: bool = Field(
        default=False, strict=True, description="Of everyone's runs; an admin may say so."
    )


class WebhookPatch(Request):
    url: str | None = Field(default=None, max_length=2000)
    events: list[Notice] | None = Field(default=None, min_length=1, max_length=16)
    secret: str | None = Field(default=None, min_length=16, max_length=200)
    enabled: bool | None = Field(default=None, strict=True)


class WebhookView(Shape):
    id: str
    owner_id: str
    url: str
    events: list[Notice]
    everyone: bool
    enabled: bool
    waiting: int = Field(default=0, description="Deliveries still to be made.")
    dead: int = Field(default=0, description="Deliveries that were given up.")
    created_at: AwareDatetime


class NewWebhook(WebhookView):
    secret: str = Field(description="Shown this once; what deliveries are signed with.")


class DeliveryView(Shape):
    id: str
    webhook_id: str
    event: Notice
    status: Literal["waiting", "delivered", "dead"]
    tries: int
    last_code: int | None = Field(default=None, description="What the server answered last.")
    last_error: str | None = None
    next_at: AwareDatetime | None = Field(default=None, description="When it is tried again.")
    created_at: AwareDatetime
    delivered_at: AwareDatetime | None = None
    payload: dict[str, Any]
