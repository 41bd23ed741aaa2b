"""Settings kept by the platform. Everyone reads them, an admin changes them."""

from __future__ import annotations

from fastapi import APIRouter

from trainwright.server.auth import Admin, Reader
from trainwright.server.creation import DEFAULT_TARGET
from trainwright.server.services import Platform
from trainwright.server.webhooks import ALLOWED_HOSTS
from trainwright.spec.api import SettingsPatch, SettingsView
from trainwright.spec.errors import NotFoundError
from trainwright.store.repositories import Settings
from trainwright.targets import registry
from trainwright.telemetry.retention import DEFAULT_KEEP_CHECKPOINTS, KEEP_CHECKPOINTS
from trainwright.telemetry.trash import DEFAULT_TRASH_DAYS, TRASH_DAYS

router = APIRouter(prefix="/settings", tags=["settings"])


@router.get("")
def show(user: Reader, services: Platform) -> SettingsView:  # noqa: ARG001
    """The platform's settings."""
    with services.database.session(write=False) as session:
        stored = Settings(session).all()
    return SettingsView(
        default_target=stored.get(DEFAULT_TARGET, "local"),
        trash_days=stored.get(TRASH_DAYS, DEFAULT_TRASH_DAYS),
        keep_checkpoints=stored.get(KEEP_CHECKPOINTS, DEFAULT_KEEP_CHECKPOINTS),
        webhook_hosts=stored.get(ALLOWED_HOSTS, []),
    )


@router.patch("")
def change(body: SettingsPatch, user: Admin, services: Platform) -> SettingsView:
    """Change the settings named."""
    if body.default_target is not None and body.default_target not in registry.names():
        raise NotFoundError(
            f"there is no target {body.default_target!r}",
            field="default_target",
            expected=", ".join(registry.names()),
        )
    with services.database.session() as session:
        for name, value in body.model_dump(exclude_none=True).items():
            Settings(session).set(name, value)
    return show(user, services)
