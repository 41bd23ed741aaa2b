"""A home with runs in every state that matters to a backup, and what it looks like restored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trainwright.settings import Settings
from trainwright.spec import RunStatus
from trainwright.store import Database
from trainwright.store.repositories import Runs

S = RunStatus
ROAD = (S.VALIDATING, S.PREPARING, S.QUEUED, S.ALLOCATING, S.RUNNING)
ENDS = {
    "completed": (*ROAD, S.COMPLETED),
    "paused": (*ROAD, S.PAUSING, S.PAUSED),
    "running": ROAD,
    "queued": ROAD[:3],
}


RESTORED = {"completed": "completed", "paused": "paused", "running": "failed", "queued": "queued"}
ROOM = 1 << 30


@dataclass
class Place:
    """A home, and its runs by their status."""

    settings: Settings
    runs: dict[str, str]

    @property
    def path(self) -> Path:
        return self.settings.home.path

    def folder(self, status: str) -> Path:
        return self.settings.home.runs / self.runs[status]

    def statuses(self, settings: Settings) -> dict[str, str]:
        """What the runs of this place are in another."""
        database = Database(settings.database)
        with database.session(write=False) as session:
            found = {name: Runs(session).get(run).status.value for name, run in self.runs.items()}
        database.dispose()
        return found


def settings_of(home: Path, url: str | None = None) -> Settings:
    return Settings(trainwright_home=home, database_url=url)


def write(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def below(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
