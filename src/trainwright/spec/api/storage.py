"""What lies on the disk, what of it could go, and what went."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Request, Shape
from trainwright.spec.status import RunStatus


class RunStorage(Shape):
    """The bytes of one run."""

    run_id: str
    name: str
    status: RunStatus
    project_id: str | None = None
    trashed: bool = False
    bytes: int
    checkpoints: int = 0
    artifacts: int = 0
    logs: int = 0
    other: int = 0


class Freeable(Shape):
    """Something that could go."""

    what: str
    bytes: int
    command: str


class StorageReport(Shape):
    """Bytes of the home, by what they are for."""

    home: str
    disk_bytes: int
    disk_free_bytes: int
    bytes: int = Field(description="All kinds together.")
    kinds: dict[str, int] = Field(
        description="`checkpoints`, `artifacts`, `logs`, `runs` (what else is in their folders), "
        "`trash`, `datasets`, `database`, `caches`, `other`."
    )
    runs: list[RunStorage] = Field(description="Those the asker may see, largest first.")
    runs_total: int
    projects: dict[str, int] = Field(description="By project's name; `` for none.")
    freeable: list[Freeable]


class PruneRequest(Request):
    """Which runs are to go; without `dry_run` they do."""

    status: list[RunStatus] = Field(default=[RunStatus.FAILED], max_length=10)
    older_than_days: float | None = Field(default=None, ge=0, le=36_500)
    keep_best: int = Field(
        default=0, ge=0, le=10_000, description="Spare the best so many of each task and dataset."
    )
    checkpoints: bool = Field(
        default=False,
        strict=True,
        description="Only checkpoints that retention would not keep; the runs stay.",
    )
    trashed: bool = Field(default=False, strict=True, description="Those in the trash, for good.")
    now: bool = Field(default=False, strict=True, description="For good, not into the trash.")
    dry_run: bool = Field(default=True, strict=True)


class Pruned(Shape):
    """What went, or would go."""

    dry_run: bool
    runs: list[RunStorage]
    bytes: int = Field(description="Freed now, or once the trash is emptied.")
    checkpoints: int = Field(default=0, description="Files or folders of checkpoints.")
    trash_days: int = Field(description="Days until the space is free; 0: at once.")


class KeptCheckpoint(Shape):
    run_id: str
    path: str
    step: int | None = None
    kept: bool
    created_at: AwareDatetime | None = None
