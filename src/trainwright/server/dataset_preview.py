"""What is in a dataset, as it is looked at: opened once for all who turn its pages."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from pathlib import Path

from trainwright.datasets.albums import (
    Album,
    Picture,
    find_table,
    open_album,
    open_sample,
    read_rows,
)
from trainwright.datasets.s3 import S3Dataset, is_in_s3
from trainwright.files import contained
from trainwright.server.paging import page_of
from trainwright.settings import Settings
from trainwright.spec.api import DatasetPreview, PreviewBox, PreviewImage
from trainwright.spec.catalog import DatasetInfo
from trainwright.spec.errors import ConflictError, InvalidRequestError, NotFoundError
from trainwright.store.models import Dataset

_SECONDS = 60.0
"""How long an album is taken to be as it was: listing a large folder takes a second."""

_ALBUMS = 8


class NotHereError(ConflictError):
    """A dataset whose data is not on the platform's machine."""

    code = "not_here"


class Albums:
    """Opened albums of the last minute, the newest few."""

    def __init__(self) -> None:
        self._opening: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._opened: dict[str, tuple[float, Album | None]] = {}

    def of(self, found: Dataset | DatasetInfo, settings: Settings) -> Album | None:
        """The pictures of a dataset; `None` where there are none.

        Raises:
            NotHereError: Its data is elsewhere.
            DataError: It cannot be read.
        """
        key = f"{settings.home.path} {found.id}"
        with self._opening[key]:
            known = self._opened.get(key)
            if known is not None and time.monotonic() - known[0] < _SECONDS:
                return known[1]
            album = _open(found, settings)
            self._opened.pop(key, None)
            self._opened[key] = time.monotonic(), album
        for old in list(self._opened)[:-_ALBUMS]:
            self._opened.pop(old, None)
        return album


ALBUMS = Albums()


def preview(
    found: Dataset | DatasetInfo,
    settings: Settings,
    *,
    split: str | None,
    label: str | None,
    limit: int,
    cursor: str | None,
) -> DatasetPreview:
    """A page of a dataset.

    Args:
        found: Which.
        settings: Of the platform.
        split: Pictures of this split only.
        label: Pictures with this class only.
        limit: How many.
        cursor: `next_cursor` of the page before.

    Raises:
        NotHereError: Its data is not on this machine.
        InvalidRequestError: The cursor is not one of ours.
        DataError: It cannot be read, or holds nothing that can be shown.
    """
    album = ALBUMS.of(found, settings)
    if album is None:
        return _rows(found, settings, limit, cursor)
    page = page_of(album.select(split, label), limit, cursor)
    return DatasetPreview(
        dataset_id=found.id,
        kind="boxes" if album.has_boxes else "images",
        classes=album.counts(split),
        splits=album.splits,
        images=[_image(picture) for picture in page.items],
        is_part=album.is_part,
        total=page.total,
        next_cursor=page.next_cursor,
    )


def picture_file(found: Dataset | DatasetInfo, settings: Settings, path: str) -> Path:
    """The file of one of a dataset's pictures; no other file of its folder is ever shown.

    Raises:
        NotFoundError: It is none of them.
        NotHereError: The data is not on this machine.
        InvalidRequestError: It leads outside.
    """
    album = ALBUMS.of(found, settings)
    if album is None or path not in album.by_path:
        raise NotFoundError(f"{found.id} has no picture {path!r}", expected="one of its preview")
    return contained(album.root, path)


def _open(found: Dataset | DatasetInfo, settings: Settings) -> Album | None:
    if isinstance(found, Dataset):
        return open_album(_folder_of(found, settings))
    album = open_sample(found, settings.home)
    if album is None:
        raise NotHereError(
            f"the pictures of {found.id} are not on this machine",
            expected="a dataset that was trained on here before, or that ships with the platform",
            mend=f"trainwright datasets show {found.id}",
        )
    return album


def _folder_of(row: Dataset, settings: Settings) -> Path:
    place = S3Dataset(row.uri, settings).latest() if is_in_s3(row.uri) else Path(row.uri)
    if place is None or not place.is_dir():
        raise NotHereError(
            f"the files of {row.name} are not on this machine",
            mend=f"trainwright datasets validate {row.id}",
        )
    return place


def _rows(
    found: Dataset | DatasetInfo, settings: Settings, limit: int, cursor: str | None
) -> DatasetPreview:
    folder = _folder_of(found, settings) if isinstance(found, Dataset) else None
    file = find_table(folder) if folder else None
    if folder is None or file is None:
        raise NotHereError(
            f"there is nothing in {found.id} that can be shown",
            expected="images, JSON lines, or tables as CSV or TSV",
        )
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise InvalidRequestError(
            "the cursor is not valid", field="cursor", expected="`next_cursor` of the page before"
        )
    start = int(cursor or 0)
    try:
        table = read_rows(folder, file, start, limit)
    except OSError as error:
        raise NotFoundError(f"{file} cannot be read: {error.strerror}") from None
    return DatasetPreview(
        dataset_id=found.id,
        kind="rows",
        file=table.file,
        columns=table.columns,
        rows=table.rows,
        next_cursor=str(start + limit) if table.has_more else None,
    )


def _image(picture: Picture) -> PreviewImage:
    boxes = [PreviewBox.of(box) for box in picture.boxes]
    return PreviewImage(
        path=picture.path, class_name=picture.class_name, split=picture.split, boxes=boxes
    )
