"""Who may change when alerts are raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from trainwright.server.auth import Principal
from trainwright.server.services import Services
from trainwright.spec.api import AlertRules
from trainwright.spec.errors import Fault, ForbiddenError, InvalidRequestError, SpecError
from trainwright.store.repositories import Projects, Settings
from trainwright.telemetry.alerts import effective_rules
from trainwright.telemetry.alerts.thresholds import KEY, project_key


def rules_of(services: Services, user: Principal, project: str | None) -> AlertRules:
    """The thresholds that count for a user's runs, in a project of this id or name.

    Raises:
        NotFoundError: There is no such project.
    """
    with services.database.session(write=False) as session:
        found = None if project is None else Projects(session).named(project).id
        return effective_rules(session, owner_id=user.id, project_id=found)


def change_rules(
    services: Services,
    user: Principal,
    scope: str,
    project: str | None,
    changes: Mapping[str, Any],
) -> None:
    """Keep other thresholds; `None` lets the wider setting count again.

    Raises:
        ForbiddenError: They are not the user's to change.
        InvalidRequestError: No project is named, or a threshold is not valid.
    """
    with services.database.session() as session:
        key, owner = KEY, None
        if scope == "platform" and not user.is_admin:
            raise ForbiddenError("only an admin changes the platform's", expected="role admin")
        if scope == "project":
            if project is None:
                raise InvalidRequestError("no project is named", field="project")
            found = Projects(session).named(project)
            if not user.is_admin and found.owner_id != user.id:
                raise ForbiddenError("this project is somebody else's")
            key = project_key(found.id)
        elif scope == "mine":
            owner = user.id
        settings = Settings(session)
        merged = {**(settings.get(key, user_id=owner) or {}), **changes}
        kept = {name: value for name, value in merged.items() if value is not None}
        _check(kept)
        settings.set(key, kept, user_id=owner)


def _check(kept: Mapping[str, Any]) -> None:
    unknown = kept.keys() - AlertRules.model_fields
    faults = [
        Fault(field=name, code="unknown_field", message=f"there is no threshold {name!r}")
        for name in sorted(unknown)
    ]
    try:
        AlertRules.model_validate(kept)
    except ValidationError as error:
        faults += [
            Fault(field=".".join(map(str, one["loc"])), code=one["type"], message=one["msg"])
            for one in error.errors(include_url=False)
        ]
    if faults:
        raise SpecError(faults)
