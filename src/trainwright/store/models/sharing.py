"""Links by which people without an account see one run."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id
from trainwright.store.models.base import Base, Key


class Share(Base):
    """A link to a run. It is signed, so that nothing of it is kept that could be used."""

    __tablename__ = "shares"

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("sh"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    """Who shared it: the link ends when they may no longer change the run."""
    with_log: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
