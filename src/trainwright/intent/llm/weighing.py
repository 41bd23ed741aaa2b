"""Both readings of a message side by side: what is doubtful, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass

from trainwright.intent.known import Known
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


@dataclass(frozen=True)
class Turn:
    """A message with what it answers, and what the person's platform knows by name."""

    text: str
    context: ParseResult | None = None
    known: Known | None = None


def read_with(provider: Provider, turn: Turn, ruled: ParseResult, seconds: float) -> ParseResult:
    """Have the model read too, and weigh what it says.

    Raises:
        ModelFailedError: It says nothing to go by.
    """

    def doubts(answer: Answer) -> list[str]:
        return _doubts(_readings(turn, ruled, answer))

    answer = consult(provider, Prompt(turn.text, turn.context), doubts, seconds)
    return weigh(turn, ruled, answer)


def _readings(turn: Turn, ruled: ParseResult, answer: Answer) -> Readings:
    signals = listen(turn.text, turn.context, turn.known)
    return Readings(signals, ruled, answer, Evidence(turn.text, signals), turn.context)


def _doubts(readings: Readings) -> list[str]:
    if readings.rules_train != readings.model_trains:
        verb = "takes" if readings.rules_train else "does not take"
        return [_KIND_DOUBT.format(verb=verb)]
    return [str(difference) for difference in differences(readings)]


def weigh(turn: Turn, ruled: ParseResult, answer: Answer) -> ParseResult:
    """What a model's answer adds to the rules' reading of a message."""
    readings = _readings(turn, ruled, answer)
    meant = answer_meant(readings)
    if meant is None:
        return merge(readings)
    said, chosen = meant
    result = parse(said, turn.context, turn.known)
    if chosen is None or chosen not in result.intent:
        return result
    reason = {chosen: tell("chosen", result.language)}
    return result.model_copy(
        update={
            "provenance": result.provenance | {chosen: Chosen.INFERRED},
            "reasons": result.reasons | reason,
        }
    )
