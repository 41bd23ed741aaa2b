"""NVIDIA devices by NVML, when there is any."""

from __future__ import annotations

import importlib
from typing import Any

from trainwright.spec.events import Gpu


class NvmlError(Exception):
    """NVML cannot be asked; the message says why in plain words."""


def open_nvml() -> Any:
    """The initialised `pynvml` module.

    Raises:
        NvmlError: The package or the driver is missing, or the driver is broken.
    """
    try:
        nvml: Any = importlib.import_module("pynvml")
    except ImportError:
        raise NvmlError("GPUs are not watched: the package nvidia-ml-py is missing") from None
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        raise NvmlError(f"no NVIDIA GPU is seen: {error}") from None
    return nvml


def count() -> int:
    """Devices on this machine; 0 where there is no driver."""
    try:
        nvml = open_nvml()
    except NvmlError:
        return 0
    try:
        return int(nvml.nvmlDeviceGetCount())
    except nvml.NVMLError:
        return 0
    finally:
        nvml.nvmlShutdown()


def read(nvml: Any, index: int) -> Gpu:
    """One device as it is now; what it does not tell is `None`.

    Raises:
        NvmlError: The device cannot be asked at all.
    """
    try:
        device = nvml.nvmlDeviceGetHandleByIndex(index)
    except nvml.NVMLError as error:
        raise NvmlError(f"GPU {index} cannot be watched: {error}") from None

    def ask(name: str, *args: int) -> Any:
        try:
            return getattr(nvml, name)(device, *args)
        except nvml.NVMLError:
            return None

    memory, rates = ask("nvmlDeviceGetMemoryInfo"), ask("nvmlDeviceGetUtilizationRates")
    power, name = ask("nvmlDeviceGetPowerUsage"), ask("nvmlDeviceGetName")
    return Gpu(
        index=index,
        name=name.decode() if isinstance(name, bytes) else name,
        utilization=rates.gpu if rates else None,
        memory_used_gb=memory.used / 2**30 if memory else None,
        memory_total_gb=memory.total / 2**30 if memory else None,
        temperature_c=ask("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
        power_w=power / 1000 if power is not None else None,
    )
