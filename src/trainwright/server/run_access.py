"""From the run a path names to its row, if the one who asks may see or change it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query

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


def find_run(services: Services, user: Principal, ref: str, *, trashed: bool | None = False) -> Run:
    """The run a person means, among those they may see.

    Args:
        services: Of the platform.
        user: Who asks.
        ref: What they call it.
        trashed: Look in the trash instead; `None` looks there for what is nowhere else.

    Raises:
        NotFoundError: There is none, or it is another user's.
        ConflictError: More than one fits.
    """
    with services.database.session(write=False) as session:
        return Runs(session).resolve(ref, owner_id=user.scope, trashed=trashed)


def _visible(run_id: Ref, user: Reader, services: Platform) -> Run:
    return find_run(services, user, run_id)


VisibleRun = Annotated[Run, Depends(_visible)]


def _known(
    run_id: Ref,
    user: Reader,
    services: Platform,
    trashed: Annotated[bool, Query(description="Also one in the trash.")] = False,
) -> Run:
    return find_run(services, user, run_id, trashed=None if trashed else False)


KnownRun = Annotated[Run, Depends(_known)]


async def _own(user: Writer, run: VisibleRun) -> Run:  # noqa: ARG001 (the role is what is needed)
    return run


OwnRun = Annotated[Run, Depends(_own)]
"""A run the asker may change: theirs, or any for an admin."""


def _trashed(run_id: Ref, user: Writer, services: Platform) -> Run:
    return find_run(services, user, run_id, trashed=True)


TrashedRun = Annotated[Run, Depends(_trashed)]
"""A run in the trash that the asker may restore."""


def _anywhere(run_id: Ref, user: Writer, services: Platform) -> Run:
    return find_run(services, user, run_id, trashed=None)


DeletableRun = Annotated[Run, Depends(_anywhere)]
"""A run the asker may delete, from the trash too."""
