"""Archives on their way here: what has come of each, through breaks, kills and power cuts."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from trainwright.files import storage_error, sync_folder, write_atomic
from trainwright.server.errors import TooManyRequestsError
from trainwright.server.uploads import no_room, room_on
from trainwright.spec.api import UploadView
from trainwright.spec.api.models import DatasetFields
from trainwright.spec.errors import ConflictError, InvalidRequestError, NotFoundError
from trainwright.spec.events import utc_now

LIFETIME = timedelta(hours=24)
"""How long an upload waits for more of it."""

MAX_OPEN = 20
"""Uploads one person may have begun and not ended."""

_ID = re.compile(r"d[0-9a-z]{13}")
_RECORD = "upload.json"
_DATA = "archive"
_LOCK = "lock"
_LOCK_SECONDS = 2.0


class LockedError(ConflictError):
    """Another request is at the same upload; it is to be tried again."""

    code = "locked"
    status = 423


class OffsetError(ConflictError):
    """A piece that does not begin where the last one ended."""

    code = "offset_conflict"


class Upload(BaseModel):
    """What is known of an archive since its first byte was announced.

    Attributes:
        id: That of the dataset which it becomes.
        owner_id: Who sends it.
        file_name: As they call the file.
        length: Bytes of the whole.
        fields: What they say of the dataset.
        fingerprint: By which they know the file again.
        created_at: When it was announced.
        done: It has become its dataset.
    """

    id: str
    owner_id: str
    file_name: str
    length: int
    fields: DatasetFields = Field(default_factory=DatasetFields)
    fingerprint: str = ""
    created_at: AwareDatetime = Field(default_factory=utc_now)
    done: bool = False


class Incoming:
    """`<root>/<upload id>/`: its record, and the bytes that have come.

    How much has come is the length of that file and stands nowhere else, so the two cannot differ;
    it is only ever told after the file was synced.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def begin(self, upload: Upload) -> None:
        """Make place for an archive.

        Raises:
            TooManyRequestsError: Its sender has begun too many.
            DiskFullError: It does not fit beside the others that are on their way.
            StorageError: The home cannot be written.
        """
        others = list(self._all())
        if sum(o.owner_id == upload.owner_id and not o.done for o in others) >= MAX_OPEN:
            raise TooManyRequestsError(
                f"{MAX_OPEN} uploads were begun and not ended",
                expected="that some are finished or cancelled first",
            )
        promised = sum(one.length - self.offset(one) for one in others)
        if upload.length > room_on(self.root) - promised:
            raise no_room()
        folder = self.root / upload.id
        try:
            folder.mkdir()
            (folder / _DATA).touch()
            self._keep(upload)
            sync_folder(self.root)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise storage_error(folder, error) from error

    def find(self, upload_id: str, owner_id: str) -> Upload:
        """An upload of this person.

        Raises:
            NotFoundError: There is none, or it waited too long.
        """
        found = self._read(upload_id)
        if found is None or found.owner_id != owner_id or self.expires_at(found) < utc_now():
            raise NotFoundError(
                f"there is no upload {upload_id!r}; one that nothing comes of goes after a day",
                mend="trainwright datasets add <the archive>",
            )
        return found

    def of(self, owner_id: str) -> list[Upload]:
        """A person's uploads, newest first."""
        now = utc_now()
        mine = (u for u in self._all() if u.owner_id == owner_id and self.expires_at(u) >= now)
        return sorted(mine, key=lambda upload: upload.id, reverse=True)

    def offset(self, upload: Upload) -> int:
        """Bytes that are here, and would be after a power cut."""
        if upload.done:
            return upload.length
        try:
            with self.data(upload).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                os.fsync(file.fileno())
                return size
        except FileNotFoundError:
            return 0  # it is being removed
        except OSError as error:
            raise storage_error(self.data(upload), error) from error

    def expires_at(self, upload: Upload) -> datetime:
        return self._last_change(upload.id) + LIFETIME

    def data(self, upload: Upload) -> Path:
        """The file with what has come."""
        return self.root / upload.id / _DATA

    def view(self, upload: Upload) -> UploadView:
        offset = self.offset(upload)
        whole = "done" if upload.done else "received"
        return UploadView(
            id=upload.id,
            file_name=upload.file_name,
            name=upload.fields.name,
            task=upload.fields.task,
            fingerprint=upload.fingerprint,
            offset=offset,
            length=upload.length,
            state=whole if offset == upload.length else "receiving",
            created_at=upload.created_at,
            expires_at=self.expires_at(upload),
        )

    @contextmanager
    def held(self, upload: Upload) -> Iterator[Upload]:
        """Keep everybody else from an upload; it is given as it is by then.

        Raises:
            LockedError: Somebody else is at it.
            NotFoundError: It was removed meanwhile.
        """
        lock = self._lock(upload.id, _LOCK_SECONDS)
        try:
            lock.acquire()
        except Timeout:
            raise LockedError(f"another request is at the upload {upload.id}") from None
        except OSError:
            self.find(upload.id, upload.owner_id)
            raise
        try:
            yield self.find(upload.id, upload.owner_id)
        finally:
            lock.release()

    def settle(self, upload: Upload) -> None:
        """Note that it has become its dataset; what was sent is not needed any more."""
        self._keep(upload.model_copy(update={"done": True}))
        self.data(upload).unlink(missing_ok=True)

    def remove(self, upload: Upload) -> None:
        """Forget an upload that nobody else is at.

        Raises:
            StorageError: It cannot be removed.
        """
        folder = self.root / upload.id
        try:
            # first, so that whatever is left of it after a crash is no upload any more
            (folder / _RECORD).unlink(missing_ok=True)
            shutil.rmtree(folder)
        except OSError as error:
            raise storage_error(folder, error) from error

    def sweep(self, at: datetime | None = None) -> None:
        """Remove what nothing has come of for too long, and what a crash has left.

        Args:
            at: The moment to reckon from. Default: now.
        """
        before = (at or utc_now()) - LIFETIME
        for upload_id in self._ids():
            if self._last_change(upload_id) < before:
                with suppress(Timeout, OSError), self._lock(upload_id, 0):
                    shutil.rmtree(self.root / upload_id)

    def _all(self) -> Iterator[Upload]:
        for upload_id in self._ids():
            if (found := self._read(upload_id)) is not None:
                yield found

    def _ids(self) -> list[str]:
        try:
            return [path.name for path in self.root.iterdir() if _ID.fullmatch(path.name)]
        except FileNotFoundError:
            return []

    def _read(self, upload_id: str) -> Upload | None:
        if not _ID.fullmatch(upload_id):
            return None
        try:
            return Upload.model_validate_json((self.root / upload_id / _RECORD).read_bytes())
        except (OSError, ValidationError):
            return None

    def _keep(self, upload: Upload) -> None:
        write_atomic(self.root / upload.id / _RECORD, upload.model_dump_json(), mode=0o600)

    def _last_change(self, upload_id: str) -> datetime:
        folder, times = self.root / upload_id, [0.0]
        for path in (folder, folder / _RECORD, folder / _DATA):
            with suppress(OSError):
                times.append(path.stat().st_mtime)
        return datetime.fromtimestamp(max(times), tz=utc_now().tzinfo)

    def _lock(self, upload_id: str, seconds: float) -> FileLock:
        # taken and given back by whichever thread is free
        return FileLock(self.root / upload_id / _LOCK, timeout=seconds, thread_local=False)


class Piece:
    """The next bytes of an upload that is held.

    Args:
        incoming: Where it is.
        upload: Which.
        offset: Where its sender believes them to begin.

    Raises:
        OffsetError: They do not begin where the last ones ended.
    """

    def __init__(self, incoming: Incoming, upload: Upload, offset: int) -> None:
        self.offset = incoming.offset(upload)
        if offset != self.offset:
            raise OffsetError(
                f"{self.offset} bytes of the upload are here, not {offset}",
                field="Upload-Offset",
                expected=str(self.offset),
                details={"offset": self.offset},
            )
        self._root = incoming.root
        self._length = upload.length
        self._path = incoming.data(upload)
        self._file = None if upload.done else self._path.open("ab", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, data: bytes) -> None:
        """Append what came.

        Raises:
            InvalidRequestError: It is more than was announced.
            DiskFullError: There is no room for it.
        """
        if self.offset + len(data) > self._length:
            raise InvalidRequestError(
                "more is sent than was announced", expected=f"{self._length} bytes in all"
            )
        if len(data) > room_on(self._root):
            raise no_room()
        left = memoryview(data)
        try:
            while left and self._file is not None:
                written = self._file.write(left)
                self.offset += written
                left = left[written:]
        except OSError as error:
            raise storage_error(self._path, error) from error

    def sync(self) -> int:
        """Bytes that are here for good."""
        try:
            if self._file is not None:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise storage_error(self._path, error) from error
        return self.offset
