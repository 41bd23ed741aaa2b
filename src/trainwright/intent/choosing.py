"""Which suggestion a short answer means: `the second one`, `yes`, `그걸로`, `s` of a family."""

from __future__ import annotations

from trainwright.catalog.search import key, model_index
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import alternatives, load
from trainwright.spec import Question

DECIDED = {"task", "model", "dataset"}
"""Fields whose answers are names: a bare number among them counts the suggestions."""

_WORDS = load("answers")
_ENDING = (
    r"(?:(?:이?요|입니다|으?로(?:요)?|할게요?|해\s?(?:줘|주세요)|부탁해요?|please|거|것|걸로|꺼)?"
    r"[\s.!~,]*){0,3}"
)


def _whole(name: str) -> Pattern:
    return Pattern(rf"\W*{alternatives(_WORDS[name])}{_ENDING}")


YES, NO, CANCEL = _whole("yes"), _whole("no"), _whole("cancel")
ANY, WITHOUT, UNSURE = _whole("any"), _whole("without"), _whole("unsure")
ONE_WORD = Pattern(r"\W*([a-z][a-z0-9_.-]{0,60}?)(?:으?로(?:\s\S+)?|요|이요)?[.!]?")
_PLACES = [_whole(name) for name in ("first", "second", "third", "fourth", "last")]
_PLACE_NUMBER = Pattern(r"\W*(\d)\s?(?:번|\.|\))?(?:으로|로|이요|요|째|거|것|\W)*")
_SIZE = Pattern(r"\W*(\d[\w.]{0,8}?)(?:으?로|요|이요)?\W*")


def chosen_among(said: str, question: Question) -> str | None:
    """The suggestion of this question that the (lower-case) answer means."""
    suggestions = question.suggestions
    named = next((one for one in suggestions if said == one.lower()), None)
    if named or not suggestions:
        return named
    if (at := _place(said)) is not None:
        return suggestions[at] if at < len(suggestions) else None
    if YES.fullmatch(said):
        return suggestions[0] if len(suggestions) == 1 else None
    return _among_names(said, question) if question.field in DECIDED else None


def _place(said: str) -> int | None:
    for place, pattern in enumerate(_PLACES):
        if pattern.fullmatch(said):
            return -1 if place == len(_PLACES) - 1 else place
    return None


def _among_names(said: str, question: Question) -> str | None:
    suggestions = question.suggestions
    if ANY.fullmatch(said):
        return suggestions[0]
    if question.field == "model" and (member := _member(said, suggestions)):
        return member
    number = _PLACE_NUMBER.fullmatch(said)
    at = int(number[1]) - 1 if number else -1
    return suggestions[at] if 0 <= at < len(suggestions) else None


def _member(said: str, suggestions: list[str]) -> str | None:
    """`s` or `50` said of a family: the member whose name ends so."""
    word = ONE_WORD.fullmatch(said) or _SIZE.fullmatch(said)
    family = _shared_start([key(name.rpartition("/")[2]) for name in suggestions])
    ids = model_index().get(family + key(word[1]), []) if word and family else []
    return ids[0] if ids else None


def _shared_start(names: list[str]) -> str:
    shared = names[0]
    while not all(name.startswith(shared) for name in names):
        shared = shared[:-1]
    return shared
