"""What can go wrong between a request and a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainwright.spec.errors import InputError, TrainwrightError, UnavailableError

_INPUT_CODES = frozenset(
    ("bad_image", "bad_input", "bad_dataset", "bad_request", "invalid_request")
)


class ModelError(TrainwrightError):
    """The model's own process could not do what was asked."""

    code = "model_error"
    status = 500


class ModelTimeoutError(UnavailableError):
    """The model did not answer in time."""

    code = "model_timeout"
    status = 504


class BusyError(UnavailableError):
    """More is asked of the models than they can answer for now."""

    code = "busy"
    status = 429

    def __init__(self, message: str, *, retry_after_seconds: float = 1.0) -> None:
        super().__init__(
            message,
            expected="fewer requests at a time",
            details={"retry_after_seconds": retry_after_seconds},
        )


class OverloadedError(BusyError):
    """All models together are asked more than there are threads to wait for them."""

    code = "overloaded"
    status = 503


class AbandonedError(TrainwrightError):
    """Whoever asked has gone away, so the answer was not made to its end."""

    code = "abandoned"
    status = 499


class WorkerDiedError(Exception):
    """A worker ended, or broke the protocol, in the middle of a request.

    Attributes:
        why: In words, with its exit status and last words.
        final: Whether starting it again would end the same way.
    """

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.final = final


def reported(error: Any) -> TrainwrightError:
    """The error a worker reports as `{code, message, hint}`: the input's fault, or the model's."""
    if not isinstance(error, Mapping):
        return ModelError(f"the model failed: {error}")
    code, hint = str(error.get("code", "model_error")), error.get("hint")
    kind, field = (InputError, "inputs") if code in _INPUT_CODES else (ModelError, None)
    return kind(
        str(error.get("message") or code),
        field=field,
        mend=str(hint) if hint else None,
        details={"reason": code},
    )
