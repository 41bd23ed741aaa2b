"""Sample datasets of the catalogue, registered folders and uploaded archives, as one list."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwright import catalog
from trainwright.datasets.archives import ArchiveError, extract, limits_within, unwrapped
from trainwright.datasets.checks import Finding, Report, check
from trainwright.datasets.formats.endings import ARCHIVE
from trainwright.datasets.s3 import Listing, S3Dataset, is_in_s3
from trainwright.files import expanded
from trainwright.server import kept_archives
from trainwright.server.auth import Principal
from trainwright.server.uploads import Uploads
from trainwright.settings import Settings
from trainwright.spec.api import DatasetCreate, DatasetReport, DatasetView, Page
from trainwright.spec.api.models import DatasetFields
from trainwright.spec.catalog import DatasetInfo
from trainwright.spec.errors import ConflictError, InvalidRequestError
from trainwright.spec.refs import DatasetRef
from trainwright.spec.runspec import RunSpec
from trainwright.spec.tasks import Task
from trainwright.store import Database
from trainwright.store.models import Dataset, Role
from trainwright.store.repositories import Datasets

UPLOADED = "uploaded"
"""In a dataset's `info`: its files are the platform's own."""

_NOT_A_NAME = re.compile(r"[^\w.-]+")
_NAME_BYTES = 200  # it names a folder, too, and file systems end at 255


@dataclass(frozen=True)
class Archive:
    """A file that was uploaded.

    Attributes:
        path: Where it is.
        called: What the sender calls it.
        into: The folder of the new dataset, which is named by the dataset's id.
    """

    path: Path
    called: str
    into: Path


def registered_view(row: Dataset) -> DatasetView:
    info: dict[str, Any] = row.info or {}
    return DatasetView(
        id=row.id,
        name=row.name,
        source="registered",
        tasks=[row.task] if row.task else [],
        format=row.format,
        location=row.uri,
        uploaded=UPLOADED in info,
        num_classes=len(info["class_names"]) if info.get("class_names") else None,
        class_names=info.get("class_names"),
        samples=info.get("samples", {}),
        bytes=row.size_bytes,
        owner_id=row.owner_id,
        created_at=row.created_at,
        trashed_at=row.deleted_at,
        missing=is_missing(row),
        report=row.report,
    )


def is_missing(row: Dataset) -> bool:
    """Whether its files are not where they were, and the platform cannot bring them back."""
    if is_in_s3(row.uri) or kept_archives.is_kept(row):
        return False
    return not Path(row.uri).exists()


def sample_view(info: DatasetInfo) -> DatasetView:
    return DatasetView(
        id=info.id,
        name=info.title or info.id,
        source="catalogue",
        tasks=[str(task) for task in info.tasks],
        location=info.source,
        num_classes=info.num_classes,
        class_names=info.class_names,
        samples=info.samples,
        bytes=info.bytes,
        bundled=info.bundled,
        description=info.description,
    )


def list_datasets(
    database: Database, *, task: str | None, q: str | None, limit: int, cursor: str | None
) -> Page[DatasetView]:
    """Registered datasets by name, after the samples, which come with the first page."""
    with database.session(write=False) as session:
        page = Datasets(session).list(q=q, limit=limit, cursor=cursor)
    samples = [] if cursor else [sample_view(i) for i in catalog.datasets() if _matches(i, q)]
    views = [*samples, *(registered_view(row) for row in page.items)]
    items = [view for view in views if task is None or not view.tasks or task in view.tasks]
    return Page(items=items, next_cursor=page.next_cursor)


def list_trash(
    database: Database, user: Principal, *, q: str | None, limit: int, cursor: str | None
) -> Page[DatasetView]:
    """What was deleted and can be restored by the asker, by name; who sees all, sees all."""
    with database.session(write=False) as session:
        page = Datasets(session).list(
            q=q, trashed=True, owner_id=user.scope, limit=limit, cursor=cursor
        )
    items = [registered_view(row) for row in page.items]
    return Page(items=items, next_cursor=page.next_cursor, total=page.total)


def find_dataset(database: Database, ref: str) -> Dataset | DatasetInfo:
    """A registered dataset by id or name, or a sample by one of its names.

    Raises:
        NotFoundError: There is neither; the nearest names are in `expected`.
    """
    with database.session(write=False) as session:
        row = Datasets(session).find(ref)
    return row if row is not None else catalog.dataset(ref)


def view_of(found: Dataset | DatasetInfo) -> DatasetView:
    return registered_view(found) if isinstance(found, Dataset) else sample_view(found)


def register(
    database: Database, settings: Settings, body: DatasetCreate, user: Principal
) -> tuple[Dataset, bool]:
    """Keep a place under a name; one kept before by the same user is returned as it is.

    A folder is looked at; of what is in S3 it is only told how much there is.

    Returns:
        The dataset, and whether it is new.

    Raises:
        InvalidRequestError: It is no folder.
        ConflictError: The name is taken.
        UnavailableError: S3 is out of reach, or closed to us.
    """
    if is_in_s3(body.path):
        place = body.path.rstrip("/")
        report, called = _listed(S3Dataset(place, settings).look()), place.rpartition("/")[2]
    else:
        folder = _open_folder(body)
        place, called = str(folder), folder.name
        report = look_at(settings, place, body.task)
    with database.session() as session:
        datasets = Datasets(session)
        name = body.name or free_name(datasets, ARCHIVE.sub("", called))
        for row in _kept_before(datasets, place, user):
            if body.name in (None, row.name):
                _note(row, report)
                return row, False
        row = datasets.add(name, place, task=body.task, owner_id=user.id)
        _note(row, report)
        return row, True


def _open_folder(body: DatasetCreate) -> Path:
    folder = expanded(body.path)
    if not folder.is_absolute() or not folder.is_dir():
        raise InvalidRequestError(
            f"{body.path!r} is not a folder on the platform's host",
            field="path",
            expected="the absolute path of a folder, or s3://bucket/prefix",
        )
    return folder.resolve()


def add_archive(
    database: Database, settings: Settings, archive: Archive, fields: DatasetFields, user: Principal
) -> Dataset:
    """Keep what is in an uploaded archive, once it is found good for training.

    Args:
        database: Where the dataset is registered.
        settings: Of the platform.
        archive: The file; it stays where it is.
        fields: What the sender says of it.
        user: Who sent it.

    Raises:
        ArchiveError: It cannot be unpacked.
        DataError: What is in it cannot be trained on.
        ConflictError: The name is taken.
        UnavailableError: There is an object store to keep the archive in, and it is out of reach.
    """
    wanted = fields.name or ARCHIVE.sub("", archive.called)
    folder = archive.into / _plain(wanted)
    room = Uploads(settings.home.uploads).free()
    try:
        extract(archive.path, folder, limits_within(room))
    except ArchiveError as error:
        error.message = f"{archive.called}: {error.message}"
        raise
    place = str(unwrapped(folder))
    report = look_at(settings, place, fields.task)
    _raise_if_unfit(report, folder, archive.called)
    with (
        kept_archives.keeping(settings, archive.path, archive.into.name) as kept,
        database.session() as session,
    ):
        datasets = Datasets(session)
        row = datasets.add(
            fields.name or free_name(datasets, wanted),
            place,
            id=archive.into.name,
            info={UPLOADED: True} | kept,
            task=fields.task,
            owner_id=user.id,
            size_bytes=sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()),
        )
        _note(row, report)
    return row


def validate(database: Database, settings: Settings, ref: str) -> DatasetReport:
    """Look at a dataset now, fetching it at need; of a registered one the report is kept."""
    found = find_dataset(database, ref)
    if isinstance(found, DatasetInfo):
        report = look_at(settings, found.id, str(found.tasks[0]))
        return _report_view(found.id, report)
    kept_archives.bring_back(settings, found)
    report = look_at(settings, found.uri, found.task)
    with database.session() as session:
        _note(Datasets(session).get(found.id), report)
    return _report_view(found.id, report)


def may_change(row: Dataset, user: Principal) -> bool:
    return user.role is Role.ADMIN or (user.may_write and row.owner_id == user.id)


def look_at(settings: Settings, ref: str, task: str | None) -> Report:
    """What is in a dataset, looked at as a run of `task` would."""
    wanted = Task(task) if task in set(Task) else Task.IMAGE_CLASSIFICATION
    fields: dict[str, Any] = {"model": "builtin/resnet18", "dataset": ref, "task": wanted}
    spec = RunSpec(**fields)
    if is_in_s3(ref):
        return S3Dataset(ref, settings).check(spec, fetch=True)
    return check(DatasetRef.parse(ref), spec, home=settings.home)


def _listed(found: Listing) -> Report:
    """What is known of a dataset in S3 before it is fetched."""
    count = len(found.entries)
    size = f"{count:,} object{'' if count == 1 else 's'} of {found.bytes / 1e6:,.1f} MB"
    told = Finding(
        code="not_fetched",
        severity="info",
        message=f"{size}; fetched when it is validated or first trained on",
    )
    return Report(dataset=found.uri, kind="s3", fingerprint=found.fingerprint, findings=[told])


def _note(row: Dataset, report: Report) -> None:
    row.report = report.model_dump(mode="json")
    row.format = report.kind
    row.samples = sum(report.samples.values()) or None
    row.fingerprint = report.fingerprint
    found = {"samples": report.samples, "class_names": report.class_names}
    row.info = (row.info or {}) | found


def _raise_if_unfit(report: Report, folder: Path, called: str) -> None:
    """Refuse what an archive held; the folder it was unpacked to is nobody's business."""
    findings = [
        finding.model_copy(update={"message": finding.message.replace(str(folder), called)})
        for finding in report.findings
    ]
    report.model_copy(update={"dataset": called, "findings": findings}).raise_if_fatal()


def _kept_before(datasets: Datasets, place: str, user: Principal) -> list[Dataset]:
    found = datasets.list(q=place, limit=1000).items
    return [row for row in found if row.uri == place and row.owner_id == user.id]


def _plain(name: str) -> str:
    composed = unicodedata.normalize("NFC", name)  # macOS takes letters apart, keyboards do not
    plain = _NOT_A_NAME.sub("-", composed)[:100].encode()[:_NAME_BYTES].decode(errors="ignore")
    return plain.strip("-.") or "dataset"


def free_name(datasets: Datasets, wanted: str) -> str:
    """A name like `wanted` that is nobody else's.

    Raises:
        ConflictError: There are too many like it.
    """
    base = _plain(wanted)
    for number in range(1, 1000):
        name = base if number == 1 else f"{base}-{number}"
        if datasets.find(name) is None and name not in {i.id for i in catalog.datasets()}:
            return name
    raise ConflictError(f"every name like {base!r} is taken", field="name", expected="a name")


def _matches(info: DatasetInfo, q: str | None) -> bool:
    text = " ".join((info.id, info.title, *info.aliases)).lower()
    return all(word in text for word in (q or "").lower().split())


def _report_view(dataset_id: str, report: Report) -> DatasetReport:
    return DatasetReport(
        dataset_id=dataset_id, ok=not report.fatal, report=report.model_dump(mode="json")
    )
