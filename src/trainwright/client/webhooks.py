"""Webhooks: where news of runs is posted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trainwright.client.calls import Calls, part
from trainwright.spec.api import DeliveryView, NewWebhook, Page, SettingsView, WebhookView


class WebhookCalls(Calls):
    """What can be asked of webhooks."""

    def webhooks(self) -> list[WebhookView]:
        return Page[WebhookView].model_validate(self._get("/settings/webhooks")).items

    def add_webhook(
        self,
        url: str,
        events: Sequence[str] | None = None,
        *,
        secret: str | None = None,
        everyone: bool = False,
    ) -> NewWebhook:
        """Have news posted to `url`; the answer holds the secret that signs them, this once.

        Args:
            url: `http` or `https`.
            events: Such as `alert.opened`; default: alerts, and runs that complete or fail.
            secret: Default: a random one.
            everyone: Of everyone's runs; an admin may say so.
        """
        body: dict[str, Any] = {"url": url, "secret": secret, "everyone": everyone}
        if events:
            body["events"] = list(events)
        return NewWebhook.model_validate(self._post("/settings/webhooks", body))

    def change_webhook(self, webhook_id: str, **changes: Any) -> WebhookView:
        """Change its `url`, `events`, `secret`, or whether it is `enabled`."""
        return WebhookView.model_validate(self._send("PATCH", _path(webhook_id), json=changes))

    def remove_webhook(self, webhook_id: str) -> None:
        self._send("DELETE", _path(webhook_id))

    def test_webhook(self, webhook_id: str) -> DeliveryView:
        """Post a test now, and see what became of it."""
        return DeliveryView.model_validate(self._post(f"{_path(webhook_id)}/test"))

    def deliveries(
        self, webhook_id: str, *, status: str | None = None, limit: int = 50
    ) -> list[DeliveryView]:
        """The newest deliveries; `dead` are those that were given up."""
        found = self._get(f"{_path(webhook_id)}/deliveries", {"status": status, "limit": limit})
        return Page[DeliveryView].model_validate(found).items

    def retry_delivery(self, webhook_id: str, delivery_id: str) -> DeliveryView:
        """Try one again now."""
        path = f"{_path(webhook_id)}/deliveries/{part(delivery_id)}/retry"
        return DeliveryView.model_validate(self._post(path))

    def allow_webhook_hosts(self, hosts: Sequence[str]) -> SettingsView:
        """Let webhooks lead to these private places, and to no others; an admin may."""
        body = {"webhook_hosts": list(hosts)}
        return SettingsView.model_validate(self._send("PATCH", "/settings", json=body))


def _path(webhook_id: str) -> str:
    return f"/settings/webhooks/{part(webhook_id)}"
