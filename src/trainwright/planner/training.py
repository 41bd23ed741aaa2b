"""Memory that every training needs: weights, gradients, optimizer state."""

from __future__ import annotations

from dataclasses import dataclass

from trainwright.planner.device import Device
from trainwright.spec import RunSpec
from trainwright.spec.plan import Interval

_MIB = 2**20
_GIB = 2**30

_STATE_BYTES = {
    "sgd": 4,
    "rmsprop": 4,
    "adagrad": 4,
    "lion": 4,
    "adafactor": 0.1,
    "adam": 8,
    "adamw": 8,
    "nadam": 8,
    "radam": 8,
    "lamb": 8,
}
"""Bytes per trained weight that an optimizer keeps, in 32 bit: its moments."""

_RUNTIME_CPU = Interval.around(0.25 * _GIB, 0.45 * _GIB, 0.9 * _GIB)
_RUNTIME_GPU = Interval.around(0.5 * _GIB, 0.9 * _GIB, 1.8 * _GIB)
"""The program itself: CUDA context, kernels, work space, cached blocks."""


@dataclass(frozen=True)
class Weights:
    """How many weights there are and how they are kept.

    Attributes:
        total: All of them.
        trained: Those that get gradients.
        frozen_bytes: Per weight that is not trained.
        trained_bytes: Per trained weight, with its 16-bit copy where there is one.
    """

    total: float
    trained: float
    frozen_bytes: float
    trained_bytes: float


def is_mixed(spec: RunSpec, device: Device) -> bool:
    """Whether it computes in 16 bit; `auto` does where the device gains."""
    if spec.precision in (None, "auto"):
        return device.is_gpu
    return spec.precision != "fp32"


def fixed_parts(weights: Weights, spec: RunSpec, device: Device) -> dict[str, Interval]:
    """What does not depend on the batch.

    Args:
        weights: Of the model that is trained.
        spec: Whose optimizer is used.
        device: What it runs on.
    """
    frozen = weights.total - weights.trained
    kept = weights.trained * weights.trained_bytes + frozen * weights.frozen_bytes
    state = weights.trained * _STATE_BYTES.get(spec.optimizer or "adamw", 8)
    return {
        "weights": Interval.exactly(kept),
        "gradients": Interval.exactly(4 * weights.trained),
        "optimizer": Interval.exactly(state),
        "runtime": _RUNTIME_GPU if device.is_gpu else _RUNTIME_CPU,
    }
