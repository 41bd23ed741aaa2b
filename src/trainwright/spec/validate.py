"""Whole-spec validation: every fault at once, each with what would be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from reprlib import Repr
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from trainwright.spec.errors import Fault, SpecError
from trainwright.spec.runspec import (
    EarlyStopping,
    PeftConfig,
    Resources,
    RunSpec,
    Supervision,
    cross_faults,
    unnest,
)


class _Short(Repr):
    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write longer ones down
        return super().repr_int(x, level) if x.bit_length() < 10_000 else "an endless number"


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 80

NameCheck = Callable[[Mapping[str, Any]], list[Fault]]
"""Looks at raw fields (after nesting) for names nobody knows; the catalogue provides one."""

_GROUPS: dict[str, type[BaseModel]] = {
    "resources": Resources,
    "supervision": Supervision,
    "early_stopping": EarlyStopping,
    "peft": PeftConfig,
}


def nearest(word: str, choices: list[str], *, limit: int = 3, cutoff: float = 60) -> list[str]:
    """The choices most like `word`, best first."""
    found = process.extract(word.lower(), choices, limit=limit, score_cutoff=cutoff)
    return [choice for choice, _, _ in found]


def did_you_mean(word: str, choices: list[str]) -> str:
    """The end of a message about an unknown `word`; empty where no choice is like it."""
    close = nearest(word, choices)
    return f"; did you mean {', '.join(close)}?" if close else ""


def validate_spec(data: Mapping[str, Any], *checks: NameCheck) -> RunSpec:
    """Check a spec whole.

    Args:
        data: The spec as read from YAML, JSON or Python.
        *checks: Further checks of names, run even when the structure is wrong.

    Raises:
        SpecError: With every fault found.
    """
    try:
        raw = unnest(data)
    except ValueError as error:
        raise SpecError([Fault(field="", code="contradiction", message=str(error))]) from None
    faults: list[Fault] = []
    spec = None
    try:
        spec = RunSpec.model_validate(raw)
    except ValidationError as error:
        # errors without a place come from `cross_faults`, which runs on its own below
        faults += [_fault(e) for e in error.errors() if e["loc"]]
        faults += cross_faults(raw)
    for check in checks:
        faults += check(raw)
    if faults or spec is None:
        raise SpecError(_unique(faults))
    return spec


def _unique(faults: list[Fault]) -> list[Fault]:
    """One of each field: the first, or the first that knows what may have been meant."""
    seen: dict[str, Fault] = {}
    for fault in faults:
        before = seen.setdefault(fault.field or fault.message, fault)
        if fault.suggestions and not before.suggestions:
            seen[fault.field or fault.message] = fault
    return list(seen.values())


def _fault(error: ErrorDetails) -> Fault:
    # unions and validators add steps such as `int` or `function-after[…]` that nobody wrote
    loc = [str(p) for p in error["loc"]]
    path = [p for i, p in enumerate(loc) if i == 0 or (loc[0] in _GROUPS and i == 1)]
    if loc and loc[0] in ("overrides", "class_names"):
        path = loc
    field = ".".join(path)
    if error["type"] == "extra_forbidden":
        group = _GROUPS.get(path[0]) if len(path) > 1 else RunSpec
        names = list(group.model_fields) if group else []
        # those of resources may be given flat
        names += Resources.model_fields if group is RunSpec else []
        return Fault(
            field=field,
            code="unknown_field",
            message="there is no such field",
            suggestions=nearest(path[-1], names),
            expected="a field of the spec",
        )
    if error["type"] == "missing":
        return Fault(field=field, code="missing", message="is needed", expected=_expected(field))
    message = error["msg"].removeprefix("Value error, ")
    value = error.get("input")
    shown = _SHORT.repr(value)
    if len(shown) > 80:
        shown = shown[:77] + "…"
    suggestions = []
    if error["type"] == "literal_error" or error["type"] == "enum":
        options = str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ").split(", ")
        word = value if isinstance(value, str) else shown
        suggestions = nearest(word, [o.strip("'") for o in options])
    return Fault(
        field=field,
        code=error["type"] if error["type"] != "value_error" else "invalid_value",
        message=f"{shown}: {message[:1].lower()}{message[1:]}",
        expected=_expected(field),
        suggestions=suggestions,
    )


def _expected(field: str) -> str | None:
    head, _, tail = field.partition(".")
    model = _GROUPS.get(head, RunSpec) if tail else RunSpec
    info = model.model_fields.get(tail or head)
    if info is None:
        return None
    if info.description:
        return info.description
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    schema = info.metadata
    parts = [f"{w} {getattr(m, k)}" for m in schema for k, w in words.items() if hasattr(m, k)]
    return ", ".join(parts) or None
