"""Conversations that lead to a run."""

from __future__ import annotations

from fastapi import APIRouter

from trainwright.server import conversation
from trainwright.server.auth import Principal, Reader, Writer
from trainwright.server.services import Platform, Services
from trainwright.spec.api import (
    ChatMessageView,
    ChatReply,
    ChatRequest,
    ChatSession,
    Page,
    ParseRequest,
)
from trainwright.spec.errors import NotFoundError
from trainwright.spec.result import ParseResult
from trainwright.store import models
from trainwright.store.repositories import Chats

router = APIRouter(prefix="/chat", tags=["chat"])


@router.post("/parse")
def parse(body: ParseRequest, user: Reader) -> ParseResult:  # noqa: ARG001 (only for the signed in)
    """Read a sentence; nothing is kept and nothing is started."""
    return conversation.read(body.sentence)


@router.post("/message")
def message(body: ChatRequest, user: Writer, services: Platform) -> ChatReply:
    """Say something; the reply is what was understood, and what can be done with it."""
    if body.session_id is not None:
        _own_session(services, user, body.session_id)
    return conversation.answer(services.database, user.id, body)


@router.get("/sessions")
def sessions(user: Reader, services: Platform) -> Page[ChatSession]:
    """The asker's conversations, the last used first, without their messages."""
    with services.database.session(write=False) as session:
        rows = Chats(session).list(user.id)
    return Page(items=[ChatSession(id=row.id, created_at=row.created_at) for row in rows])


@router.get("/sessions/{session_id}")
def show(session_id: str, user: Reader, services: Platform) -> ChatSession:
    """One conversation."""
    row = _own_session(services, user, session_id)
    with services.database.session(write=False) as session:
        said = Chats(session).messages(row.id)
    return ChatSession(
        id=row.id, created_at=row.created_at, messages=[_message_view(m) for m in said]
    )


@router.delete("/sessions/{session_id}", status_code=204)
def delete(session_id: str, user: Writer, services: Platform) -> None:
    """Forget a conversation."""
    row = _own_session(services, user, session_id)
    with services.database.session() as session:
        Chats(session).delete(row.id)


def _own_session(services: Services, user: Principal, session_id: str) -> models.ChatSession:
    """A conversation is its owner's alone; even an admin has no business there."""
    with services.database.session(write=False) as session:
        row = Chats(session).get(session_id)
    if row.user_id != user.id:
        raise NotFoundError(f"there is no conversation {session_id!r}", field="session_id")
    return row


def _message_view(row: models.ChatMessage) -> ChatMessageView:
    return ChatMessageView(
        role="assistant" if row.role == "assistant" else "user",
        text=row.text,
        created_at=row.created_at,
        result=ParseResult.model_validate(row.result) if row.result else None,
    )
