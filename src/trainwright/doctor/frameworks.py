"""Checks of frameworks and their plug-ins: can each be loaded, and what of it is left out."""

from __future__ import annotations

from collections.abc import Iterator

from trainwright.doctor.registry import Finding, check, ok, warn
from trainwright.frameworks import registry
from trainwright.settings import Settings
from trainwright.spec import TrainwrightError


@check("frameworks", "Frameworks")
def frameworks(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    """Can each be loaded, and what of it is left out?"""
    for name in registry.names():
        try:
            found = registry.get(name).availability()
        except TrainwrightError as error:
            yield warn(error.message, mend=error.mend)
            continue
        if found.installed:
            yield ok(f"{name} {found.version or ''}".strip())
        else:
            yield warn(f"{name}: {found.reason or 'not installed'}", mend=found.install)
        for problem in found.problems:
            yield warn(f"{name}: {problem}")
