"""The plan of a spec on a device: closed form, in milliseconds, nothing is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trainwright import catalog
from trainwright.planner import language, vision
from trainwright.planner.device import Device
from trainwright.spec import Chosen, ModelInfo, NotFoundError, RunSpec
from trainwright.spec.plan import Cost, Interval, MemoryEstimate, Plan, Suggestion

_ROOM = 0.94
"""Share of a device's memory that a run may take; the rest is fragmentation and other programs."""
_SMALLEST_SIDE = 96
_SHORTEST = 256
_LIGHTER = {"none": ("lora", "qlora"), "lora": ("qlora",), "qlora": ()}


def plan(spec: RunSpec, device: Device, samples: int | None = None) -> Plan:
    """Reckon what a spec needs on a device.

    Args:
        spec: A completed spec.
        device: What it will run on.
        samples: Training samples; of a dataset the catalogue knows they need not be given.
    """
    info = _model(spec)
    if info is None:
        return Plan(
            fits=None,
            device=device.name,
            cores=device.cores,
            device_bytes=device.memory,
            memory_bytes=None,
            duration_seconds=None,
            sources=["the size of this model is not known"],
        )
    if samples is None:
        samples = _samples(spec)
    memory = _memory(spec, info, device)
    fits = _fits(memory, device)
    seconds = _seconds(spec, info, device, samples)
    return Plan(
        fits=fits,
        device=device.name,
        cores=device.cores,
        device_bytes=device.memory,
        memory_bytes=memory,
        duration_seconds=seconds,
        cost=Cost.of(seconds, device.count, device.price) if seconds and device.price else None,
        suggestions=[] if fits is not False else _suggestions(spec, info, device),
        sources=[_source(spec, info), device.source],
    )


def fit_batch(
    spec: RunSpec, provenance: Mapping[str, str], device: Device
) -> tuple[RunSpec, int | None]:
    """Halve a default batch until it fits; gradients are accumulated so that the step stays.

    Where a person chose the accumulation it is left, and the step gets smaller.

    Args:
        spec: A completed spec.
        provenance: Who chose each field; what a person chose stays.
        device: What it will run on.

    Returns:
        The spec, and the batch it had if that was changed.
    """
    info = _model(spec)
    batch = spec.batch_size
    if info is None or batch is None or provenance.get("batch_size") != Chosen.DEFAULT:
        return spec, None
    if _fits(_memory(spec, info, device), device) is not False:
        return spec, None
    kept = provenance.get("gradient_accumulation") == Chosen.USER
    own = {"gradient_accumulation": spec.gradient_accumulation} if kept else {}
    for half in _halves(spec):
        smaller = half.replace(**own)
        if _fits(_memory(smaller, info, device), device):
            return smaller, batch
    return spec, None


def _model(spec: RunSpec) -> ModelInfo | None:
    try:
        info = catalog.model(spec.model)
    except NotFoundError:
        return None
    return info if info.parameters else None


def _samples(spec: RunSpec) -> int | None:
    try:
        info = catalog.dataset(spec.dataset or "")
    except NotFoundError:
        return None
    return info.samples.get("train") or sum(info.samples.values()) or None


def _is_language(spec: RunSpec) -> bool:
    return spec.task is not None and spec.task.is_language


def _memory(spec: RunSpec, info: ModelInfo, device: Device) -> MemoryEstimate:
    if _is_language(spec):
        return language.memory(spec, info, device)
    return vision.memory(spec, info, device)


def _seconds(
    spec: RunSpec, info: ModelInfo, device: Device, samples: int | None
) -> Interval | None:
    if not samples and not spec.max_steps:
        return None
    if _is_language(spec):
        return language.seconds(spec, info, device, samples)
    return vision.seconds(spec, info, device, samples)


def _fits(memory: MemoryEstimate, device: Device) -> bool | None:
    return None if device.memory is None else memory.expected <= device.memory * _ROOM


def _source(spec: RunSpec, info: ModelInfo) -> str:
    if _is_language(spec):
        known = language.sizes(info).is_known
        return f"architecture of {info.title}" if known else "a model of about this size"
    return f"measured shape of {info.title}" if info.costs else f"parameters of {info.title}"


def _halves(spec: RunSpec) -> Iterator[RunSpec]:
    """The spec with ever smaller batches, each optimizer step still over as many samples."""
    batch, accumulation = spec.batch_size or 1, spec.gradient_accumulation or 1
    while batch > 1:
        batch, accumulation = batch // 2, accumulation * 2
        yield spec.replace(batch_size=batch, gradient_accumulation=accumulation)


def _suggestions(spec: RunSpec, info: ModelInfo, device: Device) -> list[Suggestion]:
    """Changes that make it fit: of each kind the first that does, what costs least before."""
    found = []
    for ways, why in _ways(spec, device):
        for changes in ways:
            memory = _memory(spec.replace(**changes), info, device)
            if _fits(memory, device):
                found.append(Suggestion(changes=changes, why=why, memory_bytes=memory.expected))
                break
    return found


def _ways(spec: RunSpec, device: Device) -> Iterator[tuple[list[dict[str, Any]], str]]:
    """Kinds of change, from what costs nothing to what changes the training."""
    if device.is_gpu and spec.precision == "fp32":
        half = "bf16" if device.bf16 else "fp16"
        yield [{"precision": half}], "16-bit activations take half the memory"
    batches: list[dict[str, Any]] = [
        {"batch_size": s.batch_size, "gradient_accumulation": s.gradient_accumulation}
        for s in _halves(spec)
    ]
    yield batches, "fewer samples at once; an optimizer step stays over as many"
    least = batches[-1] if batches else {}
    if _is_language(spec):
        method = spec.peft.method if spec.peft else "none"
        for lighter in _LIGHTER[method]:
            step_by_step = [more | {"peft": lighter} for more in ({}, *batches)]
            yield step_by_step, f"{lighter} trains small adapters only"
        lengths = _down_from(spec.max_length, _SHORTEST)
        yield [least | {"max_length": length} for length in lengths], "shorter samples"
    elif isinstance(spec.image_size, int):
        sides = _down_from(spec.image_size, _SMALLEST_SIDE)
        yield [least | {"image_size": side} for side in sides], "fewer pixels"


def _down_from(value: int | None, least: int) -> list[int]:
    """Half of `value`, a quarter, and so on."""
    halves = []
    while value is not None and (value := value // 2) >= least:
        halves.append(value)
    return halves
