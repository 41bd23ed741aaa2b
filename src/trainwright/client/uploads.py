"""Archives on their way to the platform: piece by piece, so that a break costs little."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from trainwright.client.calls import Calls, part
from trainwright.client.transport import LONG
from trainwright.spec.api import DatasetView, UploadView
from trainwright.spec.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    TrainwrightError,
    UnavailableError,
)

PIECE = 64 << 20
"""Bytes of one request: few enough that proxies let them pass."""

STUCK = 60.0
"""Seconds in which nothing moves on the line, after which it is given up and tried anew."""

_PATH = "/datasets/uploads"
_READ = 1 << 20
_ENDS = 1 << 20
_PAUSES = (0.2, 0.5, 1, 2, 4, 8, 8, 8, 8, 8, 8, 8)
"""Seconds between tries while nothing gets through: a minute, in which a platform starts anew."""

_PASSING = ("locked", "offset_conflict", "timeout")
_TUS = {"Tus-Resumable": "1.0.0"}
_TUS_PIECE = _TUS | {"Content-Type": "application/offset+octet-stream"}


@dataclass
class Told:
    """Whom an upload tells how it is going.

    Attributes:
        progress: Called with the bytes that were sent so far, those of earlier calls included.
        waiting: Called with the reason whenever nothing gets through and it is tried again.
    """

    progress: Callable[[int], None]
    waiting: Callable[[TrainwrightError], None]


@dataclass
class _Patience:
    """Tries again what a break may have kept from succeeding."""

    told: Told
    left: list[float] = field(default_factory=lambda: list(_PAUSES))

    def bear(self, error: TrainwrightError) -> None:
        """Wait a moment, or give up with the error."""
        passes = isinstance(error, UnavailableError) or error.code in _PASSING
        if not passes or not self.left:
            raise error
        self.told.waiting(error)
        time.sleep(self.left.pop(0))

    def renew(self) -> None:
        self.left = list(_PAUSES)


class UploadCalls(Calls):
    """How archives become datasets."""

    def upload_dataset(
        self,
        archive: Path | str,
        name: str | None = None,
        task: str | None = None,
        *,
        on_progress: Callable[[int], None] | None = None,
        on_wait: Callable[[TrainwrightError], None] | None = None,
    ) -> DatasetView:
        """Register what is in a zip or tar archive; the platform unpacks and keeps it.

        A connection that breaks is waited for, up to a minute. What was sent stays on the platform
        for a day: calling this again with the same file goes on where it ended.

        Args:
            archive: The file.
            name: Default: the file's name.
            task: What it is for, where the folders in it do not say it.
            on_progress: Told how many bytes have been sent, those of an earlier call included.
            on_wait: Told why, whenever nothing gets through.

        Raises:
            NotFoundError: The file cannot be read.
            ConflictError: It was changed while it was sent, or the name is taken.
            DataError: It is no sound archive, or cannot be trained on; the platform keeps nothing.
            StorageError: There is no room for it on the platform.
            UnavailableError: The platform was out of reach for too long.
        """
        path = Path(archive)
        told = Told(on_progress or (lambda _: None), on_wait or (lambda _: None))
        try:
            with path.open("rb") as file:
                return self._sent(file, path.name, {"name": name, "task": task}, told)
        except OSError as error:
            raise NotFoundError(f"cannot read {path}: {error.strerror}") from None

    def uploads(self) -> list[UploadView]:
        """One's own archives that are on their way, newest first."""
        return [UploadView.model_validate(one) for one in self._all(_PATH)]

    def cancel_upload(self, upload_id: str) -> None:
        """Give an upload up; what has come of it is deleted."""
        self._send("DELETE", f"{_PATH}/{part(upload_id)}", headers=_TUS)

    def _sent(
        self, file: BinaryIO, called: str, said: dict[str, str | None], told: Told
    ) -> DatasetView:
        stamp = _stamp(file)
        upload = self._going_on(file, stamp, said) or self._begun(file, called, said)
        patience, offset = _Patience(told), upload.offset
        told.progress(offset)
        while offset < upload.length:
            if _stamp(file) != stamp:
                raise ConflictError(f"{called} was changed while it was sent", mend="send it again")
            try:
                offset = self._send_piece(file, upload, offset, told)
                patience.renew()
            except TrainwrightError as error:
                patience.bear(error)
                offset = self._offset(upload, offset)
                told.progress(offset)
        while True:
            try:
                data = self._send("POST", f"{_PATH}/{upload.id}/finish", timeout=LONG)
                return DatasetView.model_validate(data)
            except TrainwrightError as error:
                patience.bear(error)

    def _going_on(
        self, file: BinaryIO, stamp: tuple[int, int], said: dict[str, str | None]
    ) -> UploadView | None:
        """The upload of the same file that was begun before, if there is one."""
        fingerprint = _fingerprint(file)
        for one in self.uploads():
            same = (one.fingerprint, one.length) == (fingerprint, stamp[0])
            if same and said == {"name": one.name, "task": one.task} and one.state != "done":
                return one
        return None

    def _begun(self, file: BinaryIO, called: str, said: dict[str, str | None]) -> UploadView:
        words = said | {"filename": called, "fingerprint": _fingerprint(file)}
        headers = _TUS | {
            "Upload-Length": str(_stamp(file)[0]),
            "Upload-Metadata": ",".join(f"{k} {_base64(v)}" for k, v in words.items() if v),
        }
        return UploadView.model_validate(self._send("POST", _PATH, headers=headers))

    def _send_piece(self, file: BinaryIO, upload: UploadView, offset: int, told: Told) -> int:
        size = min(PIECE, upload.length - offset)
        headers = _TUS_PIECE | {"Upload-Offset": str(offset), "Content-Length": str(size)}
        content = _read(file, offset, size, told)
        timeout = httpx.Timeout(STUCK, connect=LONG.connect)
        path = f"{_PATH}/{upload.id}"
        self._send("PATCH", path, headers=headers, content=content, timeout=timeout)
        return offset + size

    def _offset(self, upload: UploadView, otherwise: int) -> int:
        """How much the platform has, as far as it can be asked."""
        try:
            return UploadView.model_validate(self._get(f"{_PATH}/{upload.id}")).offset
        except UnavailableError:
            return otherwise


def _read(file: BinaryIO, offset: int, size: int, told: Told) -> Iterator[bytes]:
    file.seek(offset)
    end = offset + size
    while offset < end:
        data = file.read(min(_READ, end - offset))
        if not data:
            raise InvalidRequestError("the file was cut short while it was sent")
        yield data
        offset += len(data)
        told.progress(offset)


def _stamp(file: BinaryIO) -> tuple[int, int]:
    """Size and time of change: whoever writes to a file changes one of them."""
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


def _fingerprint(file: BinaryIO) -> str:
    """What tells a file from others, without reading it whole."""
    size, changed = _stamp(file)
    digest = hashlib.sha256(f"{size} {changed}".encode())
    for place in (0, max(0, size - _ENDS)):
        file.seek(place, io.SEEK_SET)
        digest.update(file.read(_ENDS))
    return digest.hexdigest()


def _base64(text: Any) -> str:
    return base64.b64encode(str(text).encode()).decode()
