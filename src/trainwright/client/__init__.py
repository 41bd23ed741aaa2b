"""Typed client of a running platform; `Client` loads on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trainwright.client.client import Client
    from trainwright.client.locate import Address, find_address

__all__ = ["Address", "Client", "find_address"]

_LAZY = {
    "Client": "trainwright.client.client",
    "Address": "trainwright.client.locate",
    "find_address": "trainwright.client.locate",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'trainwright.client' has no attribute {name!r}")
