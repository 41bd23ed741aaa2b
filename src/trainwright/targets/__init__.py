"""Where a run executes. Targets come through the registry: `registry.get("local")`."""

from trainwright.registry import Registry
from trainwright.targets.base import (
    Allocation,
    Capacity,
    Observation,
    Target,
    UnreachableError,
)

registry: Registry[Target] = Registry("target")

__all__ = ["Allocation", "Capacity", "Observation", "Target", "UnreachableError", "registry"]
