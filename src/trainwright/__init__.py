"""Trainwright: say what you want to train, and get back a model to test, compare and serve.

The names below load on first use, so that ``import trainwright`` stays under 100 ms.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_LAZY = {
    "train": "trainwright.api",
    "parse": "trainwright.api",
    "plan": "trainwright.api",
    "chat": "trainwright.api",
    "connect": "trainwright.api",
    "runs": "trainwright.api",
    "Run": "trainwright.api",
    "RunSpec": "trainwright.spec",
    "TrainwrightError": "trainwright.spec",
    "register_model": "trainwright.frameworks.builtin.registry",
    "register_dataset": "trainwright.frameworks.builtin.registry",
}

if TYPE_CHECKING:
    from trainwright.api import Run, chat, connect, parse, plan, runs, train
    from trainwright.frameworks.builtin.registry import register_dataset, register_model
    from trainwright.spec import RunSpec, TrainwrightError

__all__ = [
    "Run",
    "RunSpec",
    "TrainwrightError",
    "__version__",
    "chat",
    "connect",
    "parse",
    "plan",
    "register_dataset",
    "register_model",
    "runs",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'trainwright' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
