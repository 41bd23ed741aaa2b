"""Commands that run a part of the platform need the `server` extra."""

from __future__ import annotations


def require_server() -> None:
    """Raise `MissingDependencyError` unless the platform's own packages are installed."""
    from trainwright.doctor.installation import missing_packages
    from trainwright.spec import MissingDependencyError

    if missing := missing_packages("server"):
        raise MissingDependencyError(
            f"the platform cannot run without {missing[0]}",
            mend="pip install 'trainwright[server]'",
        )
