"""What runs have left and only the object store still has: a backup takes it along."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from trainwright.backup.manifest import HOME
from trainwright.backup.selection import Selection
from trainwright.backup.sinks import Recorder, discard, fresh
from trainwright.settings import Settings
from trainwright.spec.errors import NotFoundError, UnavailableError
from trainwright.store.mirror import key_of
from trainwright.store.models.runs import MirroredFile
from trainwright.store.objects import fetch, is_elsewhere, open_objects
from trainwright.store.objects.errors import ObjectDamagedError

LEFT_OUT = "objects"
_MEND = "trainwright backup FILE --no-objects"


def add_mirrored(
    settings: Settings,
    files: Iterable[MirroredFile],
    selection: Selection,
    recorder: Recorder,
    path: Path,
    *,
    objects: bool,
) -> None:
    """Take along what the object store alone has of what belongs into the backup.

    One file after the other is fetched beside the backup and checked, so that neither memory nor
    much of the disk is needed, and one that is damaged there is left out and named.

    Args:
        settings: Where the object store is.
        files: All that the rows know to be there.
        selection: What belongs into the backup; what is left out is noted there.
        recorder: What is in it already.
        path: Of the backup.
        objects: Whether to take them along.

    Raises:
        UnavailableError: The object store cannot be reached.
        StorageError: There is no room.
    """
    lost = [
        file
        for file in files
        if file.path.isprintable()
        and name_of(selection, file) not in recorder.members
        and selection.wants(file.run_id, file.path)
    ]
    if not lost:
        return
    if why := _why_not(settings, asked=objects):
        selection.left_out[LEFT_OUT] = f"{why}; {len(lost)} files are in the object store only"
        return
    store, fetched = open_objects(settings), fresh(path.with_name(f"{path.name}.object"))
    try:
        for file in lost:
            name = name_of(selection, file)
            try:
                fetch(store, key_of(file.run_id, file.path), fetched, sha256=file.sha256)
            except (NotFoundError, ObjectDamagedError) as error:
                selection.left_out[name.removeprefix(HOME)] = f"it is lost: {error.message}"
                continue
            recorder.add(name, fetched)
            discard(fetched)
    except UnavailableError as error:
        raise type(error)(
            error.message, expected="what runs have left there", mend=_MEND
        ) from error
    finally:
        discard(fetched)


def name_of(selection: Selection, file: MirroredFile) -> str:
    return f"{HOME}{selection.home.runs.name}/{file.run_id}/{file.path}"


def _why_not(settings: Settings, *, asked: bool) -> str | None:
    if not asked:
        return "--no-objects was said"
    return None if is_elsewhere(settings) else "S3_BUCKET is not set any more"
