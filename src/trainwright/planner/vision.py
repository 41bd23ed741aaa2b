"""Memory and time of training a vision model on images."""

from __future__ import annotations

import math

from trainwright.planner.device import Device
from trainwright.planner.training import Weights, fixed_parts, is_mixed
from trainwright.spec import ModelInfo, RunSpec, Task
from trainwright.spec.plan import Interval, MemoryEstimate

_SIZE = 224
_KEPT_FOR_BACKWARD = Interval.around(1.6, 2.1, 3.6)
"""Stored numbers per activation: inputs of convolutions and of what stands between them.
Measured on ResNets and LeNet: 1.9 to 2.3; transformers keep more."""

_MACS_PER_WEIGHT = Interval.around(50, 175, 300)
_ACTIVATIONS_PER_WEIGHT = Interval.around(0.15, 0.5, 1.7)
"""Of a model of which only the size is known, at 224 pixels: the middle of timm's models."""

_PIXEL_BYTES = Interval.around(1, 12, 15)
"""Of the images themselves: grey in 8 bit to coloured in both 8 and 32."""

_DENSE_TASKS = {Task.OBJECT_DETECTION, Task.INSTANCE_SEGMENTATION, Task.SEMANTIC_SEGMENTATION}
_DENSE = Interval.around(1.3, 2.0, 3.5)
"""Necks, heads, targets and losses of models that answer for each place, over their backbone."""

_SHARE_OF_PEAK = Interval.around(0.12, 0.3, 0.5)
"""Of a GPU's best rate, in training; a core's rate is what it sustains already."""
_STEP_OVERHEAD = Interval.around(0.001, 0.003, 0.01)
_IMAGES_PER_CORE = Interval.around(60, 200, 600)
"""Photographs of 224 pixels that one core reads, scales and varies in a second."""
_READERS = 4
_SMALL = 64
"""Images up to this side are read once and kept."""
_BACKWARD = 3
"""Forward, and twice that backward."""
_VALIDATION = 1.08


def side(spec: RunSpec, info: ModelInfo | None) -> float:
    """Pixels a side: of a rectangle, the square of the same area."""
    size = spec.image_size or (info.input_size if info else None) or _SIZE
    return math.sqrt(size[0] * size[1]) if isinstance(size, tuple) else float(size)


def costs(spec: RunSpec, info: ModelInfo) -> tuple[Interval, Interval]:
    """Multiply-adds and activations of one image."""
    pixels = side(spec, info)
    if info.costs:
        # what is measured at a size holds for larger ones too, by area
        below = [size for size in info.costs if size <= pixels]
        size = max(below) if below else min(info.costs)
        area = (pixels / size) ** 2
        macs, activations = info.costs[size]
        return Interval.exactly(macs * area), Interval.exactly(activations * area)
    area = (pixels / _SIZE) ** 2 * (info.parameters or 0)
    dense = _DENSE if spec.task in _DENSE_TASKS else Interval.exactly(1)
    return _MACS_PER_WEIGHT * area, _ACTIVATIONS_PER_WEIGHT * area * dense


def memory(spec: RunSpec, info: ModelInfo, device: Device) -> MemoryEstimate:
    """Bytes on one device at the peak."""
    mixed = is_mixed(spec, device)
    total = float(info.parameters or 0)
    # autocast keeps a 16-bit copy of the weights beside the 32-bit ones
    weights = Weights(total, total, 0, 6 if mixed else 4)
    batch = (spec.batch_size or 32) / device.count
    _, activations = costs(spec, info)
    kept = activations * _KEPT_FOR_BACKWARD * (2 if mixed else 4)
    images = _PIXEL_BYTES * (side(spec, info) ** 2)
    parts = fixed_parts(weights, spec, device)
    parts["activations"] = (kept + images) * batch
    return MemoryEstimate.of(parts)


def seconds(spec: RunSpec, info: ModelInfo, device: Device, samples: int | None) -> Interval:
    """From the first step to the last, validation counted; `samples` matter to epochs only."""
    mixed = is_mixed(spec, device)
    batch = spec.batch_size or 32
    steps = spec.max_steps or (spec.epochs or 1) * math.ceil((samples or 0) / batch)
    images = steps * min(batch, samples or batch)
    macs, _ = costs(spec, info)
    rate = (device.half if mixed else device.fp32) * device.count
    if device.is_gpu:
        rate = rate * _SHARE_OF_PEAK
    compute = (macs * (2 * _BACKWARD * images)).over(rate) + _STEP_OVERHEAD * steps
    reading = Interval.exactly(0)
    if side(spec, info) > _SMALL:
        reading = Interval.exactly(images).over(_IMAGES_PER_CORE * _READERS)
    return compute.at_least(reading) * _VALIDATION
