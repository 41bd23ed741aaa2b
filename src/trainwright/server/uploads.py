"""Folders of uploaded datasets, and the form that brings one straight to disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from filelock import FileLock, Timeout
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from trainwright.files import storage_error
from trainwright.spec.errors import DiskFullError, InvalidRequestError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

RESERVE = 256 * 1024 * 1024
"""Bytes of the disk that uploads leave free, so that the platform itself can go on."""

_LOCK_SECONDS = 10
_MAX_TEXT = 64 * 1024
"""Bytes of a form that are kept in memory: names, headers and text fields together."""

_EXPECTED = "a form with one file, and optionally name and task"


class Uploads:
    """`<root>/<dataset id>/`: one folder an uploaded dataset.

    A lock file beside a folder is held as long as it is being filled or emptied; one that nobody
    holds marks what was cut off by a crash, and goes with its folder at the next upload.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def free(self) -> int:
        """Bytes that may still be written."""
        return room_on(self.root)

    @contextmanager
    def incoming(self, dataset_id: str) -> Iterator[Path]:
        """A new folder for a dataset; it stays only if the block ends well.

        Raises:
            StorageError: It cannot be made.
        """
        folder = self.root / dataset_id
        with self._changing(folder):
            self.sweep()
            try:
                folder.mkdir()
                yield folder
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise

    def remove(self, dataset_id: str) -> None:
        """Delete the folder of a dataset, if it was uploaded.

        Raises:
            StorageError: Not everything can be deleted; the rest goes at the next upload.
        """
        folder = self.root / dataset_id
        if not folder.is_dir():
            return
        with self._changing(folder):
            shutil.rmtree(folder)

    @contextmanager
    def _changing(self, folder: Path) -> Iterator[None]:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with FileLock(_lock_of(folder), timeout=_LOCK_SECONDS):
                done = False
                try:
                    yield
                    done = True
                finally:
                    # what could not be deleted now keeps its mark
                    if done or not folder.exists():
                        _lock_of(folder).unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(folder, error) from error

    def sweep(self) -> None:
        """Delete what was cut off by a crash."""
        for folder in map(self.root.joinpath, self.cut_off()):
            try:
                with FileLock(_lock_of(folder), timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)
                    if not folder.exists():
                        _lock_of(folder).unlink(missing_ok=True)
            except (Timeout, OSError):
                continue  # somebody is at it, or it cannot be helped now

    def cut_off(self) -> list[str]:
        """Names of the folders that were being filled or emptied when a crash came."""
        return [
            mark.name[1 : -len(".lock")] for mark in self.root.glob(".*.lock") if not _is_held(mark)
        ]


def room_on(folder: Path) -> int:
    """Bytes that may still be written below a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    return max(0, shutil.disk_usage(folder).free - RESERVE)


def no_room() -> DiskFullError:
    """What whoever sends more than the disk can take is told."""
    return DiskFullError(
        "there is no room for the upload on the platform's disk",
        mend="trainwright runs prune --status failed --now",
    )


def _is_held(mark: Path) -> bool:
    try:
        with FileLock(mark, timeout=0):
            return False
    except (Timeout, OSError):
        return True


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.lock")


@dataclass
class Form:
    """What was received.

    Attributes:
        file_name: As the sender calls the file; only ever a label.
        fields: The text fields.
    """

    file_name: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def receive(chunks: Iterable[bytes], content_type: str, into: Path, room: int) -> Form:
    """Write the one file of a multipart form to disk as it comes.

    Args:
        chunks: The body.
        content_type: Its header.
        into: File to write.
        room: Largest size taken.

    Raises:
        InvalidRequestError: It is no such form.
        DiskFullError: There is no room for it.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise InvalidRequestError("this is not a form with a file", expected=_EXPECTED)
    try:
        with into.open("xb") as file:
            reader = _Reader(file, room)
            parser = MultipartParser(boundary, reader.callbacks())
            for chunk in chunks:
                parser.write(chunk)
            parser.finalize()
    except FormParserError as error:
        raise InvalidRequestError(f"the form is broken: {error}", expected=_EXPECTED) from None
    except OSError as error:
        raise storage_error(into, error) from error
    if not reader.ended:
        raise InvalidRequestError("the form ends in the middle", expected=_EXPECTED)
    if reader.files != 1:
        raise InvalidRequestError("the form has no file", field="file", expected=_EXPECTED)
    return reader.form


class _Reader:
    """Takes what the parser finds."""

    def __init__(self, file: BinaryIO, room: int) -> None:
        self.form = Form()
        self.files = 0
        self.ended = False
        self._file = file
        self._room = room
        self._text_room = _MAX_TEXT
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._field: str | None = None
        self._text = bytearray()

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": lambda *piece: self._keep(self._header[0], *piece),
            "on_header_value": lambda *piece: self._keep(self._header[1], *piece),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _keep(self, text: bytearray, data: bytes, start: int, end: int) -> None:
        self._text_room -= end - start
        if self._text_room < 0:
            raise InvalidRequestError("the form's text is too long", expected=_EXPECTED)
        text += data[start:end]

    def _part_begin(self) -> None:
        self._disposition = b""
        self._text.clear()

    def _header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)
        name.clear()
        value.clear()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"filename" not in options:
            self._field = options.get(b"name", b"").decode(errors="replace")
            return
        self._field = None
        self.files += 1
        if self.files > 1:
            raise InvalidRequestError("the form has more than one file", expected=_EXPECTED)
        name = options[b"filename"].decode(errors="replace")
        self.form.file_name = name.replace("\\", "/").rpartition("/")[2] or "the file"

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            self._keep(self._text, data, start, end)
            return
        self._room -= end - start
        if self._room < 0:
            raise no_room()
        self._file.write(data[start:end])

    def _part_end(self) -> None:
        if self._field is not None:
            self.form.fields[self._field] = self._text.decode(errors="replace")

    def _end(self) -> None:
        self.ended = True
