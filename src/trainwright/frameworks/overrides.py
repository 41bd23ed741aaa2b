"""Checking the free mapping `overrides` against the options an adapter offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trainwright.spec import Fault, Option, nearest


def check_overrides(
    given: Mapping[str, Any], options: Iterable[Option], *, prefix: str = "overrides"
) -> list[Fault]:
    """Every fault of a free mapping: unknown names, wrong types, values out of range."""
    known = {o.name: o for o in options}
    faults = []
    for name, value in given.items():
        field = f"{prefix}.{name}"
        option = known.get(name)
        if option is None:
            faults.append(
                Fault(
                    field=field,
                    code="unknown_option",
                    message=f"there is no option {name!r}",
                    expected="one of the options of this model, dataset and framework",
                    suggestions=nearest(name, sorted(known)),
                )
            )
        elif value is not None and (expected := _mismatch(value, option)):
            suggestions = (
                nearest(value, [str(c) for c in option.choices or []])
                if isinstance(value, str)
                else []
            )
            faults.append(
                Fault(
                    field=field,
                    code="invalid_option",
                    message=f"{value!r} does not fit",
                    expected=expected,
                    suggestions=suggestions,
                )
            )
    return faults


def _mismatch(value: Any, option: Option) -> str | None:
    """What would be right, or `None` where the value fits."""
    if option.choices is not None:
        fits = any(value == c and type(value) is type(c) for c in option.choices)
        return None if fits else "one of " + ", ".join(map(str, option.choices))
    if option.type == "list":
        fits = isinstance(value, (list, tuple)) and all(_in_range(v, option) for v in value)
        return None if fits else "a list" + _range(option)
    kinds: dict[str, type | tuple[type, ...]] = {
        "int": int,
        "float": (int, float),
        "bool": bool,
        "str": str,
    }
    kind = kinds[option.type]
    fits = isinstance(value, kind) and (option.type == "bool" or not isinstance(value, bool))
    if fits and option.type in ("int", "float"):
        fits = _in_range(value, option)
    words = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}
    return None if fits else words[option.type] + _range(option)


def _in_range(value: Any, option: Option) -> bool:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return option.minimum is None and option.maximum is None
    low = option.minimum is None or value >= option.minimum
    return low and (option.maximum is None or value <= option.maximum)


def _range(option: Option) -> str:
    if option.minimum is None and option.maximum is None:
        return ""
    if option.maximum is None:
        return f" of at least {option.minimum:g}"
    if option.minimum is None:
        return f" of at most {option.maximum:g}"
    return f" from {option.minimum:g} to {option.maximum:g}"
