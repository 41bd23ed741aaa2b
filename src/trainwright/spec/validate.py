"""Whole-spec validation: every fault at once, each with what would be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from trainwright.spec.errors import Fault, InvalidRequestError, SpecError
from trainwright.spec.runspec import (
    EarlyStopping,
    PeftConfig,
    Resources,
    RunSpec,
    Supervision,
    cross_faults,
    unnest,
)

NameCheck = Callable[[Mapping[str, Any]], list[Fault]]
"""Looks at raw fields (after nesting) for names nobody knows; the catalogue provides one."""

MAX_YAML_BYTES = 1_000_000

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
    seen: dict[str, Fault] = {}
    for fault in faults:
        seen.setdefault(fault.field or fault.message, fault)
    return list(seen.values())


def _fault(error: ErrorDetails) -> Fault:
    # unions and validators add steps such as `int` or `function-after[…]` that nobody wrote
    known = set(RunSpec.model_fields)
    loc = [str(p) for p in error["loc"]]
    path = [p for i, p in enumerate(loc) if i == 0 or (loc[0] in _GROUPS and i == 1)]
    if loc and loc[0] in ("overrides", "class_names"):
        path = loc
    field = ".".join(path)
    if error["type"] == "extra_forbidden":
        group = _GROUPS.get(path[0]) if len(path) > 1 else RunSpec
        names = list(group.model_fields) if group else sorted(known)
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
    shown = repr(value)
    if len(shown) > 80:
        shown = shown[:77] + "…"
    suggestions = []
    if error["type"] == "literal_error" or error["type"] == "enum":
        options = str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ").split(", ")
        suggestions = nearest(str(value), [o.strip("'") for o in options])
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


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, where PyYAML would silently keep the last."""


def _mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(k, deep=True) for k, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key!r} is given twice", node.start_mark
            )
    return loader.construct_mapping(node, deep=True)


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def parse_yaml(text: str) -> dict[str, Any]:
    """Read one YAML (or JSON) mapping safely.

    Raises:
        InvalidRequestError: Broken YAML (with line and column), more than 1 MB, or not a mapping.
    """
    if len(text) > MAX_YAML_BYTES:
        raise InvalidRequestError("the spec is larger than 1 MB", expected="a short YAML mapping")
    if "&" in text and any(isinstance(t, yaml.AliasToken) for t in _tokens(text)):
        raise InvalidRequestError("YAML aliases are not allowed in a spec", expected="plain values")
    try:
        data = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 (a SafeLoader subclass)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise InvalidRequestError(
            f"broken YAML{where}: {problem}", expected="a YAML mapping"
        ) from None
    if not isinstance(data, dict) or not all(isinstance(k, str) for k in data):
        raise InvalidRequestError("the spec is not a mapping", expected="lines such as `epochs: 5`")
    return data


def _tokens(text: str) -> list[Any]:
    try:
        return list(yaml.scan(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return []


class _Dumper(yaml.SafeDumper):
    """Quotes the line breaks of Unicode, which PyYAML would write as they are and read as spaces."""


def _string(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if any(c in text for c in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def dump_yaml(spec: RunSpec) -> str:
    """The spec as YAML, without what was not said."""
    data = spec.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
