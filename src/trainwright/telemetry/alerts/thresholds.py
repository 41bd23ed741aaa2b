"""Which thresholds count for a run: the platform's, over them its project's, its owner's last."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy.orm import Session

from trainwright.spec.api import AlertRules
from trainwright.store.models import Setting

KEY = "alerts"


def project_key(project_id: str) -> str:
    """The key under which a project's thresholds are kept."""
    return f"{KEY}:{project_id}"


def effective_rules(
    session: Session, *, owner_id: str | None = None, project_id: str | None = None
) -> AlertRules:
    """The thresholds for the runs of an owner in a project."""
    keys = [(KEY, "")]
    keys += [(project_key(project_id), "")] if project_id else []
    keys += [(KEY, owner_id)] if owner_id else []
    merged: dict[str, object] = {}
    for key in keys:
        row = session.get(Setting, key)
        merged |= (row.value or {}) if row else {}
    try:
        return AlertRules.model_validate(merged)
    except ValidationError:
        # kept by a version with other bounds; metrics must come in all the same
        return AlertRules()
