"""What a run computes on, as far as memory and time depend on it."""

from __future__ import annotations

from dataclasses import dataclass

from trainwright import catalog
from trainwright.spec import NotFoundError
from trainwright.spec.plan import Interval, Price

_GIB = 2**30
_TERA = 1e12

_CORE_FLOPS = Interval.around(6e9, 20e9, 60e9)
"""Sustained by one core in 32-bit convolutions: from old laptops to servers with AVX-512."""
_CORE_BANDWIDTH = 5e9

_UNKNOWN_GPU_FLOPS = Interval.around(4e12, 15e12, 100e12)
_UNKNOWN_BANDWIDTH = 400e9


@dataclass(frozen=True)
class Device:
    """One device; a run may use several alike.

    Attributes:
        name: As people call it.
        cores: Those of a machine that computes without a GPU.
        is_gpu: Whether it is one.
        memory: Bytes; `None` when nobody knows.
        fp32: Operations per second at best, in 32 bit.
        half: The same in fp16 or bf16.
        bandwidth: Bytes per second from its memory.
        bf16: Whether it computes in bf16.
        count: How many the run uses.
        source: Where the figures come from.
        price: Of an hour of one; `None` where nobody has said it.
    """

    name: str
    is_gpu: bool
    memory: int | None
    fp32: Interval
    half: Interval
    bandwidth: float
    bf16: bool
    count: int
    source: str
    price: Price | None = None
    cores: int | None = None


def gpu_device(name: str, memory_gb: float | None = None, count: int = 1) -> Device:
    """A GPU by its name; one the catalogue does not know is reckoned with widely.

    Args:
        name: As a driver or a person calls it.
        memory_gb: GiB that it really has, where that is known.
        count: How many the run uses.
    """
    try:
        info = catalog.gpu(name)
    except NotFoundError:
        return Device(
            name=name,
            is_gpu=True,
            memory=None if memory_gb is None else int(memory_gb * _GIB),
            fp32=_UNKNOWN_GPU_FLOPS,
            half=_UNKNOWN_GPU_FLOPS * 2,
            bandwidth=_UNKNOWN_BANDWIDTH,
            bf16=True,
            count=count,
            source="a GPU that the catalogue does not know: wide guesses",
        )
    return Device(
        name=info.name,
        is_gpu=True,
        memory=int((memory_gb or info.memory_gb) * _GIB),
        fp32=Interval.exactly(info.fp32_tflops * _TERA),
        half=Interval.exactly(info.half_tflops * _TERA),
        bandwidth=info.bandwidth_gbs * 1e9,
        bf16=info.bf16,
        count=count,
        source=f"data sheet of {info.name}",
    )


def cpu_device(cores: int, memory_gb: float | None) -> Device:
    """A machine without a GPU: its cores work on one model together."""
    return Device(
        name=f"{cores} CPU core{'s' if cores > 1 else ''}",
        is_gpu=False,
        memory=None if memory_gb is None else int(memory_gb * _GIB),
        fp32=_CORE_FLOPS * cores,
        half=_CORE_FLOPS * cores,
        bandwidth=_CORE_BANDWIDTH * cores,
        bf16=False,
        count=1,
        source="usual speed of a CPU core",
        cores=cores,
    )
