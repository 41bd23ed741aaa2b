"""Conversations with the platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trainwright.client.calls import Calls, part
from trainwright.client.transport import LONG
from trainwright.spec.api import ChatReply, ChatSession
from trainwright.spec.errors import NotFoundError


class ChatCalls(Calls):
    """What can be said in conversations, and of them; `last` is the one last used."""

    def chat(self, message: str, session_id: str | None = None) -> ChatReply:
        """Say something, in a new conversation where none is named.

        Nothing is changed before a message says yes to what the reply before proposes.
        """
        body = {
            "message": message,
            "session_id": session_id and self._session_id(session_id),
            "folder": self._folder(),
        }
        # a language model that helps may take its time
        return ChatReply.model_validate(
            self._send("POST", "/chat/message", json=body, timeout=LONG)
        )

    def chat_edit(self, session_id: str, changes: Mapping[str, Any]) -> ChatReply:
        """Change fields of the spec a conversation is about; None takes one back."""
        body = {"session_id": self._session_id(session_id), "changes": dict(changes)}
        return ChatReply.model_validate(self._post("/chat/edit", body))

    def chat_sessions(self) -> Iterator[ChatSession]:
        """One's own conversations, the last used first, without their messages."""
        return map(ChatSession.model_validate, self._all("/chat/sessions", {"limit": 100}))

    def chat_session(self, session_id: str) -> ChatSession:
        """One conversation with its messages."""
        path = f"/chat/sessions/{part(self._session_id(session_id))}"
        return ChatSession.model_validate(self._get(path))

    def delete_chat(self, session_id: str) -> None:
        self._send("DELETE", f"/chat/sessions/{part(self._session_id(session_id))}")

    def _folder(self) -> str | None:
        """This program's folder, if the platform's machine is this one and reads it too."""
        try:
            return str(Path.cwd()) if self._transport.address.here else None
        except FileNotFoundError:
            return None  # it was deleted

    def _session_id(self, session_id: str) -> str:
        if session_id != "last":
            return session_id
        found = next(self.chat_sessions(), None)
        if found is None:
            raise NotFoundError("there is no conversation yet", mend="trainwright chat")
        return found.id
