"""What a person asks for who asks for no training, and the command that does it."""

from __future__ import annotations

from trainwright.intent.reading import Language
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import alternatives, load

_TOPICS = [(Pattern(alternatives(t["words"])), t) for t in load("topics")["topic"]]


def reply(text: str, language: Language) -> str | None:
    """What helps instead, in the person's language; None where nothing here does.

    Args:
        text: Lower case.
        language: Theirs.
    """
    return next((str(topic[language]) for words, topic in _TOPICS if words.search(text)), None)
