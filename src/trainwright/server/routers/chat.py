"""Conversations that lead to a run, and about runs."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from trainwright.server.auth import Reader
from trainwright.server.chat import stream, turn
from trainwright.server.services import Platform
from trainwright.spec.api import (
    ChatEdit,
    ChatMessageView,
    ChatReply,
    ChatRequest,
    ChatSession,
    Page,
    ParseRequest,
)
from trainwright.spec.result import ParseResult
from trainwright.store import models
from trainwright.store.repositories import Chats

router = APIRouter(prefix="/chat", tags=["chat"])

EVENTS = "text/event-stream"


@router.post("/parse")
def parse(body: ParseRequest, user: Reader, services: Platform) -> ParseResult:  # noqa: ARG001
    """Read a sentence; nothing is kept and nothing is started."""
    return turn.read(services, body.sentence)


@router.post("/message", response_model=ChatReply, responses={200: {"content": {EVENTS: {}}}})
async def message(
    body: ChatRequest,
    user: Reader,
    services: Platform,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> ChatReply | Response:
    """Say something; the reply is what was understood, the answer, and what can be done with it.

    Nothing is changed before the next message says yes. With `Accept: text/event-stream` or
    `stream`, the words come as `words` events, then the whole reply as one `reply` event; a
    language model, where there is one, words answers about runs.
    """
    # of their own threads, as a language model may take its time
    reply = await to_thread.run_sync(turn.take, services, user, body, limiter=services.chat_threads)
    if body.stream or EVENTS in (accept or ""):
        return StreamingResponse(
            stream.events(services.settings, body.message, reply), media_type=EVENTS
        )
    return reply


@router.post("/edit")
def edit(body: ChatEdit, user: Reader, services: Platform) -> ChatReply:
    """Change fields of the spec under discussion; what depended on them is chosen anew."""
    return turn.edit(services, user, body)


@router.get("/sessions")
def sessions(
    user: Reader,
    services: Platform,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Page[ChatSession]:
    """The asker's conversations, the last used first, without their messages."""
    with services.database.session(write=False) as session:
        page = Chats(session).list(user.id, limit=limit, cursor=cursor)
    return Page(
        items=[_session_view(row) for row in page.items],
        next_cursor=page.next_cursor,
        total=page.total,
    )


@router.get("/sessions/{session_id}")
def show(session_id: str, user: Reader, services: Platform) -> ChatSession:
    """One conversation."""
    row = turn.own(services, user, session_id)
    with services.database.session(write=False) as session:
        said = Chats(session).messages(row.id)
    return _session_view(row).model_copy(update={"messages": [_message_view(m) for m in said]})


@router.delete("/sessions/{session_id}", status_code=204)
def delete(session_id: str, user: Reader, services: Platform) -> None:
    """Forget a conversation."""
    row = turn.own(services, user, session_id)
    with services.database.session() as session:
        Chats(session).delete(row.id)


def _session_view(row: models.ChatSession) -> ChatSession:
    return ChatSession(
        id=row.id, title=row.title, created_at=row.created_at, updated_at=row.updated_at
    )


def _message_view(row: models.ChatMessage) -> ChatMessageView:
    return ChatMessageView(
        role="assistant" if row.role == "assistant" else "user",
        text=row.text,
        created_at=row.created_at,
        result=ChatReply(**{"session_id": row.session_id, **row.result}) if row.result else None,
    )
