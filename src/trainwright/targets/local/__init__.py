"""Runs as detached processes on this machine."""

from trainwright.targets.local.target import LocalTarget, Stray

__all__ = ["LocalTarget", "Stray"]
