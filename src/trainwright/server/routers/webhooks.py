"""Webhooks: one's own, and for an admin everyone's."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter

from trainwright.server.auth import Principal, Writer
from trainwright.server.services import Platform, Services
from trainwright.server.webhooks import LEASE
from trainwright.server.webhooks.gate import check_url
from trainwright.server.webhooks.signing import new_secret
from trainwright.spec.api import (
    DeliveryView,
    NewWebhook,
    Page,
    WebhookCreate,
    WebhookPatch,
    WebhookView,
)
from trainwright.spec.errors import ConflictError, ForbiddenError
from trainwright.store.models import Webhook
from trainwright.store.repositories import Deliveries, Notices, Webhooks
from trainwright.store.repositories.webhooks import DEAD, WAITING

router = APIRouter(prefix="/settings/webhooks", tags=["settings"])

MAX_WEBHOOKS = 50
WebhookId = Annotated[str, PathParameter(max_length=64)]
DeliveryId = Annotated[str, PathParameter(max_length=64)]


@router.get("")
def list_webhooks(user: Writer, services: Platform) -> Page[WebhookView]:
    """One's webhooks, oldest first; an admin's list has everyone's."""
    with services.database.session(write=False) as session:
        found = Webhooks(session).list(user.scope)
        counts = Deliveries(session).counts()
    return Page(items=[_view(webhook, counts) for webhook in found], total=len(found))


@router.post("", status_code=201)
def add(body: WebhookCreate, user: Writer, services: Platform) -> NewWebhook:
    """Have news posted to an address; the secret that signs them is shown this once."""
    check_url(body.url)
    if body.everyone and not user.is_admin:
        raise ForbiddenError("only an admin hears of everyone's runs", expected="role admin")
    secret = body.secret or new_secret()
    with services.database.session() as session:
        webhooks = Webhooks(session)
        if len(webhooks.list(user.id)) >= MAX_WEBHOOKS:
            raise ConflictError(
                f"there are {MAX_WEBHOOKS} webhooks already", mend="trainwright webhooks list"
            )
        webhook = webhooks.add(
            user.id,
            body.url,
            body.events,
            services.sealer.seal(secret),
            everyone=body.everyone,
        )
    return NewWebhook(**dict(_view(webhook, {})), secret=secret)


@router.patch("/{webhook_id}")
def change(
    webhook_id: WebhookId, body: WebhookPatch, user: Writer, services: Platform
) -> WebhookView:
    """Change what is named."""
    if body.url is not None:
        check_url(body.url)
    with services.database.session() as session:
        webhook = Webhooks(session).get(webhook_id, user.scope)
        webhook.url = body.url or webhook.url
        webhook.events = list(body.events) if body.events else webhook.events
        webhook.enabled = webhook.enabled if body.enabled is None else body.enabled
        if body.secret:
            webhook.secret = services.sealer.seal(body.secret)
        session.flush()
        return _view(webhook, Deliveries(session).counts())


@router.delete("/{webhook_id}", status_code=204)
def remove(webhook_id: WebhookId, user: Writer, services: Platform) -> None:
    """Forget it, with what was still to be delivered."""
    with services.database.session() as session:
        webhooks = Webhooks(session)
        webhooks.remove(webhooks.get(webhook_id, user.scope))


@router.post("/{webhook_id}/test")
def test(webhook_id: WebhookId, user: Writer, services: Platform) -> DeliveryView:
    """Post a test now, and say what became of it."""
    with services.database.session() as session:
        webhook = Webhooks(session).get(webhook_id, user.scope)
        text = f"a test of webhook {webhook.id}, asked for by {user.name}"
        delivery = Notices(session).put(webhook, "test", text, {})
        Deliveries(session).take(delivery, LEASE)
    return _carry(services, delivery.id)


@router.get("/{webhook_id}/deliveries")
def deliveries(
    *,
    webhook_id: WebhookId,
    user: Writer,
    services: Platform,
    status: Literal["waiting", "delivered", "dead"] | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Page[DeliveryView]:
    """What was, is and will be delivered, newest first; `dead` are those that were given up."""
    with services.database.session(write=False) as session:
        webhook = Webhooks(session).get(webhook_id, user.scope)
        page = Deliveries(session).list(webhook.id, status=status, limit=limit, cursor=cursor)
    items = [DeliveryView.of(row) for row in page.items]
    return Page(items=items, next_cursor=page.next_cursor, total=page.total)


@router.post("/{webhook_id}/deliveries/{delivery_id}/retry")
def retry(
    webhook_id: WebhookId, delivery_id: DeliveryId, user: Writer, services: Platform
) -> DeliveryView:
    """Try one now that was given up, or waits for its next try."""
    _own_delivery(services, user, webhook_id, delivery_id)
    return _carry(services, delivery_id)


def _own_delivery(services: Services, user: Principal, webhook_id: str, delivery_id: str) -> None:
    with services.database.session() as session:
        webhook = Webhooks(session).get(webhook_id, user.scope)
        deliveries = Deliveries(session)
        delivery = deliveries.get(delivery_id, webhook.id)
        if delivery.delivered_at is not None:
            raise ConflictError("it was delivered already")
        deliveries.take_anew(delivery, LEASE)


def _carry(services: Services, delivery_id: str) -> DeliveryView:
    services.courier.carry(delivery_id)
    with services.database.session(write=False) as session:
        return DeliveryView.of(Deliveries(session).get(delivery_id))


def _view(webhook: Webhook, counts: dict[tuple[str, str], int]) -> WebhookView:
    view = WebhookView.of(webhook)
    view.waiting = counts.get((webhook.id, WAITING), 0)
    view.dead = counts.get((webhook.id, DEAD), 0)
    return view
