"""Whether a dataset is where a spec says it is; its content is not looked at."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainwright.datasets.archives import is_archive
from trainwright.files import expanded
from trainwright.spec import DatasetKind, DatasetRef, Fault, nearest


def check_place(raw: Mapping[str, Any]) -> list[Fault]:
    """Faults in the path of raw spec fields' dataset (a `NameCheck`)."""
    try:
        ref = DatasetRef.parse(raw["dataset"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return []  # there is none, or it is at fault already
    if ref.kind is not DatasetKind.PATH:
        return []
    path = expanded(ref.value)
    if not path.is_absolute():
        expected = "an absolute path: the platform does not share your working folder"
        return [_fault("relative_path", str(path), expected)]
    try:
        if path.exists():
            return [_archive(path)] if path.is_file() and is_archive(path) else []
    except OSError:
        return []  # it may not be looked at: whoever reads the data says why
    message = f"{path} does not exist"
    return [_fault("missing_folder", message, "a folder that exists", _like(path))]


def _fault(code: str, message: str, expected: str, suggestions: list[str] | None = None) -> Fault:
    return Fault(
        field="dataset",
        code=code,
        message=message,
        expected=expected,
        suggestions=suggestions or [],
    )


def _archive(path: Path) -> Fault:
    return _fault(
        "archive", f"{path} is an archive, not a folder", "a folder, or a dataset that was added"
    ).model_copy(update={"mend": f"trainwright datasets add {shlex.quote(str(path))}"})


def _like(path: Path) -> list[str]:
    """What lies beside the missing `path` under a name like its own."""
    try:
        siblings = sorted(p.name for p in path.parent.iterdir())
    except OSError:
        return []
    return [str(path.parent / name) for name in nearest(path.name, siblings)]
