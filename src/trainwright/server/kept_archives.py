"""Uploaded archives in the object store: a dataset whose disk was lost is unpacked once more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trainwright.datasets.archives import extract, limits_within
from trainwright.server.uploads import Uploads
from trainwright.settings import Settings
from trainwright.store.models import Dataset
from trainwright.store.objects import fetch, is_elsewhere, open_objects

_KEPT = "archive"
"""In a dataset's `info`: the object it can be unpacked from."""


@contextmanager
def keeping(settings: Settings, archive: Path, dataset_id: str) -> Iterator[dict[str, Any]]:
    """Put an archive into the object store, where there is one; it stays if the block ends well.

    Args:
        settings: Of the platform.
        archive: The file.
        dataset_id: Of the dataset that it becomes.

    Yields:
        What the dataset's `info` is to say of it.

    Raises:
        UnavailableError: The object store cannot be reached.
    """
    if not is_elsewhere(settings):
        yield {}
        return
    objects, key = open_objects(settings), f"datasets/{dataset_id}/archive"
    stored = objects.put(key, archive)
    try:
        yield {_KEPT: {"key": stored.key, "sha256": stored.sha256, "bytes": stored.size}}
    except BaseException:
        objects.delete(key)
        raise


def is_kept(row: Dataset) -> bool:
    """Whether the archive that a dataset came in is in the object store."""
    return _KEPT in row.info


def bring_back(settings: Settings, row: Dataset) -> None:
    """Unpack a dataset once more whose folder is gone, if its archive was kept.

    Raises:
        ObjectDamagedError: The archive is not what was kept.
        UnavailableError: The object store cannot be reached.
        StorageError: The home cannot be written.
    """
    kept, place = row.info.get(_KEPT), Path(row.uri)
    root = settings.home.uploads / row.id
    if not kept or place.is_dir() or not place.is_relative_to(root):
        return
    uploads = Uploads(settings.home.uploads)
    shutil.rmtree(root, ignore_errors=True)
    with uploads.incoming(row.id) as folder:
        packed = folder / ".archive"
        fetch(open_objects(settings), kept["key"], packed, sha256=kept["sha256"])
        extract(packed, root / place.relative_to(root).parts[0], limits_within(uploads.free()))
        packed.unlink()


def forget(settings: Settings, row: Dataset) -> None:
    """Delete what was kept of a dataset.

    Raises:
        UnavailableError: The object store cannot be reached.
    """
    if is_kept(row) and is_elsewhere(settings):
        open_objects(settings).delete(row.info[_KEPT]["key"])
