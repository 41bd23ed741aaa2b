"""Checkpoints: written whole or not at all, read without running code."""

from __future__ import annotations

import io
import os
import pickle
import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from trainwright.files import storage_error, write_atomic
from trainwright.frameworks.builtin.adapter import CHECKPOINTS, KEPT, is_whole, kept_checkpoints
from trainwright.job import report
from trainwright.job.records import read_record
from trainwright.spec import DataError, RunDir
from trainwright.spec.rundir import Kept

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


def keep_last(run: RunDir, step: int, *, most: int, best_step: int | None) -> str | None:
    """Keep `last.pt` under its step's name, too, and no more such files than `most` and the best.

    What a person wants kept stays besides, also where a run that went back saves its step anew.

    Returns:
        The path of the file in the run directory; `None` where none was written.

    Raises:
        StorageError: The disk is full or read-only.
    """
    if not most:
        return None
    kept = run.path / KEPT.format(step)
    try:
        pinned = read_record(run.kept, Kept) or Kept()
        if step in pinned.steps and is_whole(kept):
            return None
        _link(run.path / LAST, kept)
        spared = {kept, *(run.path / KEPT.format(one) for one in (best_step, *pinned.steps))}
        others = [path for path in kept_checkpoints(run) if path not in spared]
        for old in others[: max(0, len(others) - most + 1)]:
            old.unlink()
    except OSError as error:
        raise storage_error(kept, error) from error
    return KEPT.format(step)


def _link(source: Path, target: Path) -> None:
    """The same bytes under a second name, or a copy where the file system has no links."""
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        os.link(source, fresh)
    except OSError:
        shutil.copyfile(source, fresh)
    os.replace(fresh, target)  # noqa: PTH105
    fresh.unlink(missing_ok=True)  # of two names of one file, replacing leaves both


def load_last(run: RunDir, wanted: str, device: torch.device) -> dict[str, Any]:
    """Read the checkpoint `wanted`; where it is torn and the last one, the one before.

    Args:
        run: The run.
        wanted: Path in the run directory.
        device: Where its tensors go.

    Raises:
        DataError: Neither can be read.
    """
    # a checkpoint that was chosen is not exchanged for one of other steps
    candidates = [wanted]
    if wanted in CHECKPOINTS:
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


def step_of(path: Path) -> int | None:
    """The step that weights say they are of; `None` where they are gone, torn, or say nothing."""
    try:
        with safe_open(path, framework="pt") as weights:
            return int((weights.metadata() or {})["step"])
    except (OSError, SafetensorError, KeyError, ValueError):
        return None


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
