"""This machine as the planner reckons with it."""

from __future__ import annotations

from trainwright.job import nvml
from trainwright.planner import Device, cpu_device, gpu_device
from trainwright.targets.local import hardware


def device(gpus: int | None = None) -> Device:
    """What a run here would compute on.

    Args:
        gpus: How many it asks for; `None` takes one where there is one, 0 none.
    """
    if gpus != 0 and hardware.gpus():
        try:
            module = nvml.open_nvml()
            first = nvml.read(module, 0)
        except nvml.NvmlError:
            return cpu_device(hardware.cpus(), hardware.memory_gb())
        return gpu_device(first.name or "GPU", first.memory_total_gb, count=max(1, gpus or 1))
    return cpu_device(hardware.cpus(), hardware.memory_gb())
