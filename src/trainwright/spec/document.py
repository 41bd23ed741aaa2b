"""Specs as YAML documents: read safely, written so that they read back the same."""

from __future__ import annotations

from typing import Any

import yaml

from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.runspec import RunSpec

MAX_YAML_BYTES = 1_000_000


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice, where PyYAML would silently keep the last."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, AttributeError) as error:  # 2024-02-30, or a number without end
            raise yaml.constructor.ConstructorError(
                None, None, f"a value is not what it looks like ({error})", node.start_mark
            ) from None


def _mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(k, deep=True) for k, _ in node.value]
    seen = set()
    for key in map(repr, keys):  # some keys cannot be hashed
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key} is given twice", node.start_mark
            )
        seen.add(key)
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
    """Quotes the line breaks of Unicode, which PyYAML would write raw and read as spaces."""


def _string(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if any(c in text for c in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def dump_yaml(spec: RunSpec) -> str:
    """The spec as YAML, without what was not said."""
    data = spec.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
