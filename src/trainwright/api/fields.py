"""Spec fields as people give them: in files and on command lines, relative, by name, in groups."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from trainwright.api.registered import recorded_place
from trainwright.api.session import running_platform
from trainwright.files import expanded
from trainwright.settings import load
from trainwright.spec import (
    DatasetKind,
    DatasetRef,
    InvalidRequestError,
    NotFoundError,
    nearest,
    parse_yaml,
)

STDIN = "-"
_SPEC_SUFFIXES = {".yaml", ".yml", ".json"}
_SCRIPT = "script/"
_ADAPTER = ("r", "alpha", "dropout")


def seen_from_here(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` with relative paths made absolute: the platform works in a folder of its own."""
    known = dict(fields)
    data, model = known.get("dataset"), known.get("model")
    if isinstance(data, str) and data.strip() and "://" not in data:
        ref = DatasetRef.parse(data)
        if ref.kind is DatasetKind.PATH:
            known["dataset"] = str(expanded(ref.value).absolute())
    if isinstance(model, str) and model.startswith(_SCRIPT) and model != _SCRIPT:
        known["model"] = _SCRIPT + str(expanded(model[len(_SCRIPT) :]).absolute())
    return known


def data_seen_from_here(dataset: str) -> str:
    """`dataset`, or its whole path if it is a folder here."""
    folder = expanded(dataset)
    return str(folder.resolve()) if folder.is_dir() else dataset


def resolve_registered(fields: dict[str, Any]) -> dict[str, Any]:
    """`fields` with the place of a registered dataset where its id or name stands.

    None is started to ask it: where none runs, its records are read. A folder that is here goes
    before a name that is not written as names of the catalogue are.
    """
    from trainwright import catalog  # noqa: PLC0415 (kept out of `import trainwright`)

    text = fields.get("dataset")
    if not isinstance(text, str) or not text.strip() or "://" in text:
        return fields
    ref = DatasetRef.parse(text)
    is_here = ref.kind is DatasetKind.PATH and Path(ref.value).exists()
    if is_here or not ref.may_be_registered:
        return fields
    with suppress(NotFoundError):
        catalog.dataset(text)
        return fields
    with suppress(NotFoundError), running_platform() as client:
        place = client.dataset(text).location if client else recorded_place(load(), text)
        return fields | {"dataset": place or text}
    return fields


def is_spec_path(text: str) -> bool:
    """Whether `text` names a spec file, or `-`; anything else is a sentence."""
    if text == STDIN:
        return True
    one_word = len(text.split()) == 1
    return Path(text).suffix.lower() in _SPEC_SUFFIXES and (one_word or Path(text).is_file())


def folders_in(text: str) -> list[str]:
    """The folders here that words of `text` name, as a spec names a folder."""
    words = dict.fromkeys(word.strip(".") for word in re.findall(r"[\w.-]+", text))
    with suppress(OSError):
        here = {path.name for path in Path().iterdir() if path.is_dir()}
        return [f"./{word}" for word in words if word in here]
    return []


def read_spec_file(path: Path) -> dict[str, Any]:
    """The fields in a file, or in what is piped in when `path` is `-`."""
    piped = str(path) == STDIN
    name = "standard input" if piped else str(path)
    try:
        text = (sys.stdin.buffer.read() if piped else path.read_bytes()).decode("utf-8-sig")
    except FileNotFoundError:
        raise _no_file(path) from None
    except UnicodeDecodeError:
        raise InvalidRequestError(f"{name} is not text in UTF-8", expected="a YAML spec") from None
    except OSError as error:
        why = error.strerror or error
        raise InvalidRequestError(f"cannot read {path}: {why}", expected="a YAML spec") from None
    try:
        return parse_yaml(text)
    except InvalidRequestError as error:
        message = f"{name}: {error.message}"
        raise InvalidRequestError(message, expected=error.expected) from None


def _no_file(path: Path) -> NotFoundError:
    beside: list[str] = []
    with suppress(OSError):
        beside = [p.name for p in path.parent.iterdir() if p.suffix.lower() in _SPEC_SUFFIXES]
    near = nearest(path.name, sorted(beside), limit=1)
    meant = f"; did you mean {path.with_name(near[0])}?" if near else ""
    return NotFoundError(f"there is no file {path}{meant}", expected="a YAML spec")


def parse_value(text: str) -> Any:
    """A value as YAML reads it; `1e-3`, which YAML takes for text, is a number."""
    try:
        return float(text) if "e" in text.lower() else yaml.safe_load(text)
    except ValueError:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def nested(intent: Mapping[str, Any]) -> dict[str, Any]:
    """The flat fields of a sentence with the adapter's settings where a spec has them."""
    fields = dict(intent)
    adapter = {name: fields.pop(name) for name in _ADAPTER if name in fields}
    if adapter:
        fields["peft"] = {"method": fields.get("peft", "lora"), **adapter}
    return fields


def field_names(changes: Mapping[str, Any]) -> set[str]:
    names = set(changes)
    for group in ("resources", "hyperparameters"):
        if isinstance(changes.get(group), Mapping):
            names |= set(changes[group])
    return names
