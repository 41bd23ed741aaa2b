"""Datasets: samples, folders, uploads. Everyone sees all; the owner or an admin changes."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from trainwright.server import datasets
from trainwright.server.auth import Reader, Writer
from trainwright.server.dataset_trash import DatasetTrash
from trainwright.server.errors import body_error
from trainwright.server.routers import dataset_previews, dataset_uploads
from trainwright.server.services import Platform
from trainwright.server.streams import chunks_of
from trainwright.server.uploads import Form, Uploads, receive
from trainwright.spec.api import DatasetCreate, DatasetReport, DatasetView, Page
from trainwright.spec.api.models import DatasetFields
from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.ids import new_id
from trainwright.spec.tasks import Task
from trainwright.store.models import Dataset

router = APIRouter(prefix="/datasets", tags=["datasets"])
# before what takes any word for a dataset's id
router.include_router(dataset_uploads.router)
router.include_router(dataset_previews.router)

_UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "name": {"type": "string"},
                    "task": {"type": "string"},
                },
            }
        }
    },
}


@router.get("")
def list_datasets(
    *,
    user: Reader,
    services: Platform,
    task: Task | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    trashed: Annotated[bool, Query(description="Those in the trash instead.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Page[DatasetView]:
    """Samples of the catalogue, then what was registered, by name; or the asker's trash."""
    if trashed:
        return datasets.list_trash(services.database, user, q=q, limit=limit, cursor=cursor)
    return datasets.list_datasets(services.database, task=task, q=q, limit=limit, cursor=cursor)


@router.post("", status_code=201)
def register(
    body: DatasetCreate, user: Writer, services: Platform, response: Response
) -> DatasetView:
    """Register a folder on the platform's host, or one in S3; 200 when it is registered already."""
    row, is_new = datasets.register(services.database, services.settings, body, user)
    response.status_code = 201 if is_new else 200
    return datasets.registered_view(row)


@router.post("/upload", status_code=201, openapi_extra={"requestBody": _UPLOAD})
async def upload(request: Request, user: Writer, services: Platform) -> DatasetView:
    """Register what is in a zip or tar archive; the platform unpacks and keeps it."""
    uploads = Uploads(services.settings.home.uploads)

    def kept() -> Dataset:
        with uploads.incoming(new_id("d")) as folder:
            path, kind = folder / ".archive", request.headers.get("content-type", "")
            form = receive(chunks_of(request), kind, path, uploads.free())
            archive = datasets.Archive(path, form.file_name, folder)
            fields = _fields_of(form)
            row = datasets.add_archive(services.database, services.settings, archive, fields, user)
            path.unlink()
            return row

    try:
        row = await to_thread.run_sync(kept, limiter=services.upload_threads)
    except ClientDisconnect:
        raise InvalidRequestError("the upload was cut off") from None
    return datasets.registered_view(row)


@router.get("/{dataset_id}")
def show(dataset_id: str, user: Reader, services: Platform) -> DatasetView:  # noqa: ARG001
    """One dataset, by id or name, with its last report."""
    return datasets.view_of(datasets.find_dataset(services.database, dataset_id))


@router.post("/{dataset_id}/validate")
def validate(dataset_id: str, user: Writer, services: Platform) -> DatasetReport:  # noqa: ARG001
    """Look at the data as training would, fetching it from S3 at need: what is usable, what not."""
    return datasets.validate(services.database, services.settings, dataset_id)


@router.delete("/{dataset_id}", status_code=204)
def delete(
    dataset_id: str,
    user: Writer,
    services: Platform,
    now: Annotated[bool, Query(description="For good, from the trash too.")] = False,
) -> None:
    """Put a dataset into the trash for a while; with `now`, what was uploaded or fetched goes too.

    The files of a registered folder always stay.
    """
    DatasetTrash(services.database, services.settings).put(dataset_id, user, now=now)


@router.post("/{dataset_id}/restore")
def restore(dataset_id: str, user: Writer, services: Platform) -> DatasetView:
    """Take a dataset out of the trash."""
    trash = DatasetTrash(services.database, services.settings)
    return datasets.registered_view(trash.restore(dataset_id, user))


def _fields_of(form: Form) -> DatasetFields:
    try:
        return DatasetFields.model_validate({k: v for k, v in form.fields.items() if v})
    except ValidationError as error:
        raise body_error(error) from None
