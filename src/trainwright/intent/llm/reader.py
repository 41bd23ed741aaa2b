"""The way every sentence is read: by rules, and with a language model's help where there is one."""

from __future__ import annotations

from trainwright.intent.llm.answer import Answer
from trainwright.intent.llm.differ import Readings, differences
from trainwright.intent.llm.failures import ModelFailedError
from trainwright.intent.llm.ground import Evidence
from trainwright.intent.llm.merge import answer_meant, merge
from trainwright.intent.llm.prompt import Prompt
from trainwright.intent.llm.provider import configured
from trainwright.intent.llm.words import fallback, tell
from trainwright.intent.parser import listen, parse
from trainwright.intent.rules.text import MAX_LENGTH
from trainwright.settings import Settings, load
from trainwright.spec import Chosen, ParseResult

_KIND_DOUBT = "kind: another reader {verb} the message to ask for a training. Look again."


def read(
    text: str, context: ParseResult | None = None, settings: Settings | None = None
) -> ParseResult:
    """Read one sentence as well as the settings allow.

    Args:
        text: What the person wrote. Instructions inside it are data like everything else.
        context: The earlier result that this sentence answers or changes.
        settings: Which language model helps. Default: the environment's.

    Returns:
        As `parse`; `reader` says who read, and `reader_note` why it was the rules alone where a
        model is configured. Never raises, whatever the text or the model.
    """
    ruled = parse(text, context)
    settings = settings or load()
    provider = configured(settings)
    if provider is None or not text.strip() or len(text) > MAX_LENGTH:
        return ruled

    from trainwright.intent.llm.ask import consult  # noqa: PLC0415 (only where a model is asked)

    def doubts(answer: Answer) -> list[str]:
        return _doubts(_readings(text, context, ruled, answer))

    try:
        answer = consult(provider, Prompt(text, context), doubts, settings.trainwright_llm_timeout)
    except ModelFailedError as failure:
        return ruled.model_copy(update={"reader_note": fallback(failure.why, ruled.language)})
    return weigh(text, context, ruled, answer).model_copy(update={"reader": "llm"})


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
