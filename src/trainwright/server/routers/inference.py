"""Trained models at work: predict, evaluate, export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from trainwright.server import trained
from trainwright.server.auth import Writer
from trainwright.server.errors import body_error
from trainwright.server.progressing import (
    LINES,
    in_turn,
    lines,
    progress,
    refuse_too_many,
    while_asked,
)
from trainwright.server.run_access import OwnRun, VisibleRun
from trainwright.server.services import Platform, Services
from trainwright.serving.intake import Given, Upload
from trainwright.spec.api import (
    ArtifactView,
    EvaluateRequest,
    Evaluation,
    ExportRequest,
    Page,
    PredictRequest,
    PredictResponse,
)
from trainwright.spec.api.models import MAX_INPUTS
from trainwright.spec.errors import InvalidRequestError
from trainwright.store.models import Run

router = APIRouter(prefix="/inference", tags=["inference"])
run_router = APIRouter(tags=["runs"])

_FORM = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "inputs": {"type": "array", "items": {"type": "string"}},
    },
}
_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": _FORM},
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
    """Predictions for images: uploaded `files`, or base64 or URLs in `inputs`, in their order.

    `inputs` is a field of the form, repeatable, or a list in a JSON body. A language model's are
    texts.
    """
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        # spooled to disk beyond a megabyte, so that a large upload takes no memory
        async with request.form(max_files=MAX_INPUTS, max_fields=MAX_INPUTS) as form:
            wanted = trained.Wanted(top_k or 5)
            return await _predicted(services, request, run, _of_form(form), wanted)
    body = _of_json(await request.body())
    wanted = trained.Wanted(top_k or body.top_k, body.max_tokens, body.temperature)
    return await _predicted(services, request, run, body.inputs, wanted)


async def _predicted(
    services: Services,
    request: Request,
    run: Run,
    given: Sequence[Given],
    wanted: trained.Wanted,
) -> PredictResponse:
    async with while_asked(request) as gone:
        return await in_turn(
            services,
            services.model_threads,
            lambda: trained.predict(services, run, given, wanted, gone.is_set),
        )


@run_router.post(
    "/{run_id}/evaluate",
    response_model=Evaluation,
    responses={200: {"content": {LINES: {"schema": {"type": "string"}}}}},
)
async def evaluate(
    run: OwnRun, services: Platform, request: Request, body: EvaluateRequest | None = None
) -> Evaluation | StreamingResponse:
    """Measure the model on a dataset; by default on what was held out of its own.

    With `Accept: application/x-ndjson`, lines tell how far it is; the last has `evaluation`.
    """
    wanted = body or EvaluateRequest()
    if LINES not in request.headers.get("accept", ""):
        return await in_turn(
            services, services.work_threads, lambda: trained.evaluate(services, run, wanted)
        )
    refuse_too_many(services, services.work_threads)
    told = lines(
        lambda tell: trained.evaluate(services, run, wanted, progress(tell)),
        "evaluation",
        services.work_threads,
        request.scope,
    )
    return StreamingResponse(told, media_type=LINES)


@run_router.get("/{run_id}/evaluations")
def evaluations(run: VisibleRun, services: Platform) -> Page[Evaluation]:
    """What was measured of the model since the run ended, the newest first."""
    return Page(items=trained.evaluations(services, run))


@run_router.post("/{run_id}/export", status_code=201)
async def export(body: ExportRequest, run: OwnRun, services: Platform) -> ArtifactView:
    """Write the model in another format; it becomes an artifact of the run."""
    made = await in_turn(
        services,
        services.work_threads,
        lambda: trained.export(services, run, body.format, body.opset),
    )
    return ArtifactView.of(made)


def _of_form(form: FormData) -> list[Given]:
    given: list[Given] = []
    for name, part in form.multi_items():
        if isinstance(part, UploadFile):
            given.append(Upload(part.filename or "", part.file))
        elif name == "inputs":
            given.append(part)
        else:
            raise InvalidRequestError(
                f"the form has a field {name!r}", field=name, expected="files and inputs"
            )
    if not 0 < len(given) <= MAX_INPUTS:
        raise InvalidRequestError(
            f"{len(given) or 'no'} images were sent",
            field="files",
            expected=f"1 to {MAX_INPUTS} images",
        )
    return given


def _of_json(raw: bytes) -> PredictRequest:
    try:
        return PredictRequest.model_validate_json(raw)
    except ValidationError as error:
        raise body_error(error) from None
