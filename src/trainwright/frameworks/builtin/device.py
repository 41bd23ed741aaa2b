"""Where and how precisely to compute."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import torch

from trainwright.spec import InvalidRequestError


@dataclass(frozen=True)
class Compute:
    """The device and its arithmetic.

    Attributes:
        device: Where tensors live.
        autocast: Type of mixed arithmetic; `None` is plain fp32.
        scale_loss: Whether gradients need loss scaling (fp16).
        memory_format: `channels_last` where that gains.
        notes: What was chosen against the wish, and why.
    """

    device: torch.device
    autocast: torch.dtype | None
    scale_loss: bool
    memory_format: torch.memory_format
    notes: tuple[str, ...] = ()

    def mixed(self) -> torch.autocast:
        """Context of the forward pass."""
        return torch.autocast(
            self.device.type,
            dtype=self.autocast or torch.bfloat16,
            enabled=self.autocast is not None,
        )


def choose(device: str, precision: str, *, channels_last: bool | None, tf32: bool) -> Compute:
    """Settle on a device: CUDA, then Apple's MPS, then the CPU.

    Args:
        device: `auto`, `cpu`, `cuda` or `mps`.
        precision: `auto`, `fp32`, `fp16` or `bf16`.
        channels_last: Memory layout; `None` takes it on CUDA.
        tf32: Whether CUDA may round fp32 products to TF32.

    Raises:
        InvalidRequestError: The device asked for is not there.
    """
    found = _device(device)
    if found.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = tf32
        torch.backends.cudnn.allow_tf32 = tf32
        torch.backends.cudnn.benchmark = True
    autocast, notes = _autocast(found, precision)
    last = found.type == "cuda" if channels_last is None else channels_last
    return Compute(
        device=found,
        autocast=autocast,
        scale_loss=autocast is torch.float16 and found.type == "cuda",
        memory_format=torch.channels_last if last else torch.contiguous_format,
        notes=notes,
    )


def _device(wish: str) -> torch.device:
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if wish == "auto":
        return torch.device(next(name for name, there in present.items() if there))
    if not present[wish]:
        raise InvalidRequestError(
            f"there is no {wish} device here",
            field="overrides.device",
            expected=" or ".join(name for name, there in present.items() if there),
            mend="--set overrides.device=auto",
        )
    return torch.device(wish)


def _autocast(device: torch.device, precision: str) -> tuple[torch.dtype | None, tuple[str, ...]]:
    if precision == "fp32":
        return None, ()
    if device.type == "cuda":
        # emulated below compute capability 8, where fp16 has hardware
        good_bf16 = torch.cuda.get_device_capability(device) >= (8, 0)
        if precision == "bf16" or (precision == "auto" and good_bf16):
            return torch.bfloat16, ()
        return torch.float16, ()
    if precision == "auto":
        return None, ()
    if precision == "bf16" and device.type == "cpu":
        return torch.bfloat16, ()
    note = f"{precision} gains nothing on {device.type}; trained in fp32"
    return None, (note,)


def seed_everything(seed: int, device: torch.device) -> None:
    """Seed every generator a model may draw from; on the CPU also fix the order of sums."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(device.type == "cpu", warn_only=True)
    # it would otherwise fill every new tensor, which costs time and changes no result here
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
