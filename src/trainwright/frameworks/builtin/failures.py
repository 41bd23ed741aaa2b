"""What a person sees when training cannot go on: two clear lines, and no traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from trainwright.spec import InvalidRequestError, RunFailedError, TrainwrightError, shown_lines


class NanLossError(RunFailedError):
    """The loss is not a number any more."""

    code = "nan"


class OutOfMemoryError(RunFailedError):
    """The device, or the machine, has too little memory."""

    code = "out_of_memory"


class Stopped(BaseException):
    """Asked to stop by SIGTERM, and saved. Not an error, so that no handler swallows it."""


EXIT_STOPPED = 143
"""128 + SIGTERM, as a shell would say."""


@contextmanager
def exit_with_words(*, batch_size: int | None = None) -> Iterator[None]:
    """End the process as `docs/reference/builtin.md` says: `error:` and `hint:` as last lines.

    Args:
        batch_size: What memory errors advise to halve, if known.
    """
    try:
        yield
    except Stopped:
        raise SystemExit(EXIT_STOPPED) from None
    except TrainwrightError as error:
        _say(error)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        _say(_out_of_memory(error, batch_size))
    except ValueError as error:
        if not str(error).startswith("Expected more than 1 value per channel"):
            raise
        _say(_too_few_values())


def _say(error: TrainwrightError) -> None:
    sys.stdout.flush()
    expected = f"expected {error.expected}" if error.expected else None
    inline = f" ({expected})" if expected and error.mend else ""
    print(shown_lines(f"error: {error.message}{inline} [{error.code}]"), file=sys.stderr)
    if hint := error.mend or expected:
        print(shown_lines(f"hint: {hint}"), file=sys.stderr)
    raise SystemExit(error.exit_code) from None


def _is_out_of_memory(error: BaseException) -> bool:
    # torch has a class of its own for GPUs only; its CPU allocator raises a plain RuntimeError
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(
        words in text for words in ("out of memory", "can't allocate memory", "not enough memory")
    )


def _out_of_memory(error: BaseException, batch_size: int | None) -> OutOfMemoryError:
    first = str(error).partition("\n")[0]
    size = max(1, batch_size // 2) if batch_size else "<fewer>"
    return OutOfMemoryError(
        f"out of memory: {first}",
        mend=f"--set batch_size={size} or a smaller image_size; "
        "gradient_accumulation=2 keeps the effective batch size",
    )


def _too_few_values() -> InvalidRequestError:
    return InvalidRequestError(
        "batch normalization cannot learn from one image at a time at this image size",
        field="batch_size",
        expected="a batch_size of at least 2, or a larger image_size",
        mend="--set batch_size=2",
    )
