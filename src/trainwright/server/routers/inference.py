"""Trained models at work: predict, evaluate, export."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Annotated, BinaryIO, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from trainwright.server import trained
from trainwright.server.auth import Writer
from trainwright.server.run_access import OwnRun, VisibleRun
from trainwright.server.run_views import artifact_view
from trainwright.server.services import Platform, Services
from trainwright.server.trained import as_files, decode_image
from trainwright.spec.api import (
    ArtifactView,
    EvaluateRequest,
    Evaluation,
    ExportRequest,
    PredictRequest,
    PredictResponse,
)
from trainwright.spec.errors import InvalidRequestError
from trainwright.store.models import Run

router = APIRouter(prefix="/inference", tags=["inference"])
run_router = APIRouter(tags=["runs"])

MAX_FILES = 256

T = TypeVar("T")


_FILES = {
    "type": "object",
    "required": ["files"],
    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
}
_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": _FILES},
        "application/json": {"schema": PredictRequest.model_json_schema()},
    },
}


@router.post("/{run_id}/predict", openapi_extra={"requestBody": _BODY})
async def predict(
    run: VisibleRun,
    user: Writer,  # noqa: ARG001 (a viewer may not spend compute)
    request: Request,
    services: Platform,
    top_k: Annotated[int | None, Query(ge=1, le=1000)] = None,
) -> PredictResponse:
    """Predictions for uploaded images (`files`), or for base64 images in a JSON body."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        # spooled to disk beyond a megabyte, so that a large upload takes no memory
        async with request.form(max_files=MAX_FILES, max_fields=10) as form:
            found = [part for part in form.getlist("files") if isinstance(part, UploadFile)]
            named = [(part.filename or "", part.file) for part in found]
            return await _in_turn(services, lambda: _predict(services, run, named, top_k or 5))
    raw = await request.body()
    return await _in_turn(services, lambda: _predict_json(services, run, raw, top_k))


@run_router.post("/{run_id}/evaluate")
async def evaluate(
    run: OwnRun, services: Platform, body: EvaluateRequest | None = None
) -> Evaluation:
    """Measure the model on a dataset; by default on what was held out of its own."""
    dataset = body.dataset if body else None
    return await _in_turn(services, lambda: trained.evaluate(services, run, dataset))


@run_router.post("/{run_id}/export", status_code=201)
async def export(body: ExportRequest, run: OwnRun, services: Platform) -> ArtifactView:
    """Write the model in another format; it becomes an artifact of the run."""
    made = await _in_turn(services, lambda: trained.export(services, run, body.format))
    return artifact_view(made)


async def _in_turn(services: Services, work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work, limiter=services.model_threads)


def _predict(
    services: Services, run: Run, named: Sequence[tuple[str, BinaryIO]], top_k: int
) -> PredictResponse:
    if not named:
        raise InvalidRequestError("no image was sent", field="files", expected="1 to 256 images")
    with as_files(named) as paths:
        inputs = list(zip((name for name, _ in named), paths, strict=True))
        return trained.predict(services, run, inputs, top_k)


def _predict_json(services: Services, run: Run, raw: bytes, top_k: int | None) -> PredictResponse:
    try:
        body = PredictRequest.model_validate_json(raw)
    except ValidationError as error:
        raise RequestValidationError(
            [{**e, "loc": ("body", *e["loc"])} for e in error.errors()]
        ) from None
    images = [(f"{n}", io.BytesIO(decode_image(text))) for n, text in enumerate(body.inputs)]
    return _predict(services, run, images, top_k or body.top_k)
