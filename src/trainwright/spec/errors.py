"""Errors that say what happened, where, what would be right, and the command that mends it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from pydantic import BaseModel, Field


class Fault(BaseModel):
    """One thing wrong with an input."""

    field: str = Field(
        description="Dotted path of the field, e.g. `resources.gpus`; `` for the whole."
    )
    code: str = Field(description="Stable snake_case code, e.g. `unknown_model`.")
    message: str = Field(description="What was wrong.")
    expected: str | None = Field(default=None, description="What would be right.")
    suggestions: list[str] = Field(
        default_factory=list, description="Nearest valid values, best first."
    )
    mend: str | None = Field(
        default=None, description="The command that mends it, when there is one."
    )

    def __str__(self) -> str:
        text = f"{self.field}: {self.message}" if self.field else self.message
        if self.expected:
            text += f" (expected {self.expected})"
        if self.suggestions:
            text += f"; did you mean {', '.join(self.suggestions)}?"
        return text


class TrainwrightError(Exception):
    """Base of every error a person may see.

    Attributes:
        code: Stable snake_case code, shown in HTTP bodies and by the command line.
        status: HTTP status code.
        exit_code: Exit status of the command line: 1 the run failed, 2 the request was wrong.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        expected: str | None = None,
        mend: str | None = None,
        faults: Iterable[Fault] = (),
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.expected = expected
        self.mend = mend
        self.faults = list(faults)
        self.extra = details or {}

    def fault(self, field: str) -> Fault:
        """What stands for the error beside the input it is about.

        Args:
            field: Dotted path of that input; `` for the whole.
        """
        return Fault(
            field=field,
            code=self.code,
            message=self.message,
            expected=self.expected,
            mend=self.mend,
        )

    @property
    def details(self) -> dict[str, Any]:
        """The `details` object of the HTTP error body."""
        known = {"field": self.field, "expected": self.expected, "mend": self.mend}
        out = {k: v for k, v in known.items() if v is not None} | self.extra
        if self.faults:
            out["faults"] = [f.model_dump(mode="json", exclude_none=True) for f in self.faults]
        return out


class InvalidRequestError(TrainwrightError):
    code = "invalid_request"
    status = 400
    exit_code = 2


class SpecError(InvalidRequestError):
    """A spec with one or more faults, all of them listed."""

    code = "invalid_spec"
    status = 422

    def __init__(self, faults: Iterable[Fault], *, mend: str | None = None) -> None:
        faults = list(faults)
        noun = "fault" if len(faults) == 1 else "faults"
        lines = "\n".join(f"  - {f}" for f in faults)
        super().__init__(f"the spec has {len(faults)} {noun}:\n{lines}", faults=faults, mend=mend)


class DataError(InvalidRequestError):
    """The dataset cannot be trained on as it is."""

    code = "bad_dataset"
    status = 422


class InputError(DataError):
    """An input of a trained model cannot be used as it is."""

    code = "bad_input"


class NotFoundError(InvalidRequestError):
    code = "not_found"
    status = 404


class GoneError(InvalidRequestError):
    """What was asked for was there, and is no more."""

    code = "gone"
    status = 410


class ConflictError(InvalidRequestError):
    """The request is fine but the thing's present state does not allow it."""

    code = "conflict"
    status = 409


class UnauthorizedError(InvalidRequestError):
    code = "unauthorized"
    status = 401


class ForbiddenError(InvalidRequestError):
    code = "forbidden"
    status = 403


class MissingDependencyError(InvalidRequestError):
    """An optional package or program is not installed; `mend` installs it."""

    code = "missing_dependency"
    status = 501


class UnavailableError(TrainwrightError):
    """The platform, or a part of it, cannot be reached or started."""

    code = "unavailable"
    status = 503
    exit_code = 2


class StorageError(TrainwrightError):
    """The home or the object store cannot be written: full, read-only or gone."""

    code = "storage"
    status = 507
    exit_code = 2


class DiskFullError(StorageError):
    code = "disk_full"


class RunFailedError(TrainwrightError):
    """The training itself failed."""

    code = "run_failed"
    status = 500
    exit_code = 1
