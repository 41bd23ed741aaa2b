"""What differs between several records: settings, or how runs came about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_OWN = frozenset({"created_at", "spec", "seed", "command", "trainer_command"})
"""Of a provenance: what every run has of its own, or what its spec says already."""


def differing(records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Dotted fields whose values are not all the same; `None` where a record lacks one."""
    flat = [dict(_flat(record)) for record in records]
    names = dict.fromkeys(name for one in flat for name in one)
    rows = {name: [one.get(name) for one in flat] for name in names}
    return {name: row for name, row in rows.items() if any(value != row[0] for value in row)}


def settings_of(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a spec that say something, those of its resources under their own names."""
    fields = {name: value for name, value in spec.items() if name not in ("name", "resources")}
    return fields | dict(spec.get("resources") or {})


def origin_of(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """What of a provenance tells runs apart; a diff by its fingerprint, as it may be long."""
    fields = {name: value for name, value in provenance.items() if name not in _OWN}
    git = dict(fields.get("git") or {})
    if diff := git.pop("diff", None):
        git["diff"] = f"sha256 {hashlib.sha256(str(diff).encode()).hexdigest()[:12]}"
    told = {name: git[name] for name in ("commit", "branch", "diff") if name in git}
    return fields | {"git": told}


def _flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
