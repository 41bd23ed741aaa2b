"""Checkpoints: written whole or not at all, read without running code."""

from __future__ import annotations

import io
import os
import pickle
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from trainwright.files import storage_error, write_atomic
from trainwright.frameworks.builtin.adapter import CHECKPOINTS, is_whole
from trainwright.job import report
from trainwright.spec import DataError, RunDir

VERSION = 1
LAST, PREVIOUS = CHECKPOINTS
BEST = "checkpoints/best.safetensors"


def save_last(run: RunDir, state: Mapping[str, Any]) -> None:
    """Write `last.pt`, keeping the one before as `.last.prev.pt`.

    Raises:
        StorageError: The disk is full or read-only; the earlier checkpoints are untouched.
    """
    buffer = io.BytesIO()
    torch.save({"version": VERSION, **state}, buffer)
    last, previous = run.path / LAST, run.path / PREVIOUS
    fresh = last.with_name(".last.pt.new")
    write_atomic(fresh, buffer.getvalue())
    try:
        if is_whole(last):  # a damaged one must not take the place of the one before it
            os.replace(last, previous)  # noqa: PTH105
        os.replace(fresh, last)  # noqa: PTH105
    except OSError as error:
        raise storage_error(last, error) from error


def load_last(run: RunDir, wanted: str, device: torch.device) -> dict[str, Any]:
    """Read the checkpoint `wanted`, or the one before where it is torn.

    Args:
        run: The run.
        wanted: Path in the run directory.
        device: Where its tensors go.

    Raises:
        DataError: Neither can be read.
    """
    candidates = list(dict.fromkeys([wanted, LAST, PREVIOUS]))
    for name in candidates:
        path = run.path / name
        if not is_whole(path):
            if path.exists():
                report.note(f"{name} is damaged; going back to the checkpoint before it")
            continue
        return _read(path, name, device)
    raise DataError(
        f"there is no readable checkpoint in {run.path}",
        expected=" or ".join(candidates),
        mend="start the run anew: trainwright runs clone " + run.run_id,
    )


def _read(path: Path, name: str, device: torch.device) -> dict[str, Any]:
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    # it holds code, which is never run, or is an archive of something else
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, LookupError) as error:
        raise DataError(
            f"{name} is not a checkpoint of this trainer, and nothing of it was run: "
            + str(error).partition("\n")[0],
            expected="tensors and plain data",
        ) from None
    version = state.get("version") if isinstance(state, dict) else None
    if version != VERSION:
        raise DataError(
            f"{name} was not written by this version of the trainer",
            expected=f"checkpoint version {VERSION}",
        )
    return dict(state)


def save_weights(path: Path, weights: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write weights as safetensors, atomically."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
    write_atomic(path, save(plain, dict(metadata)))


def load_weights(path: Path) -> dict[str, Tensor]:
    """Read weights.

    Raises:
        DataError: They are gone or damaged.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise DataError(
            f"the weights in {path} cannot be read: {error}",
            expected="the file as training wrote it",
            mend="train again, from the start",
        ) from None


def random_state() -> dict[str, Any]:
    """The state of every random generator a model may draw from, as plain data and tensors."""
    name, keys, *rest = np.random.get_state()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "python": random.getstate(),
        "numpy": [name, torch.from_numpy(np.asarray(keys).astype(np.int64)), *rest],
    }


def restore_random_state(state: Mapping[str, Any]) -> None:
    torch.set_rng_state(state["torch"].cpu())
    if torch.cuda.is_available() and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([s.cpu() for s in state["cuda"]])
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    name, keys, *rest = state["numpy"]
    np.random.set_state((name, keys.cpu().numpy().astype(np.uint32), *rest))
