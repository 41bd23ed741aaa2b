"""What this machine has."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

import psutil

from trainwright.job import nvml
from trainwright.spec.api import GpuView, Hardware
from trainwright.targets.local import hardware as local

_GIB = 2**30


def read(home: Path) -> Hardware:
    """Cores, memory and GPUs, and the space left where `home` lies."""
    gpus, note = _gpus()
    return Hardware(
        cpus=local.cpus(),
        cpu_model=platform.processor() or platform.machine(),
        memory_gb=local.memory_gb(),
        memory_free_gb=round(psutil.virtual_memory().available / _GIB, 1),
        disk_free_gb=round(shutil.disk_usage(home).free / _GIB, 1),
        gpus=gpus,
        platform=platform.platform(),
        python=platform.python_version(),
        note=note,
    )


def _gpus() -> tuple[list[GpuView], str | None]:
    try:
        module = nvml.open_nvml()
    except nvml.NvmlError as error:
        return [], str(error)
    try:
        found = [nvml.read(module, index) for index in range(nvml.count())]
    except nvml.NvmlError as error:
        return [], str(error)
    views = [
        GpuView(index=g.index, name=g.name or "GPU", memory_gb=g.memory_total_gb or 0.0)
        for g in found
    ]
    return views, None
