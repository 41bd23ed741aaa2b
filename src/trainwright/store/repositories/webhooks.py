"""Webhooks and their deliveries: kept, claimed by one courier at a time, given up in the end."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from trainwright.spec.errors import NotFoundError
from trainwright.spec.events import utc_now
from trainwright.store.models import Delivery, Webhook
from trainwright.store.repositories.base import (
    Page,
    Repository,
    decode_cursor,
    encode_cursor,
    read_time,
)

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


class Webhooks(Repository):
    def add(
        self, owner_id: str, url: str, events: Sequence[str], secret: str, **fields: Any
    ) -> Webhook:
        """Keep a new one; `secret` is encrypted already."""
        webhook = Webhook(owner_id=owner_id, url=url, events=list(events), secret=secret, **fields)
        self.session.add(webhook)
        self.session.flush()
        return webhook

    def get(self, webhook_id: str, owner_id: str | None = None) -> Webhook:
        """The webhook of this id, if it is the owner's.

        Raises:
            NotFoundError: There is none.
        """
        webhook = self.session.get(Webhook, webhook_id)
        if webhook is None or owner_id not in (None, webhook.owner_id):
            raise NotFoundError(
                f"there is no webhook {webhook_id!r}",
                field="webhook",
                mend="trainwright webhooks list",
            )
        return webhook

    def list(self, owner_id: str | None = None) -> Sequence[Webhook]:
        """One user's, or everybody's, oldest first."""
        query = select(Webhook).order_by(Webhook.created_at, Webhook.id)
        if owner_id is not None:
            query = query.where(Webhook.owner_id == owner_id)
        return self.session.scalars(query).all()

    def remove(self, webhook: Webhook) -> None:
        """Forget it and its deliveries."""
        self.session.delete(webhook)
        self.session.flush()


class Deliveries(Repository):
    def get(self, delivery_id: str, webhook_id: str | None = None) -> Delivery:
        """The delivery of this id, if it is the webhook's.

        Raises:
            NotFoundError: There is none.
        """
        delivery = self.session.get(Delivery, delivery_id)
        if delivery is None or webhook_id not in (None, delivery.webhook_id):
            raise NotFoundError(f"there is no delivery {delivery_id!r}", field="delivery")
        return delivery

    def list(
        self,
        webhook_id: str,
        *,
        status: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Delivery]:
        """A page of a webhook's deliveries, newest first.

        Raises:
            InvalidRequestError: The cursor is not valid.
        """
        wanted = [Delivery.webhook_id == webhook_id]
        if status is not None:
            wanted.append(Delivery.status == status)
        total = self.session.scalar(select(func.count()).select_from(Delivery).where(*wanted))
        if cursor:
            said, last = decode_cursor(cursor, str, str)
            at, created = read_time(said), Delivery.created_at
            wanted.append((created < at) | ((created == at) & (Delivery.id < last)))
        order = (Delivery.created_at.desc(), Delivery.id.desc())
        query = select(Delivery).where(*wanted).order_by(*order).limit(limit + 1)
        rows = self.session.scalars(query).all()
        more = None
        if len(rows) > limit:
            end = rows[limit - 1]
            more = encode_cursor(end.created_at.isoformat(), end.id)
        return Page([*rows[:limit]], more, total or 0)

    def counts(self) -> dict[tuple[str, str], int]:
        """(webhook, status) → how many, of those that are not delivered."""
        query = select(Delivery.webhook_id, Delivery.status, func.count())
        query = query.where(Delivery.status.in_((WAITING, DEAD)))
        grouped = query.group_by(Delivery.webhook_id, Delivery.status)
        return {(webhook, status): n for webhook, status, n in self.session.execute(grouped)}

    def claim(self, limit: int, each: int, lease: timedelta) -> Sequence[Delivery]:
        """Take deliveries that are due; who dies with them loses them when the lease is over.

        Args:
            limit: How many at most.
            each: How many at most of one webhook, so that a slow one holds up no other.
            lease: After which somebody else may take them.
        """
        now = utc_now()
        due = (
            select(Delivery)
            .join(Webhook)
            .where(Delivery.status == WAITING, Delivery.next_at <= now, Webhook.enabled)
            .order_by(Delivery.next_at)
            .limit(50 * limit)
            .with_for_update(skip_locked=True, of=Delivery)
        )
        taken: builtins.list[Delivery] = []
        of_each: dict[str, int] = {}
        for delivery in self.session.scalars(due):
            seen = of_each.get(delivery.webhook_id, 0)
            if len(taken) < limit and seen < each:
                of_each[delivery.webhook_id] = seen + 1
                self.take(delivery, lease)
                taken.append(delivery)
        return taken

    def take(self, delivery: Delivery, lease: timedelta) -> None:
        """Begin another try, which nobody else begins before the lease is over."""
        delivery.tries += 1
        delivery.next_at = utc_now() + lease

    def take_anew(self, delivery: Delivery, lease: timedelta) -> None:
        """The same with one that was given up, or waits: all its tries are before it again."""
        delivery.status, delivery.tries = WAITING, 0
        self.take(delivery, lease)

    def forget_ended(self, before: datetime) -> None:
        """Remove what was delivered, or given up, long ago."""
        self.session.execute(
            delete(Delivery).where(Delivery.status != WAITING, Delivery.created_at < before)
        )
