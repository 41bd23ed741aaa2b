"""What webhooks are to be told, written in the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, or_, select

from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id
from trainwright.store.models import Delivery, Role, Run, User, Webhook
from trainwright.store.repositories.base import Repository

LONGEST_TEXT = 2000


class Notices(Repository):
    """News, one delivery for each webhook that wants them."""

    def tell(self, event: str, run: Run, text: str, details: Mapping[str, Any]) -> None:
        """Have every webhook told that may hear of the run.

        Args:
            event: What happened, such as `run.failed`.
            run: To which run.
            text: The same in one line, for chats.
            details: Further fields of the payload.
        """
        # who is an admin no more hears of nobody else's runs
        of_all = and_(Webhook.everyone, User.role == Role.ADMIN)
        query = select(Webhook).join(User, User.id == Webhook.owner_id)
        query = query.where(
            Webhook.enabled,
            User.disabled.is_(False),
            or_(of_all, Webhook.owner_id == run.owner_id),
        )
        for webhook in self.session.scalars(query):
            if event in webhook.events:
                self.put(webhook, event, text, {"run": _about(run), **details})

    def put(self, webhook: Webhook, event: str, text: str, details: Mapping[str, Any]) -> Delivery:
        """Write one delivery; it is due at once."""
        delivery_id = new_id("dl")
        payload = {
            "id": delivery_id,
            "event": event,
            "created_at": utc_now().isoformat(),
            "text": text[:LONGEST_TEXT],
            **details,
        }
        delivery = Delivery(
            id=delivery_id, webhook_id=webhook.id, event=event, payload=payload, tries=0
        )
        self.session.add(delivery)
        return delivery


def _about(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status.value,
        "attempt": run.attempt,
        "model": run.model,
        "dataset": run.dataset,
    }
