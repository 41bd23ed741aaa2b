"""The way every sentence is read: by rules, and with a language model's help where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainwright.intent.parser import parse
from trainwright.intent.rules.text import MAX_LENGTH

if TYPE_CHECKING:
    from trainwright.intent.known import Known
    from trainwright.settings import Settings
    from trainwright.spec import ParseResult


def read(
    text: str,
    context: ParseResult | None = None,
    settings: Settings | None = None,
    known: Known | None = None,
) -> ParseResult:
    """Read one sentence as well as the settings allow.

    Args:
        text: What the person wrote. Instructions inside it are data like everything else.
        context: The earlier result that this sentence answers or changes.
        settings: Which language model helps. Default: the environment's.
        known: What the person's platform knows by name.

    Returns:
        As `parse`; `reader` says who read, and `reader_note` why it was the rules alone where a
        model is configured. Never raises, whatever the text or the model.
    """
    from trainwright.intent.llm.provider import configured  # noqa: PLC0415 (`parse` needs none)
    from trainwright.settings import load  # noqa: PLC0415 (`parse` needs none)

    ruled = parse(text, context, known)
    settings = settings or load()
    provider = configured(settings)
    if provider is None or not text.strip() or len(text) > MAX_LENGTH:
        return ruled
    from trainwright.intent.llm.failures import ModelFailedError  # noqa: PLC0415 (as above)
    from trainwright.intent.llm.weighing import Turn, read_with  # noqa: PLC0415 (as above)
    from trainwright.intent.llm.words import fallback  # noqa: PLC0415 (as above)

    try:
        result = read_with(
            provider, Turn(text, context, known), ruled, settings.trainwright_llm_timeout
        )
    except ModelFailedError as failure:
        return ruled.model_copy(update={"reader_note": fallback(failure.why, ruled.language)})
    return result.model_copy(update={"reader": "llm"})
