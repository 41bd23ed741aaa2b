"""Looks for what is wrong with an installation, and mends what it can.

A room adds checks in a module of its own, named in `doctor.registry.MODULES`:

    @check("ports", "Network ports")
    def ports(settings: Settings) -> Iterator[Finding]:
        yield ok("port 8000 is free")
"""

from trainwright.doctor.registry import (
    Check,
    Finding,
    Fix,
    Level,
    Report,
    check,
    examine,
    fail,
    ok,
    warn,
)

__all__ = ["Check", "Finding", "Fix", "Level", "Report", "check", "examine", "fail", "ok", "warn"]
