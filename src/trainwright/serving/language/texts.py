"""Texts that a language model goes on with, one by one, as predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trainwright.serving.intake import Given
from trainwright.spec.api import Generated, GenerateRequest, ModelMessage
from trainwright.spec.api.language import MAX_CHARACTERS
from trainwright.spec.errors import InputError
from trainwright.spec.result import Prediction, TextPrediction


def continued(
    answer: Callable[[GenerateRequest], Generated],
    given: Sequence[Given],
    *,
    max_tokens: int,
    temperature: float,
) -> list[Prediction]:
    """An answer to each text, in order; of several, those that do not fit have an `error`.

    Args:
        answer: Has the model answer.
        given: The texts.
        max_tokens: Of each answer.
        temperature: 0 gives the same answer every time.

    Raises:
        InputError: The only text cannot be answered.
        TrainwrightError: As `answer`.
    """
    found = []
    for place, one in enumerate(given):
        try:
            text = _text(one)
            said = answer(
                GenerateRequest(
                    messages=[ModelMessage(role="user", content=text)],
                    max_tokens=max_tokens,
                    temperature=temperature,
                )
            )
        except InputError as error:
            error.field = "inputs"
            if len(given) == 1:
                raise
            found.append(Prediction.none_of(f"inputs.{place}", error))
        else:
            found.append(
                Prediction(
                    input=text,
                    predictions=[TextPrediction(text=said.text, finish_reason=said.finish_reason)],
                    inference_time_ms=said.inference_time_ms,
                    model_version=said.model_version,
                )
            )
    return found


def _text(given: Given) -> str:
    if not isinstance(given, str):
        raise InputError(
            "this model answers texts, and a file was sent",
            expected="texts in `inputs`",
        )
    if len(given) > MAX_CHARACTERS:
        raise InputError(
            f"the text is {len(given):,} letters long",
            expected=f"at most {MAX_CHARACTERS:,}",
        )
    return given
