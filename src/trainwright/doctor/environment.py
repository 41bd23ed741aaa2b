"""Checks of environment variables."""

from __future__ import annotations

import os
from collections.abc import Iterator

from trainwright.doctor.registry import Finding, check, ok, warn
from trainwright.settings import Settings
from trainwright.spec import nearest

_PREFIX = "TRAINWRIGHT_"
_READ_ELSEWHERE = {
    "TRAINWRIGHT_API_URL",  # given to the platform's own processes
    "TRAINWRIGHT_ATTEMPT",  # this and the next four are given to trainers
    "TRAINWRIGHT_RESUME_FROM",
    "TRAINWRIGHT_RUN_DIR",
    "TRAINWRIGHT_RUN_ID",
    "TRAINWRIGHT_SPEC",
    "TRAINWRIGHT_DATASET_MIRROR",  # where sample datasets are downloaded from
}


def known_names() -> set[str]:
    """Names with the prefix that something reads."""
    fields = {name.upper() for name in Settings.model_fields}
    return {n for n in fields if n.startswith(_PREFIX)} | _READ_ELSEWHERE


@check("environment", "Environment variables")
def environment(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    known = known_names()
    faults = 0
    for name in sorted(os.environ):
        if name.startswith(_PREFIX) and name not in known:
            faults += 1
            close = nearest(name, [k.lower() for k in sorted(known)], limit=1, cutoff=0)
            yield warn(
                f"{name} is set, but nothing reads it; did you mean {close[0].upper()}?",
                mend=f"unset {name}",
            )
    if os.environ.get("MONGODB_URL"):
        faults += 1
        yield warn(
            "MONGODB_URL is set but not used: documents live in the SQL database (DATABASE_URL)",
            mend="unset MONGODB_URL",
        )
    if not faults:
        yield ok("no unknown or unused variables")
