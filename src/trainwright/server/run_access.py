"""From the run a path names to its row, if the one who asks may see or change it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from trainwright.server.auth import Principal, Reader, Writer
from trainwright.server.services import Platform, Services
from trainwright.store.models import Run
from trainwright.store.repositories import Runs

Ref = Annotated[
    str,
    Path(
        alias="run_id",
        max_length=200,
        description="Id, unique beginning of an id, name, or `last`.",
    ),
]


def find_run(services: Services, user: Principal, ref: str) -> Run:
    """The run a person means, among those they may see.

    Raises:
        NotFoundError: There is none, or it is another user's.
        ConflictError: More than one fits.
    """
    with services.database.session(write=False) as session:
        return Runs(session).resolve(ref, owner_id=user.scope)


def _visible(run_id: Ref, user: Reader, services: Platform) -> Run:
    return find_run(services, user, run_id)


VisibleRun = Annotated[Run, Depends(_visible)]


def _own(user: Writer, run: VisibleRun) -> Run:  # noqa: ARG001 (the role is what is needed)
    return run


OwnRun = Annotated[Run, Depends(_own)]
"""A run the asker may change: theirs, or any for an admin."""
