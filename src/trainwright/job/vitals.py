"""CPU, memory and GPU of a training, as its trainer's process tree uses them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from trainwright.job import nvml
from trainwright.spec.events import Gpu, Vitals

GIB = 2**30


class VitalsSampler:
    """Samples when asked; every call gives the use since the call before."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """Get ready.

        Args:
            folder: On the disk whose free space is told.
            env: The trainer's environment; `CUDA_VISIBLE_DEVICES` names its GPUs.
        """
        self._folder = folder
        self._gpus = GpuSampler(env.get("CUDA_VISIBLE_DEVICES"))
        self._used: dict[int, float] = {}
        self._sampled_at = time.monotonic()
        psutil.cpu_percent()  # the first reading has nothing to compare with

    @property
    def note(self) -> str | None:
        """What is not shown, and why; `None` when all is."""
        return self._gpus.note

    def sample(self, trainer: psutil.Process | None) -> Vitals:
        """Vitals now.

        Args:
            trainer: Root of the process tree; `None` when it is not there (any more).
        """
        now = time.monotonic()
        tree = _tree(trainer)
        used = {p.pid: u for p in tree if (u := _cpu_seconds(p)) is not None}
        spent = sum(max(0.0, u - self._used.get(pid, 0.0)) for pid, u in used.items())
        percent = 100 * spent / max(now - self._sampled_at, 1e-3)
        self._used, self._sampled_at = used, now
        return Vitals(
            cpu_percent=round(percent, 1),
            memory_gb=sum(map(_resident, tree)) / GIB,
            host_cpu_percent=psutil.cpu_percent(),
            host_memory_percent=psutil.virtual_memory().percent,
            disk_free_gb=_free(self._folder),
            gpus=self._gpus.sample(),
        )


class GpuSampler:
    """The GPUs that a training was given, as far as they can be seen.

    Attributes:
        note: Why GPUs are not shown, in words; `None` when they are.
    """

    def __init__(self, visible: str | None) -> None:
        self.note: str | None = None
        self._nvml: Any = None
        self._indices: list[int] = []
        if visible == "":
            self.note = "no GPU was given to this run"
            return
        try:
            self._nvml = nvml.open_nvml()
            self._indices = _indices(visible, self._nvml)
        except nvml.NvmlError as error:
            self.note = str(error)

    def sample(self) -> list[Gpu]:
        """The GPUs now; none once they cannot be asked any more."""
        try:
            return [nvml.read(self._nvml, index) for index in self._indices]
        except nvml.NvmlError as error:
            self.note, self._indices = str(error), []
            return []


def _indices(visible: str | None, module: Any) -> list[int]:
    if visible is None:
        return list(range(module.nvmlDeviceGetCount()))
    names = [name.strip() for name in visible.split(",")]
    if all(name.isdigit() for name in names):
        return [int(name) for name in names]
    raise nvml.NvmlError(f"GPUs named {visible!r} are not watched: only indices are understood")


def _tree(root: psutil.Process | None) -> list[psutil.Process]:
    if root is None:
        return []
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _cpu_seconds(process: psutil.Process) -> float | None:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return None
    return float(times.user + times.system)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _free(folder: Path) -> float | None:
    try:
        return shutil.disk_usage(folder).free / GIB
    except OSError:
        return None
