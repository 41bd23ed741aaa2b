"""The registry of checks, and how they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module

from trainwright.settings import Settings

MODULES = (
    "trainwright.doctor.installation",
    "trainwright.doctor.imports",
    "trainwright.doctor.frameworks",
    "trainwright.doctor.environment",
    "trainwright.doctor.reader",
    "trainwright.doctor.storage",
    "trainwright.doctor.database",
    "trainwright.doctor.platform",
    "trainwright.doctor.leftovers",
    "trainwright.doctor.runs",
    "trainwright.doctor.waiting",
    "trainwright.doctor.records",
)
"""Where checks live; a room appends its own module here."""


class Level(StrEnum):
    """How bad a finding is, in rising order."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Fix:
    """A repair the doctor may make when it is allowed to.

    Attributes:
        does: What it will do, said before it is done, e.g. `remove the stale /…/platform.json`.
        apply: Does it.
    """

    does: str
    apply: Callable[[], object]


@dataclass(frozen=True)
class Finding:
    """One thing a check found.

    Attributes:
        mend: The command that mends it, when there is one.
        fix: What `doctor --fix` can do about it itself.
    """

    level: Level
    message: str
    mend: str | None = None
    fix: Fix | None = None


CheckFunction = Callable[[Settings], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """A registered check."""

    id: str
    title: str
    run: CheckFunction


@dataclass(frozen=True)
class Report:
    """What one check found."""

    check: Check
    findings: list[Finding] = field(default_factory=list)

    @property
    def level(self) -> Level:
        """That of the worst finding."""
        order = list(Level)
        return max((f.level for f in self.findings), key=order.index, default=Level.OK)


_checks: dict[str, Check] = {}


def check(id: str, title: str) -> Callable[[CheckFunction], CheckFunction]:  # noqa: A002
    """Register a check. It only looks; repairs belong in a `Fix`."""

    def register(function: CheckFunction) -> CheckFunction:
        _checks[id] = Check(id=id, title=title, run=function)
        return function

    return register


def ok(message: str) -> Finding:
    """A finding with which all is well."""
    return Finding(Level.OK, message)


def warn(message: str, *, mend: str | None = None, fix: Fix | None = None) -> Finding:
    """A finding that one can live with."""
    return Finding(Level.WARN, message, mend, fix)


def fail(message: str, *, mend: str | None = None, fix: Fix | None = None) -> Finding:
    """A finding that keeps something from working."""
    return Finding(Level.FAIL, message, mend, fix)


def checks() -> list[Check]:
    """Every registered check, in the order of `MODULES`."""
    for module in MODULES:
        import_module(module)
    return list(_checks.values())


def examine(settings: Settings, only: Sequence[Check] | None = None) -> list[Report]:
    """Run the checks; one that breaks is itself a finding and never hides the others."""
    reports = []
    for one in checks() if only is None else only:
        try:
            findings = list(one.run(settings))
        except Exception as error:  # noqa: BLE001
            kind = type(error).__name__
            findings = [fail(f"the check itself failed: {kind}: {error}")]
        reports.append(Report(one, findings))
    return reports
