"""A conversation with the platform, from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainwright.api.fields import seen_from_here

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.spec.api import ChatReply


class Conversation:
    """What is said one after the other; nothing is changed before a message says yes.

    Args:
        client: Of the platform.
        session_id: A conversation to go on with; `last` is the one last used.
    """

    def __init__(self, client: Client, session_id: str | None = None) -> None:
        self._client = client
        self.id = client.chat_session(session_id).id if session_id else None

    def say(self, message: str) -> ChatReply:
        """Say something.

        Returns:
            `reply` is the answer in words; `actions` what a yes would bring about; `run_id` the
            run that was started.
        """
        reply = self._client.chat(message, self.id)
        self.id = reply.session_id
        return reply

    def edit(self, **changes: Any) -> ChatReply:
        """Change fields of the spec that is spoken of, such as `epochs=20`.

        Raises:
            ValueError: Nothing has been said yet.
        """
        if self.id is None:
            raise ValueError("nothing has been said yet")
        return self._client.chat_edit(self.id, seen_from_here(changes))
