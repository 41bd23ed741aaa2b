"""Adapters between a spec and the frameworks that train it."""

from __future__ import annotations

from trainwright.frameworks.base import Adapter
from trainwright.registry import Registry

registry: Registry[Adapter] = Registry("framework")

__all__ = ["Adapter", "registry"]
