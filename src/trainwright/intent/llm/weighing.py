"""Both readings of a message side by side: what is doubtful, and what comes of them."""

from __future__ import annotations

from trainwright.intent.llm.answer import Answer
from trainwright.intent.llm.ask import consult
from trainwright.intent.llm.differ import Readings, differences
from trainwright.intent.llm.ground import Evidence
from trainwright.intent.llm.merge import answer_meant, merge
from trainwright.intent.llm.prompt import Prompt
from trainwright.intent.llm.provider import Provider
from trainwright.intent.llm.words import tell
from trainwright.intent.parser import listen, parse
from trainwright.spec import Chosen, ParseResult

_KIND_DOUBT = "kind: another reader {verb} the message to ask for a training. Look again."


def read_with(
    provider: Provider, text: str, context: ParseResult | None, ruled: ParseResult, seconds: float
) -> ParseResult:
    """Have the model read too, and weigh what it says.

    Raises:
        ModelFailedError: It says nothing to go by.
    """

    def doubts(answer: Answer) -> list[str]:
        return _doubts(_readings(text, context, ruled, answer))

    answer = consult(provider, Prompt(text, context), doubts, seconds)
    return weigh(text, context, ruled, answer)


def _readings(
    text: str, context: ParseResult | None, ruled: ParseResult, answer: Answer
) -> Readings:
    signals = listen(text, context)
    return Readings(signals, ruled, answer, Evidence(text, signals), context)


def _doubts(readings: Readings) -> list[str]:
    if readings.rules_train != readings.model_trains:
        verb = "takes" if readings.rules_train else "does not take"
        return [_KIND_DOUBT.format(verb=verb)]
    return [str(difference) for difference in differences(readings)]


def weigh(
    text: str, context: ParseResult | None, ruled: ParseResult, answer: Answer
) -> ParseResult:
    """What a model's answer adds to the rules' reading of a message."""
    readings = _readings(text, context, ruled, answer)
    meant = answer_meant(readings)
    if meant is None:
        return merge(readings)
    said, chosen = meant
    result = parse(said, context)
    if chosen is None or chosen not in result.intent:
        return result
    reason = {chosen: tell("chosen", result.language)}
    return result.model_copy(
        update={
            "provenance": result.provenance | {chosen: Chosen.INFERRED},
            "reasons": result.reasons | reason,
        }
    )
