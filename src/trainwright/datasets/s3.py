"""Datasets in S3: `s3://bucket/prefix` is fetched once into the home, and trained on from there.

What was listed together is one snapshot, named by the keys, sizes and ETags of its objects. A
snapshot never changes once it is whole: a run goes on with what it began with, and an object that
is replaced in the bucket makes another snapshot, which shares all other files with the one before.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from filelock import FileLock

from trainwright.datasets.archives import (
    DEFAULT_LIMITS,
    ArchiveError,
    Limits,
    extract,
    limits_within,
    unwrapped,
)
from trainwright.datasets.checks import Report, check
from trainwright.datasets.formats.endings import ARCHIVE
from trainwright.files import contained, storage_error, write_atomic
from trainwright.settings import Settings
from trainwright.spec import DataError, DatasetKind, DatasetRef, RunSpec
from trainwright.spec.errors import InvalidRequestError, StorageError
from trainwright.store.objects import S3Objects, bucket_of
from trainwright.store.objects.base import check_key
from trainwright.store.objects.s3 import Entry

RESERVE = 256 << 20
"""Bytes of the disk that are left free, so that the platform itself can go on."""
_AT_ONCE = 8
_PART = ".part-"
_LATEST = "latest"

Beat = Callable[[], None]


@dataclass(frozen=True)
class Listing:
    """What a dataset in S3 consists of.

    Attributes:
        uri: As the spec names it.
        entries: Objects by their path below the prefix.
        is_archive: It is one object, to be unpacked.
        fingerprint: SHA-256 of all paths, sizes and ETags.
    """

    uri: str
    entries: dict[str, Entry]
    is_archive: bool
    fingerprint: str

    @property
    def bytes(self) -> int:
        return sum(entry.size for entry in self.entries.values())


class S3Dataset:
    """One dataset in S3, and its snapshots in the home.

    Args:
        uri: `s3://bucket/prefix`, or `s3://bucket/archive.zip`.
        settings: How the bucket is reached, and where the home is.
    """

    def __init__(self, uri: str, settings: Settings) -> None:
        self.uri = uri
        self._bucket, _, key = uri[len("s3://") :].partition("/")
        self._key = key.rstrip("/")
        self._settings = settings
        self._folder = _folder_of(uri, settings)

    def look(self, limits: Limits = DEFAULT_LIMITS) -> Listing:
        """List the dataset; nothing is fetched.

        Raises:
            DataError: There is nothing, too much, or something that cannot be a file.
            UnavailableError: The bucket is out of reach, missing, or closed to us.
        """
        objects = self._objects()
        prefix = self._key and f"{self._key}/"
        found = list(_at_most(limits.files, objects.entries(prefix), self.uri))
        entries = {e.key[len(prefix) :]: e for e in found if not e.key.endswith("/")}
        single = objects.find(self._key) if self._key and not entries else None
        if single is not None:
            entries = {PurePosixPath(single.key).name: single}
        listing = Listing(
            self.uri,
            entries,
            is_archive=single is not None and ARCHIVE.search(single.key) is not None,
            fingerprint=_fingerprint(entries),
        )
        self._check(listing, limits, is_single=single is not None)
        return listing

    def fetch(self, beat: Beat = lambda: None) -> Path:
        """The folder of the dataset as it is in S3 now; what is here already is not fetched again.

        An interrupted fetch goes on where it ended.

        Args:
            beat: Called every now and then; what it raises ends the fetch.

        Raises:
            DataError: As `look`; or there is no room for it.
            ObjectDamagedError: An object was replaced meanwhile: try again.
            UnavailableError: As `look`.
            StorageError: The home cannot be written.
        """
        listing = self.look()
        whole = self._folder / listing.fingerprint
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / ".lock"):
                if not whole.is_dir():
                    self._fill(whole, listing, beat)
                write_atomic(self._folder / _LATEST, whole.name)
        except OSError as error:
            raise storage_error(whole, error) from error
        return unwrapped(whole)

    def check(self, spec: RunSpec, *, fetch: bool) -> Report:
        """Look at what was fetched as the run of `spec` would use it.

        Args:
            spec: What the dataset is to be used for.
            fetch: See first whether it has changed; else what was fetched last will do.

        Raises:
            TrainwrightError: As `fetch`.
        """
        folder = (None if fetch else self.latest()) or self.fetch()
        ref = DatasetRef(kind=DatasetKind.PATH, value=str(folder))
        report = check(ref, spec, home=self._settings.home)
        told = [
            f.model_copy(update={"message": f.message.replace(str(folder), self.uri)})
            for f in report.findings
        ]
        snapshot = folder.relative_to(self._folder).parts[0]
        return report.model_copy(
            update={
                "dataset": self.uri,
                "path": str(folder),
                "findings": told,
                "fingerprint": snapshot,
            }
        )

    def latest(self) -> Path | None:
        """The folder of what was fetched last, if it is still here."""
        try:
            name = (self._folder / _LATEST).read_text()
            whole = contained(self._folder, name)
        except (OSError, ValueError, InvalidRequestError):
            return None
        return unwrapped(whole) if name and whole.is_dir() else None

    def forget(self) -> None:
        """Delete every snapshot."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _objects(self) -> S3Objects:
        try:
            check_key(f"{self._bucket}/{self._key}".rstrip("/"))
        except InvalidRequestError:
            raise _bad(f"{self.uri} names no place in S3", "s3://bucket/prefix") from None
        return S3Objects(bucket_of(self._settings, self._bucket))

    def _check(self, listing: Listing, limits: Limits, *, is_single: bool) -> None:
        if not listing.entries:
            raise _bad(
                f"there is nothing at {self.uri}", "a bucket and prefix with one folder a class"
            )
        if is_single and not listing.is_archive:
            raise _bad(
                f"{self.uri} is one object", "a prefix with one folder a class, or an archive"
            )
        if listing.bytes > limits.bytes:
            raise _bad(
                f"{self.uri} has {listing.bytes / 1e9:.1f} GB",
                f"at most {limits.bytes / 1e9:.0f} GB",
            )
        folders = {str(p) for path in listing.entries for p in PurePosixPath(path).parents}
        for path in listing.entries:
            try:
                check_key(path)
            except InvalidRequestError:
                raise _bad(
                    f"{self.uri} has {path!r}, which cannot be a file", "plain names"
                ) from None
            if path in folders:
                raise _bad(f"{self.uri} has {path!r} both as a file and as a folder", "one of them")

    def _fill(self, whole: Path, listing: Listing, beat: Beat) -> None:
        growing = whole.with_name(f".{whole.name}")
        room = max(0, shutil.disk_usage(self._folder).free - RESERVE)
        missing = listing.bytes - _size_of(growing)
        if missing > room:
            raise StorageError(
                f"{self.uri} needs {missing / 1e9:.1f} GB, and {room / 1e9:.1f} GB are free",
                mend="trainwright runs prune --status failed",
            )
        before = self._snapshot_before()
        objects = self._objects()

        def get(item: tuple[str, Entry]) -> None:
            path, entry = item
            file = contained(growing, path)
            if not file.is_file() and not _share(before, path, entry, file):
                _download(objects, entry, file, beat)

        with _workers() as pool:
            for _ in pool.map(get, listing.entries.items()):
                beat()
        if listing.is_archive:
            self._unpack(growing, *listing.entries, room=room)
        growing.replace(whole)
        tags = {path: [e.size, e.etag] for path, e in listing.entries.items()}
        write_atomic(whole.with_suffix(".json"), json.dumps(tags))

    def _unpack(self, growing: Path, name: str, *, room: int) -> None:
        into = growing / ARCHIVE.sub("", name)
        shutil.rmtree(into, ignore_errors=True)  # of a try that was interrupted
        try:
            extract(growing / name, into, limits_within(room))
        except ArchiveError as error:
            shutil.rmtree(growing)
            error.message = f"{self.uri}: {error.message}"
            raise
        (growing / name).unlink()

    def _snapshot_before(self) -> tuple[Path, dict[str, list[object]]] | None:
        try:
            whole = self._folder / (self._folder / _LATEST).read_text()
            return whole, json.loads(whole.with_suffix(".json").read_bytes())
        except (OSError, ValueError):
            return None


def is_in_s3(dataset: str | None) -> bool:
    """Whether a dataset, as a spec names it, has to be fetched from S3 first."""
    try:
        return dataset is not None and DatasetRef.parse(dataset).kind is DatasetKind.S3
    except ValueError:
        return False


def _folder_of(uri: str, settings: Settings) -> Path:
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", uri[len("s3://") :]).strip("-.")[:60]
    place = f"{settings.s3_endpoint or ''} {uri}"
    digest = hashlib.sha256(place.encode()).hexdigest()[:12]
    return settings.home.datasets / "s3" / f"{name}-{digest}"


def _fingerprint(entries: dict[str, Entry]) -> str:
    digest = hashlib.sha256()
    for path, entry in sorted(entries.items()):
        digest.update(f"{path}\0{entry.size}\0{entry.etag}\n".encode())
    return digest.hexdigest()


def _at_most(count: int, entries: Iterator[Entry], uri: str) -> Iterator[Entry]:
    for number, entry in enumerate(entries):
        if number == count:
            raise _bad(f"{uri} has more than {count:,} objects", f"at most {count:,}")
        yield entry


def _share(
    before: tuple[Path, dict[str, list[object]]] | None, path: str, entry: Entry, file: Path
) -> bool:
    """Take a file that has not changed from the snapshot before, if it has it."""
    if before is None or before[1].get(path) != [entry.size, entry.etag]:
        return False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.link(before[0] / path, file)
    except OSError:
        return False  # a file system without links, or an archive that was unpacked
    return True


def _download(objects: S3Objects, entry: Entry, file: Path, beat: Beat) -> None:
    """Fetch one object, going on where an earlier try ended."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(_PART + hashlib.sha256(file.name.encode()).hexdigest()[:16])
    with part.open("ab") as out:
        for chunk in objects.resume(entry, out.tell()):
            out.write(chunk)
            beat()
        size = out.tell()
    if size != entry.size:
        part.unlink()
        raise StorageError(f"{entry.key} has {size:,} bytes instead of {entry.size:,}")
    part.replace(file)


def _size_of(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


@contextmanager
def _workers() -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing new once one of them has failed."""
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _bad(message: str, expected: str) -> DataError:
    return DataError(message, field="dataset", expected=expected)
