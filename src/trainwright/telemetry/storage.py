"""Where the bytes of a home are, and what of them could go."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from shlex import quote

from sqlalchemy import select, text

from trainwright.settings import Home
from trainwright.spec.api.storage import Freeable, RunStorage, StorageReport
from trainwright.spec.status import RunStatus
from trainwright.store.database import Database
from trainwright.store.models import Project, Run
from trainwright.telemetry.retention import Retention
from trainwright.telemetry.sizes import KnownSizes, folder_bytes

_KINDS = (
    "checkpoints",
    "artifacts",
    "logs",
    "runs",
    "trash",
    "datasets",
    "database",
    "caches",
    "other",
)


class Storage:
    """Measures a home; of runs that have ended, what was measured before is used again.

    Args:
        database: Where the rows are.
        home: Where the files are.
    """

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def runs(self, owner_id: str | None = None) -> list[RunStorage]:
        """The bytes of each run of one owner, or of all, largest first; the trash included."""
        query = select(Run.id, Run.name, Run.status, Run.project_id, Run.deleted_at).where(
            Run.purging_at.is_(None)
        )
        if owner_id is not None:
            query = query.where(Run.owner_id == owner_id)
        with self._database.session(write=False) as session:
            rows = session.execute(query).all()
        known, logs = KnownSizes(self._home.cache), _files_in(self._home.run_logs)
        folder = self._home.runs
        found = []
        for row in rows:
            sizes = known.of(folder / row.id, ended=row.status.is_terminal)
            log = logs.get(f"{row.id}.log", 0)
            found.append(
                RunStorage(
                    run_id=row.id,
                    name=row.name,
                    status=row.status,
                    project_id=row.project_id,
                    trashed=row.deleted_at is not None,
                    bytes=sizes.total + log,
                    checkpoints=sizes.checkpoints,
                    artifacts=sizes.artifacts,
                    logs=sizes.logs + log,
                    other=sizes.other,
                )
            )
        known.keep(all_seen=owner_id is None)
        return sorted(found, key=lambda run: (-run.bytes, run.run_id))

    def report(self, owner_id: str | None = None, limit: int = 20) -> StorageReport:
        """Bytes by kind, by run and by project; of runs, those of one owner or all.

        Args:
            owner_id: Whose runs.
            limit: How many runs to name.
        """
        runs, home = self.runs(owner_id), self._home
        kinds = dict.fromkeys(_KINDS, 0)
        projects: dict[str, int] = defaultdict(int)
        names = self._project_names()
        for run in runs:
            projects[names.get(run.project_id or "", "")] += run.bytes
            if run.trashed:
                kinds["trash"] += run.bytes
                continue
            kinds["checkpoints"] += run.checkpoints
            kinds["artifacts"] += run.artifacts
            kinds["logs"] += run.logs
            kinds["runs"] += run.other
        self._add_the_rest(kinds)
        disk = shutil.disk_usage(home.path)
        return StorageReport(
            home=str(home.path),
            disk_bytes=disk.total,
            disk_free_bytes=disk.free,
            bytes=sum(kinds.values()),
            kinds=kinds,
            runs=runs[:limit],
            runs_total=len(runs),
            projects=dict(sorted(projects.items(), key=lambda item: -item[1])),
            freeable=[one for one in self._freeable(runs, kinds, owner_id) if one.bytes],
        )

    def _add_the_rest(self, kinds: dict[str, int]) -> None:
        """What belongs to no run."""
        home = self._home
        known = {
            home.objects: "artifacts",
            home.logs: "logs",
            home.datasets: "datasets",
            home.uploads: "datasets",
            home.incoming: "datasets",
            home.cache: "caches",
        }
        with suppress(OSError):
            for path in home.path.iterdir():
                if path in (home.runs, home.run_logs):
                    continue
                size = folder_bytes(path) if path.is_dir() else path.lstat().st_size
                is_database = path.name.startswith((home.database.name, "temporal.db"))
                kinds["database" if is_database else known.get(path, "other")] += size
        if self._database.dialect == "postgresql":
            with self._database.session(write=False) as session:
                query = text("SELECT pg_database_size(current_database())")
                kinds["database"] += session.scalar(query) or 0

    def _freeable(
        self, runs: Iterable[RunStorage], kinds: dict[str, int], owner_id: str | None
    ) -> list[Freeable]:
        failed = sum(r.bytes for r in runs if r.status is RunStatus.FAILED and not r.trashed)
        retention = Retention(self._database, self._home)
        excess = [
            one.bytes for run in retention.candidates(owner_id) for one in retention.excess(run)
        ]
        prune = "trainwright runs prune"
        clear = f"rm -r {quote(str(self._home.cache))}  (while the platform is down)"
        return [
            Freeable(what="the trash", bytes=kinds["trash"], command=f"{prune} --trashed"),
            Freeable(what="failed runs", bytes=failed, command=f"{prune} --status failed --now"),
            Freeable(
                what="checkpoints that are neither the best nor among the last",
                bytes=sum(excess),
                command=f"{prune} --checkpoints",
            ),
            Freeable(what="what can be made again", bytes=kinds["caches"], command=clear),
        ]

    def _project_names(self) -> dict[str, str]:
        with self._database.session(write=False) as session:
            return {row.id: row.name for row in session.execute(select(Project.id, Project.name))}


def _files_in(folder: Path) -> dict[str, int]:
    found = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                found[entry.name] = entry.stat(follow_symlinks=False).st_size
    return found
