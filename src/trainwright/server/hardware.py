"""What this machine has."""

from __future__ import annotations

import platform
from pathlib import Path

import psutil

from trainwright.job import nvml
from trainwright.spec.api import GpuView, Hardware, MachineVitals
from trainwright.spec.events import Gpu
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
        disk_free_gb=round(psutil.disk_usage(str(home)).free / _GIB, 1),
        gpus=gpus,
        platform=platform.platform(),
        python=platform.python_version(),
        note=note,
    )


def machine_vitals(home: Path) -> MachineVitals:
    """What the machine does now; CPU use is that since it was asked last."""
    disk = psutil.disk_usage(str(home))
    return MachineVitals(
        cpu_percent=psutil.cpu_percent(),
        memory_percent=psutil.virtual_memory().percent,
        disk_free_gb=round(disk.free / _GIB, 2),
        disk_percent=disk.percent,
        gpus=_sampled_gpus()[0],
    )


def _gpus() -> tuple[list[GpuView], str | None]:
    found, note = _sampled_gpus()
    views = [
        GpuView(index=g.index, name=g.name or "GPU", memory_gb=g.memory_total_gb or 0.0)
        for g in found
    ]
    return views, note


def _sampled_gpus() -> tuple[list[Gpu], str | None]:
    try:
        module = nvml.open_nvml()
        return [nvml.read(module, index) for index in range(nvml.count())], None
    except nvml.NvmlError as error:
        return [], str(error)
