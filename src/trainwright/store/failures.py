"""Database errors in words, each with what mends it."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext

from trainwright.spec.errors import (
    DiskFullError,
    InvalidRequestError,
    StorageError,
    TrainwrightError,
    UnavailableError,
)


def translate_errors(engine: Engine) -> None:
    """Raise the platform's own errors for what a person can mend."""
    event.listen(engine, "handle_error", _on_error)


def _on_error(context: ExceptionContext) -> None:
    if error := explain(context.original_exception):
        raise error from context.original_exception


def explain(error: BaseException) -> TrainwrightError | None:
    """The error a person can act on, or `None` when `error` is a fault of the program."""
    text = str(error).lower()
    for words, build in _KNOWN:
        if any(word in text for word in words):
            return build(str(error).strip())
    return None


def _full(detail: str) -> TrainwrightError:
    return DiskFullError(
        f"the disk is full: {detail}", mend="trainwright runs prune --status failed --now"
    )


def _failing(detail: str) -> TrainwrightError:
    return StorageError(
        f"the database's disk is full, or fails: {detail}",
        mend="trainwright doctor",
    )


def _read_only(detail: str) -> TrainwrightError:
    return StorageError(
        f"the database cannot be written: {detail}",
        expected="a writable folder",
        mend="export TRAINWRIGHT_HOME=<a writable folder>",
    )


def _damaged(detail: str) -> TrainwrightError:
    return StorageError(
        f"the database file is damaged or no database: {detail}",
        mend="move trainwright.db out of the home (or restore a backup), then: trainwright up",
    )


def _locked(detail: str) -> TrainwrightError:
    return UnavailableError(
        f"another process keeps the database locked: {detail}",
        expected="nobody else writes for more than a few seconds",
        mend="end the process that `fuser -v trainwright.db` names in the home, then try again",
    )


def _unreachable(detail: str) -> TrainwrightError:
    return UnavailableError(
        f"the database cannot be reached: {detail}",
        expected="a running PostgreSQL at DATABASE_URL",
        mend="check DATABASE_URL, then: trainwright doctor",
    )


def _unspeakable(_detail: str) -> TrainwrightError:
    return InvalidRequestError("no name or text may have the NUL character in it")


_KNOWN = (
    (("cannot contain nul",), _unspeakable),
    (("disk is full", "no space left"), _full),
    (("disk i/o error",), _failing),
    (("readonly database", "read-only file system", "unable to open database file"), _read_only),
    (("not a database", "malformed"), _damaged),
    (("database is locked", "database table is locked"), _locked),
    (
        (
            "connection refused",
            "could not connect",
            "connection failed",
            "connection is bad",
            "connection to server",
            "server closed the connection",
            "password authentication failed",
            "the database system is",
        ),
        _unreachable,
    ),
)
