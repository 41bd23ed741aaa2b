"""Checks of environment variables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from trainwright.doctor.registry import Finding, check, ok, warn
from trainwright.settings import Settings
from trainwright.spec import nearest

_PREFIX = "TRAINWRIGHT_"
_SLIPS = 1  # two make TEMPORAL_HOST of TEMPORAL_PORT, which is somebody else's
_READ_ELSEWHERE = {
    "TRAINWRIGHT_PLATFORM",  # given to the platform's own processes
    "TRAINWRIGHT_ATTEMPT",  # this and the next ones are given to trainers
    "TRAINWRIGHT_RESUME_FROM",
    "TRAINWRIGHT_RUN_DIR",
    "TRAINWRIGHT_RUN_ID",
    "TRAINWRIGHT_SPEC",
    "TRAINWRIGHT_BUILD_WEB",  # read when the package is built
    "TRAINWRIGHT_DATASET_MIRROR",  # where sample datasets are downloaded from
}


def known_names() -> set[str]:
    """Names with the prefix that something reads."""
    fields = {name.upper() for name in Settings.model_fields}
    return {n for n in fields if n.startswith(_PREFIX)} | _READ_ELSEWHERE


_WITHOUT_USE = {
    "REDIS_URL": "one process of the API needs nothing to share",
    "MILVUS_URI": "nothing is searched by meaning yet",
}
"""Settings that this version accepts and does nothing with, and why."""


@check("environment", "Environment variables")
def environment(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    """Variables that nothing reads, and those that are nearly a setting's name."""
    known = known_names()
    settings_names = {name.upper() for name in Settings.model_fields}
    faults = 0
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in known:
            faults += 1
            close = nearest(name, [k.lower() for k in sorted(known)], limit=1, cutoff=0)
            yield _unread(name, close[0].upper())
        elif name not in settings_names and (meant := _misspelt(name, settings_names)):
            faults += 1
            yield _unread(name, meant)
    if os.environ.get("MONGODB_URL"):
        faults += 1
        yield warn(
            "MONGODB_URL is set but not used: documents live in the SQL database (DATABASE_URL)",
            mend="unset MONGODB_URL",
        )
    for name, why in _WITHOUT_USE.items():
        if os.environ.get(name):
            faults += 1
            yield warn(f"{name} is set, but has no effect in this version: {why}",
                       mend=f"unset {name}")  # fmt: skip
    if not faults:
        yield ok("no unknown or unused variables")


def _misspelt(name: str, known: Iterable[str]) -> str | None:
    """The setting that `name` is a slip away from, if any."""
    slips = {setting: OSA.distance(name, setting, score_cutoff=_SLIPS) for setting in known}
    nearest_one = min(slips, key=lambda setting: slips[setting])
    return nearest_one if slips[nearest_one] <= _SLIPS else None


def _unread(name: str, meant: str) -> Finding:
    return warn(f"{name} is set, but nothing reads it; did you mean {meant}?", mend=f"unset {name}")
