"""Links to runs, for people without an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from trainwright.spec.errors import ConflictError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.store.models import Run, Share, User
from trainwright.store.repositories.base import Repository

MOST = 50
"""Links of one run that are good at the same time."""


class Shared(NamedTuple):
    """A link with what it leads to, and who made it."""

    share: Share
    run: Run
    user: User


class Shares(Repository):
    def add(self, run_id: str, user_id: str, *, expires_at: datetime, with_log: bool) -> Share:
        """Make a link.

        Raises:
            ConflictError: The run has too many that are good.
        """
        good = select(func.count()).where(
            Share.run_id == run_id, Share.revoked_at.is_(None), Share.expires_at > utc_now()
        )
        if (self.session.scalar(good) or 0) >= MOST:
            raise ConflictError(
                f"run {run_id} has {MOST} links that are good",
                expected="some of them revoked first",
                mend=f"trainwright runs share {run_id} --list",
            )
        share = Share(run_id=run_id, user_id=user_id, expires_at=expires_at, with_log=with_log)
        self.session.add(share)
        self.session.flush()
        return share

    def find(self, share_id: str) -> Shared | None:
        """A link, whatever became of it; None where it or its run is gone for good."""
        query = (
            select(Share, Run, User)
            .join(Run, Run.id == Share.run_id)
            .join(User, User.id == Share.user_id)
            .where(Share.id == share_id)
        )
        row = self.session.execute(query).one_or_none()
        return Shared(*row) if row is not None else None

    def list(self, run_id: str) -> Sequence[Share]:
        """The links of a run that are good, the newest first."""
        query = (
            select(Share)
            .where(Share.run_id == run_id, Share.revoked_at.is_(None), Share.expires_at > utc_now())
            .order_by(Share.created_at.desc(), Share.id.desc())
        )
        return self.session.scalars(query).all()

    def revoke(self, run_id: str, share_id: str) -> None:
        """End a link of a run at once.

        Raises:
            NotFoundError: The run has no such link.
        """
        share = self.session.get(Share, share_id)
        if share is None or share.run_id != run_id:
            raise NotFoundError(
                f"run {run_id} has no link {share_id!r}",
                mend=f"trainwright runs share {run_id} --list",
            )
        share.revoked_at = share.revoked_at or utc_now()

    def revoke_all(self, run_id: str) -> int:
        """End all links of a run; how many were good."""
        good = self.list(run_id)
        for share in good:
            share.revoked_at = utc_now()
        return len(good)
