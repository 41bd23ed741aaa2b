"""A sentence that answers an earlier one: what was known is kept, what is said now goes before."""

from __future__ import annotations

import re
from dataclasses import replace

from trainwright.intent.gather import Signals, gather
from trainwright.intent.rules.models import ModelMention
from trainwright.intent.rules.numbers import NUMBER, to_digits
from trainwright.intent.rules.places import Place
from trainwright.intent.rules.tasks import TaskWord
from trainwright.spec import Chosen, ParseResult, Question, Task

_DECIDED = {"task", "model", "dataset"}
_NUMBER = re.compile(rf"\W*({NUMBER})\s?(?:번|개|장|으로|로|이요|요|입니다|\W)*")
_YES = re.compile(
    r"\W*(?:yes|yep|yeah|sure|ok(?:ay)?|right|correct|네|예|응|넵|그래|좋아|맞아)(?:요)?\W*"
)
_ORDINALS: tuple[re.Pattern[str], ...] = (
    re.compile(
        r"\W*(?:the\s+)?(?:first|1st|former)(?:\s+one)?\W*|\W*(?:첫\s?번째|처음|1\s?번(?:째)?).{0,6}"
    ),
    re.compile(r"\W*(?:the\s+)?(?:second|2nd)(?:\s+one)?\W*|\W*(?:두\s?번째|2\s?번(?:째)?).{0,6}"),
    re.compile(r"\W*(?:the\s+)?(?:third|3rd)(?:\s+one)?\W*|\W*(?:세\s?번째|3\s?번(?:째)?).{0,6}"),
    re.compile(r"\W*(?:the\s+)?(?:last|latter)(?:\s+one)?\W*|\W*마지막.{0,6}"),
)
_LAST = 3


def gather_answer(text: str, context: ParseResult) -> Signals:
    """Read an answer together with what the earlier sentence said.

    Args:
        text: The answer: a value, a choice among suggestions, or any sentence.
        context: The result that asked.
    """
    question = context.questions[0] if context.questions else None
    answer = _spelt_out(text, question) if question else None
    signals = gather(answer or text)
    if not (answer or _says_something(signals)):
        return signals
    return _keep_known(signals, context)


def _spelt_out(text: str, question: Question) -> str | None:
    """The answer as a sentence of its own: `64` to a question about batch size names it."""
    said = text.strip().lower()
    chosen = _chosen(said, question.suggestions)
    number = _NUMBER.fullmatch(to_digits(said))
    if number and question.field not in _DECIDED and chosen is None:
        chosen = number[1]
    if chosen is None:
        return None
    if question.field == "dataset":
        return f'"{chosen}"' if " " in chosen else chosen
    alone = re.fullmatch(NUMBER, chosen) and question.field not in _DECIDED
    return f"{question.field} = {chosen}" if alone else chosen


def _chosen(said: str, suggestions: list[str]) -> str | None:
    for suggestion in suggestions:
        if said == suggestion.lower():
            return suggestion
    for place, pattern in enumerate(_ORDINALS):
        if pattern.fullmatch(said) and (place < len(suggestions) or place == _LAST):
            return suggestions[-1 if place == _LAST else place] if suggestions else None
    if _YES.fullmatch(said) and len(suggestions) == 1:
        return suggestions[0]
    return None


def _says_something(signals: Signals) -> bool:
    named = signals.named
    names = (signals.mentions, signals.datasets, signals.task_words, named.model_ids, named.places)
    return signals.kind == "training" or bool(signals.reading.claims or any(names))


def _keep_known(signals: Signals, context: ParseResult) -> Signals:
    known, reading, named = context.intent, signals.reading, signals.named
    # an answer such as `64` or `digits` has no language of its own
    reading.language = context.language
    for name, value in known.items():
        if name not in _DECIDED and reading.of(name) is None:
            who = context.provenance.get(name, Chosen.USER)
            reading.claim(name, value, who=who, reason=context.reasons.get(name))
    model, data = known.get("model"), known.get("dataset")
    mentions = signals.mentions
    if model and not (mentions or named.model_ids):
        mentions = [ModelMention(model, (model,))]
    if data and not (signals.datasets or named.places):
        named.places.append(Place(data, 0, 0))
    words = signals.task_words
    # a task that only followed from an earlier model is derived anew
    if "task" in known and not words and context.provenance.get("task") is Chosen.USER:
        words = [TaskWord(Task(known["task"]))]
    return replace(signals, mentions=mentions, task_words=words, kind="training")
