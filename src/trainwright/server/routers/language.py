"""Trained language models: what can be asked of a run's model, and conversations with it."""

from __future__ import annotations

from threading import Event

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from trainwright.server import talking
from trainwright.server.auth import Writer
from trainwright.server.progressing import LINES, in_turn, lines, refuse_too_many, while_asked
from trainwright.server.run_access import VisibleRun
from trainwright.server.services import Platform
from trainwright.spec.api import Abilities, Generated, GenerateRequest

router = APIRouter(prefix="/inference/{run_id}", tags=["inference"])


@router.get("")
def abilities(run: VisibleRun, services: Platform) -> Abilities:
    """What can be asked of the run's model: images, texts, or nothing, and why."""
    return talking.abilities(services, run)


@router.post(
    "/chat",
    response_model=Generated,
    responses={200: {"content": {LINES: {"schema": {"type": "string"}}}}},
)
async def chat(
    run: VisibleRun,
    user: Writer,  # noqa: ARG001 (a viewer may not spend compute)
    body: GenerateRequest,
    request: Request,
    services: Platform,
) -> Generated | StreamingResponse:
    """Have a language model go on with a conversation.

    With `Accept: application/x-ndjson` its words come as they are made, in lines with a `delta`;
    the last line has the whole `answer`. Whoever goes away ends the answer.
    """
    threads = services.talk_threads
    if LINES not in request.headers.get("accept", ""):
        async with while_asked(request) as gone:
            return await in_turn(
                services,
                threads,
                lambda: talking.answer(services, run, body, gone=gone.is_set),
            )
    refuse_too_many(services, threads)
    left = Event()
    told = lines(
        lambda tell: talking.answer(
            services, run, body, tell=lambda piece: tell({"delta": piece}), gone=left.is_set
        ),
        "answer",
        threads,
        request.scope,
        left,
    )
    return StreamingResponse(told, media_type=LINES)
