"""Alerts as the API shows them."""

from __future__ import annotations

from trainwright.spec.api import AlertView
from trainwright.store.repositories.alerts import Shown


def alert_view(shown: Shown) -> AlertView:
    row = shown.row
    fields = {
        name: getattr(row, name)
        for name in AlertView.model_fields
        if name not in ("run_name", "acknowledged_by")
    }
    return AlertView(**fields, run_name=shown.run_name, acknowledged_by=shown.seen_by)
