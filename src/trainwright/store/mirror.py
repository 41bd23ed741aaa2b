"""The mirror: what runs leave, kept in an object store too, and brought back from it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from sqlalchemy.orm import Session

from trainwright.files import contained, sha256_of
from trainwright.settings import Home, Settings
from trainwright.spec.errors import InvalidRequestError, NotFoundError
from trainwright.store.database import Database
from trainwright.store.models.runs import MirroredFile
from trainwright.store.objects import (
    ObjectStore,
    fetch,
    is_elsewhere,
    open_objects,
    prefix_of,
)
from trainwright.store.objects.errors import ObjectDamagedError
from trainwright.store.repositories import Artifacts, Checkpoints, Runs
from trainwright.store.repositories.mirror import Mirrored

_log = logging.getLogger(__name__)

RECORDS = ("spec.yaml", "provenance.json", "result.json", "events.jsonl", "stdout.log")
"""What goes along with artifacts and checkpoints, so that a run can go on from its mirror."""

_PLAIN = "".join(chr(n) for n in range(32, 127) if chr(n) not in "\\%")


class Mirror:
    """What ended runs have left, in an object store that is not the home's own disk.

    Of a run it has the artifacts, the best, the last and the kept checkpoints, and `RECORDS`; the
    book of it, with checksums, is in the database. Every step may be repeated by any process.
    """

    def __init__(self, database: Database, home: Home, objects: ObjectStore) -> None:
        self._database = database
        self._home = home
        self._objects = objects

    def keep(self, run_id: str) -> None:
        """Copy what the object store lacks of an ended run, and remove there what is void.

        A file that changes meanwhile, or cannot be a key, is left out and told in the log.

        Raises:
            NotFoundError: There is no such run (any more).
            UnavailableError: The object store cannot be reached.
        """
        with self._database.session(write=False) as session:
            wanted, there = _wanted(session, run_id), Mirrored(session).files(run_id)
        try:
            for path, sha256 in self._files(run_id, wanted):
                self._copy(run_id, path, sha256, there.get(path))
        except NotFoundError:
            self._objects.delete_prefix(prefix_of(run_id))
            raise
        for path in _void(there, wanted):
            self._objects.delete(key_of(run_id, path))
            with self._database.session() as session:
                Mirrored(session).forget(run_id, path)
        with self._database.session() as session:
            if _wanted(session, run_id) == wanted:
                Mirrored(session).mark_due(run_id, due=False)

    def bring_back(self, run_id: str, *, but: str | None = None) -> int:
        """Put files that are missing from the run directory back, checked, from the mirror.

        Args:
            run_id: The run.
            but: A folder that is not needed, with a slash at its end.

        Returns:
            How many were missing.

        Raises:
            ObjectDamagedError: One is not what was mirrored.
            UnavailableError: One is missing, and the object store cannot be reached.
        """
        with self._database.session(write=False) as session:
            there = Mirrored(session).files(run_id)
        needed = [row for row in there.values() if but is None or not row.path.startswith(but)]
        return sum(self._bring(run_id, row) for row in needed)

    def bring_file(self, run_id: str, path: str) -> bool:
        """Put one file back if it is missing; False where the mirror has none."""
        row = self.find(run_id, path)
        if row is not None:
            self._bring(run_id, row)
        return row is not None

    def find(self, run_id: str, path: str) -> MirroredFile | None:
        """What the mirror has of a file."""
        with self._database.session(write=False) as session:
            return Mirrored(session).files(run_id).get(path)

    def uris(self, run_id: str) -> dict[tuple[str, str], str]:
        """Path and SHA-256 of what the mirror has of a run → where it lies; of folders without."""
        with self._database.session(write=False) as session:
            there = Mirrored(session).files(run_id)
        names = {(path, row.sha256) for path, row in there.items()}
        names |= {
            (str(folder), "") for path in there for folder in PurePosixPath(path).parents[:-1]
        }
        return {name: self._objects.uri(key_of(run_id, name[0])) for name in names}

    def presign(self, run_id: str, path: str, seconds: int) -> str | None:
        """A URL from which anyone may download a mirrored file for so long, where there is one."""
        if self.find(run_id, path) is None:
            return None
        return self._objects.presign(key_of(run_id, path), seconds)

    def _files(
        self, run_id: str, wanted: Mapping[str, str | None]
    ) -> Iterator[tuple[str, str | None]]:
        """What is wanted, and of folders, as some trainers' checkpoints are, the files in them."""
        root = self._home.runs / run_id
        for path, sha256 in wanted.items():
            if not (root / path).is_dir():
                yield path, sha256
                continue
            for file in sorted((root / path).rglob("*")):
                if file.is_file() and not file.is_symlink():
                    yield file.relative_to(root).as_posix(), None

    def _copy(self, run_id: str, path: str, sha256: str | None, there: MirroredFile | None) -> None:
        try:
            file = contained(self._home.runs / run_id, path)
            if not file.is_file():
                return  # mirrored and lost since, or pruned
            sha256 = sha256 or sha256_of(file)
            if there is not None and there.sha256 == sha256 and self._has(run_id, there):
                return
            stored = self._objects.put(key_of(run_id, path), file, sha256=sha256)
        except (InvalidRequestError, ObjectDamagedError, OSError) as error:
            _log.warning("%s of run %s is not mirrored: %s", path, run_id, error)
            return
        with self._database.session() as session:
            Mirrored(session).note(run_id, path, stored)

    def _has(self, run_id: str, row: MirroredFile) -> bool:
        """Whether the object store has what the book says: it may be another one by now."""
        try:
            return self._objects.size(key_of(run_id, row.path)) == row.bytes
        except NotFoundError:
            return False

    def _bring(self, run_id: str, row: MirroredFile) -> bool:
        """Whether the file was missing."""
        file = contained(self._home.runs / run_id, row.path)
        if file.is_file():
            return False
        fetch(self._objects, key_of(run_id, row.path), file, sha256=row.sha256)
        _log.info("%s of run %s was brought back", row.path, run_id)
        return True


def _void(there: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """What the mirror has and should not have; what is below a wanted folder belongs to it."""
    kept = set(wanted)
    return [
        path
        for path in there
        if path not in kept and not kept.intersection(map(str, PurePosixPath(path).parents))
    ]


def open_mirror(settings: Settings, database: Database) -> Mirror | None:
    """The mirror, where the settings name a place for one that is not the home itself."""
    if not is_elsewhere(settings):
        return None
    return Mirror(database, settings.home, open_objects(settings))


def key_of(run_id: str, path: str) -> str:
    """Where the mirror has a file of a run; characters that no key may hold are escaped."""
    plain = "".join(c if c in _PLAIN or ord(c) > 127 else quote(c) for c in path)
    return prefix_of(run_id) + plain


def _wanted(session: Session, run_id: str) -> Mapping[str, str | None]:
    """Path → SHA-256, as far as it is known, of what the mirror should have of a run."""
    Runs(session).get(run_id)
    checkpoints = Checkpoints(session).list(run_id)
    kept = [row for row in checkpoints if row.kept]
    best = Checkpoints(session).best(run_id)
    wanted: dict[str, str | None] = dict.fromkeys(RECORDS)
    for row in (*kept, *checkpoints[-1:], best):
        if row is not None:
            wanted[row.path] = row.sha256
    wanted |= {row.path: row.sha256 for row in Artifacts(session).list(run_id)}
    return wanted
