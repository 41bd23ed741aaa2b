"""This machine as the planner reckons with it."""

from __future__ import annotations

from dataclasses import replace

from trainwright import settings
from trainwright.job import nvml
from trainwright.planner import Device, cpu_device, gpu_device
from trainwright.spec.plan import Price
from trainwright.targets.local import hardware


def device(gpus: int | None = None) -> Device:
    """What a run here would compute on, and what an hour of it costs where that was said.

    Args:
        gpus: How many it asks for; `None` takes one where there is one, 0 none.
    """
    return replace(_machine(gpus), price=_price(settings.load().trainwright_price_per_hour))


def _price(said: str | None) -> Price | None:
    if said is None:
        return None
    amount, currency = said.split()
    return Price(per_hour=float(amount), currency=currency)


def _machine(gpus: int | None) -> Device:
    if gpus != 0 and hardware.gpus():
        try:
            module = nvml.open_nvml()
            first = nvml.read(module, 0)
        except nvml.NvmlError:
            return cpu_device(hardware.cpus(), hardware.memory_gb())
        return gpu_device(first.name or "GPU", first.memory_total_gb, count=max(1, gpus or 1))
    return cpu_device(hardware.cpus(), hardware.memory_gb())
