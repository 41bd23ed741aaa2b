"""Monitoring: the state of everything, of one run, and alerts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trainwright.client.calls import Calls, part
from trainwright.spec.api import (
    AlertRules,
    AlertView,
    Dashboard,
    Page,
    ResourcesView,
    RunHealth,
)

_PAGE = 100


class AlertCalls(Calls):
    """What can be asked of alerts."""

    def alerts(
        self,
        ref: str | None = None,
        *,
        state: str | None = None,
        rule: str | None = None,
        severity: Sequence[str] | None = None,
        limit: int = 50,
    ) -> list[AlertView]:
        """The newest alerts, of one run or of all.

        Args:
            ref: The run; default: every run in sight.
            state: `open`, `unseen` (open, and not acknowledged), `acknowledged` or `resolved`.
            rule: Such as `loss_spike`.
            severity: Any of `info`, `warning` and `error`.
            limit: How many at most.
        """
        path = "/monitoring/alerts" if ref is None else f"/monitoring/{self._id(ref)}/alerts"
        params = {"state": state, "rule": rule, "severity": severity, "limit": min(limit, 1000)}
        return Page[AlertView].model_validate(self._get(path, params)).items

    def acknowledge(self, alert_id: str) -> AlertView:
        """Note that the alert was seen."""
        return AlertView.model_validate(
            self._post(f"/monitoring/alerts/{part(alert_id)}/acknowledge")
        )

    def watch_alerts(self, *, every: float = 2.0) -> Iterator[AlertView]:
        """Open alerts, then whatever changes: opened, acknowledged, resolved. Never ends."""
        known: dict[str, tuple[bool, bool]] = {}
        is_first = True
        while True:
            for alert in reversed(self.alerts(limit=_PAGE)):
                state = (alert.acknowledged_at is not None, alert.resolved_at is not None)
                before, known[alert.id] = known.get(alert.id), state
                if before != state and not (is_first and alert.resolved_at):
                    yield alert
            is_first = False
            time.sleep(every)

    def alert_rules(self, *, project: str | None = None) -> AlertRules:
        """When each rule speaks up, for one's own runs."""
        return AlertRules.model_validate(self._get("/settings/alerts", {"project": project}))

    def set_alert_rules(
        self, changes: Mapping[str, Any], *, scope: str = "mine", project: str | None = None
    ) -> AlertRules:
        """Change thresholds; `None` lets the wider setting count again.

        Args:
            changes: Threshold → value.
            scope: `mine`, `project` or `platform`.
            project: The project's id or name.
        """
        params = {"scope": scope, "project": project}
        body = {"changes": dict(changes)}
        return AlertRules.model_validate(
            self._send("PATCH", "/settings/alerts", params=params, json=body)
        )

    def overview(self) -> Dashboard:
        """What runs and waits, slots, open alerts, what ended today, and the machine."""
        return Dashboard.model_validate(self._get("/monitoring/dashboard"))

    def run_health(self, ref: str) -> RunHealth:
        """How a run is doing, in a word and with the reasons."""
        return RunHealth.model_validate(self._get(f"/monitoring/{self._id(ref)}/health"))

    def resources(self, ref: str, *, points: int = 200) -> ResourcesView:
        """What a run used of CPU, memory, disk and GPU, folded into at most so many points."""
        path = f"/monitoring/{self._id(ref)}/resources"
        return ResourcesView.model_validate(self._get(path, {"points": points}))
