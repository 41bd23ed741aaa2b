"""Conversations, and the names of runs that are spoken of in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select

from trainwright.spec.errors import NotFoundError
from trainwright.spec.events import utc_now
from trainwright.store.models import ChatMessage, ChatSession, Run
from trainwright.store.repositories.base import (
    Page,
    Repository,
    decode_cursor,
    encode_cursor,
    read_time,
)

MOST_MESSAGES = 1000
"""Messages a conversation keeps; older ones go."""


class Chats(Repository):
    def start(
        self, user_id: str | None, *, title: str | None = None, language: str | None = None
    ) -> ChatSession:
        chat = ChatSession(user_id=user_id, title=title, language=language)
        self.session.add(chat)
        self.session.flush()
        return chat

    def get(self, session_id: str, *, lock: bool = False) -> ChatSession:
        """The conversation of this id.

        Args:
            session_id: Of the conversation.
            lock: Keep others from writing it until this transaction ends.

        Raises:
            NotFoundError: There is none.
        """
        chat = self.session.get(ChatSession, session_id, with_for_update=lock or None)
        if chat is None:
            raise NotFoundError(f"there is no conversation {session_id!r}", field="session_id")
        return chat

    def say(
        self,
        session_id: str,
        role: str,
        text: str,
        *,
        result: dict[str, Any] | None = None,
        run_id: str | None = None,
    ) -> ChatMessage:
        """Add a message at the conversation's end.

        Args:
            session_id: The conversation.
            role: `user` or `assistant`.
            text: The words.
            result: The `ParseResult` behind a reply.
            run_id: The run a reply started.
        """
        chat = self.session.get_one(ChatSession, session_id, with_for_update=True)
        last = select(func.max(ChatMessage.number)).where(ChatMessage.session_id == session_id)
        message = ChatMessage(
            session_id=session_id,
            number=(self.session.scalar(last) or 0) + 1,
            role=role,
            text=text,
            result=result,
            run_id=run_id,
        )
        chat.updated_at = utc_now()
        self.session.add(message)
        self.session.flush()
        self._forget(session_id, message.number - MOST_MESSAGES)
        return message

    def _forget(self, session_id: str, number: int) -> None:
        """Drop the messages up to this one."""
        if number > 0:
            self.session.execute(
                delete(ChatMessage).where(
                    ChatMessage.session_id == session_id, ChatMessage.number <= number
                )
            )

    def messages(self, session_id: str, *, limit: int = MOST_MESSAGES) -> Sequence[ChatMessage]:
        """The last messages, oldest first."""
        query = select(ChatMessage).where(ChatMessage.session_id == session_id)
        last = self.session.scalars(query.order_by(ChatMessage.number.desc()).limit(limit))
        return [*last][::-1]

    def list(
        self, user_id: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[ChatSession]:
        """A page of a person's conversations, last used first."""
        mine = ChatSession.user_id == user_id
        total = self.session.scalar(select(func.count()).select_from(ChatSession).where(mine)) or 0
        query = select(ChatSession).where(mine)
        if cursor:
            query = query.where(_before(cursor))
        newest = query.order_by(ChatSession.updated_at.desc(), ChatSession.id.desc())
        rows = self.session.scalars(newest.limit(limit + 1)).all()
        last = rows[limit - 1] if len(rows) > limit else None
        more = encode_cursor(last.updated_at.isoformat(), last.id) if last else None
        return Page([*rows[:limit]], more, total)

    def delete(self, session_id: str) -> None:
        self.session.delete(self.get(session_id))
        self.session.flush()


class RunNames(Repository):
    def newest(self, owner_id: str | None, *, limit: int) -> list[tuple[str, str]]:
        """Id and name of the newest runs, of one owner or of all."""
        query = select(Run.id, Run.name).where(Run.deleted_at.is_(None))
        if owner_id is not None:
            query = query.where(Run.owner_id == owner_id)
        newest = query.order_by(Run.created_at.desc(), Run.id.desc()).limit(limit)
        return [(run_id, name) for run_id, name in self.session.execute(newest)]


def _before(cursor: str) -> ColumnElement[bool]:
    when, session_id = decode_cursor(cursor, str, str)
    moment = read_time(when)
    return or_(
        ChatSession.updated_at < moment,
        and_(ChatSession.updated_at == moment, ChatSession.id < session_id),
    )
