"""Predictions of very many inputs: begun, looked at, ended, downloaded."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from trainwright.server import batches
from trainwright.server.auth import Writer
from trainwright.server.errors import body_error
from trainwright.server.run_access import OwnRun, VisibleRun
from trainwright.server.services import Platform
from trainwright.server.streams import chunks_of
from trainwright.serving.batch.table import csv_blocks
from trainwright.spec.api import BatchCreate, BatchView, Page
from trainwright.spec.errors import InvalidRequestError

router = APIRouter(prefix="/inference/{run_id}/batch", tags=["inference"])

BatchId = Annotated[str, Path(alias="job", max_length=64)]

_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "An archive, or an image."},
        "pattern": {"type": "string"},
        "top_k": {"type": "integer"},
    },
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": BatchCreate.model_json_schema()},
        "multipart/form-data": {"schema": _FORM},
    },
}


@router.post("", status_code=202, openapi_extra={"requestBody": _BODY})
async def create(run: OwnRun, user: Writer, request: Request, services: Platform) -> BatchView:
    """Begin to predict a dataset, files, URLs, or what is in an uploaded zip or tar archive."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):

        def uploaded() -> BatchView:
            return batches.create_of_upload(services, run, user, chunks_of(request), kind)

        try:
            return await to_thread.run_sync(uploaded, limiter=services.upload_threads)
        except ClientDisconnect:
            raise InvalidRequestError("the upload was cut off") from None
    body = _of_json(await request.body())
    return await to_thread.run_sync(
        lambda: batches.create(services, run, user, body), limiter=services.upload_threads
    )


@router.get("")
def list_batches(run: VisibleRun, services: Platform) -> Page[BatchView]:
    """The batches of a run, newest first."""
    return Page(items=services.batches.list(run.id))


@router.get("/{job}")
def show(job: BatchId, run: VisibleRun, services: Platform) -> BatchView:
    """How far a batch is."""
    return services.batches.get(run.id, job)


@router.get("/{job}/results", response_class=StreamingResponse)
def results(
    job: BatchId,
    run: VisibleRun,
    services: Platform,
    format: Annotated[Literal["jsonl", "csv"], Query()] = "jsonl",  # noqa: A002
) -> StreamingResponse:
    """What has been answered so far, in the order of the inputs: a line an input, or a CSV."""
    folder = services.batches.folder(run.id, job)
    is_csv = format == "csv"
    return StreamingResponse(
        csv_blocks(folder.lines()) if is_csv else folder.blocks(),
        media_type="text/csv; charset=utf-8" if is_csv else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="{folder.path.name}.{format}"'},
    )


@router.post("/{job}/cancel", status_code=202)
def cancel(job: BatchId, run: OwnRun, services: Platform) -> BatchView:
    """End a batch; what has been answered stays."""
    return services.batches.cancel(run.id, job)


@router.post("/{job}/resume", status_code=202)
def resume(job: BatchId, run: OwnRun, services: Platform) -> BatchView:
    """Go on with a failed or cancelled batch, where it ended."""
    return services.batches.resume(run.id, job)


@router.delete("/{job}", status_code=204)
def delete(job: BatchId, run: OwnRun, services: Platform) -> None:
    """End a batch if it is at work, and delete its results."""
    services.batches.delete(run.id, job)


def _of_json(raw: bytes) -> BatchCreate:
    try:
        return BatchCreate.model_validate_json(raw)
    except ValidationError as error:
        raise body_error(error) from None
