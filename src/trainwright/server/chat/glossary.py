"""What the terms of the field mean, in a sentence or two, from a data file."""

from __future__ import annotations

import re
from functools import cache

from trainwright.server.chat.context import Answer, Message
from trainwright.server.chat.phrases import table

_ASKED = re.compile(
    r"(?:what(?:.?s| is| are| does)|explain|define|meaning of|tell me (?:about|what)|describe"
    r"|should (?:i|we) use|when (?:do|should) (?:i|we) use)\s+"
    r"(?:an?\s+|the\s+)?(?P<en>[\w\s/-]{1,40}?)(?:\s+(?:mean|means|is|do|does|are|for))?\s*[?.!]*$"
    r"|^\W*(?:(?:음|어|근데|그런데|혹시|참|아)[\s,.]+)*(?P<ko>[\w\s/-]{1,40}?)(?:이란|란|이라는\s?(?:게|건)|라는\s?(?:게|건)|이|가|은|는|을|를)?"
    r"\s*(?:무슨\s?뜻|뭐|뭔|무엇|설명|의미|뜻)"
    r"|^\W*(?P<ran>[\w\s/-]{1,40}?)이?란\s*\?*\s*$"
)


@cache
def _terms() -> dict[str, tuple[str, str]]:
    """Every name of a term, with what is said of it in English and in Korean."""
    found = {}
    for entry in table("glossary")["term"]:
        for name in entry["names"]:
            found[_key(name)] = (entry["en"], entry["ko"])
    return found


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def explain(message: Message, text: str) -> Answer | None:
    """What a term means, if the message asks for it and it is known."""
    asked = _ASKED.search(text)
    if asked is None:
        return None
    name = _key(asked["en"] or asked["ko"] or asked["ran"] or "")
    said = _terms().get(name) or _terms().get(name.removesuffix("s"))
    if said is None:
        return None
    return Answer("glossary", said[0 if message.language == "en" else 1])
