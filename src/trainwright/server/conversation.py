"""One turn of a conversation: words in, a ParseResult and what can be done with it out."""

from __future__ import annotations

from trainwright.spec.api import ChatAction, ChatReply, ChatRequest
from trainwright.spec.result import ParseResult
from trainwright.store import Database
from trainwright.store.repositories import Chats

OPEN = "open"
"""Words since the last complete request: an answer is read together with what it answers."""

_LABELS = {
    "ko": {"start_training": "학습 시작", "edit": "수정"},
    "en": {"start_training": "Start training", "edit": "Edit"},
}


def read(sentence: str) -> ParseResult:
    """The sentence, read; nothing is kept."""
    from trainwright import intent  # noqa: PLC0415 (slow to load, and only sentences need it)

    return intent.parse(sentence)


def answer(database: Database, user_id: str, body: ChatRequest) -> ChatReply:
    """Read a message in its conversation, which is begun where none is named."""
    open_words = ""
    if body.session_id:
        with database.session(write=False) as session:
            open_words = Chats(session).get(body.session_id).context.get(OPEN, "")
    said = f"{open_words} {body.message}".strip()
    parsed = read(said)
    with database.session() as session:
        chats = Chats(session)
        chat = chats.get(body.session_id) if body.session_id else chats.start(user_id)
        chat.language = parsed.language
        chat.context = {OPEN: said} if parsed.status == "needs_clarification" else {}
        chats.say(chat.id, "user", body.message)
        kept = parsed.model_dump(mode="json", exclude_none=True)
        chats.say(chat.id, "assistant", words_of(parsed), result=kept)
        session_id = chat.id
    return ChatReply(**parsed.model_dump(), session_id=session_id, actions=actions_for(parsed))


def words_of(parsed: ParseResult) -> str:
    """The reply in words: the reader's own, or the questions it asks."""
    return parsed.reply or "\n".join(question.question for question in parsed.questions)


def actions_for(parsed: ParseResult) -> list[ChatAction]:
    """What a person can do next."""
    if parsed.spec is None:
        return []
    spec = parsed.spec.model_dump(mode="json", exclude_none=True)
    labels = _LABELS[parsed.language]
    return [
        ChatAction(type="start_training", label=labels["start_training"], spec=spec),
        ChatAction(type="edit", label=labels["edit"], spec=spec),
    ]
