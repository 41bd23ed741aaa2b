"""Defaults that follow the size of the data, once it has been counted."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pydantic import BaseModel

from trainwright.catalog.reasons import Language, reason
from trainwright.spec import Chosen, RunSpec, Task

_MIN_BATCH = 8
_STEPS_AN_EPOCH = 16
_STEPS_IN_ALL = 400
_MAX_EPOCHS = 60
_MIN_SIDE = 28


class Fitted(BaseModel):
    """The spec, and why for each field that was changed."""

    spec: RunSpec
    reasons: dict[str, str]


def fit_to_data(
    spec: RunSpec,
    provenance: Mapping[str, str],
    samples: int,
    *,
    median_side: int | None = None,
    language: Language = "en",
) -> Fitted:
    """Make batch, epochs and image size suit the data; what a person chose stays.

    A default batch of 64 gives a folder of 70 images one step an epoch, and no model. The batch is
    halved until an epoch has some steps, and epochs are added until the whole run has enough.
    Small images are not enlarged to the default size: a model that starts from nothing sees less of
    each then, and takes longer.

    Args:
        spec: A completed spec.
        provenance: Who chose each field.
        samples: How many there are, of all splits together.
        median_side: Median of the images' shorter sides in pixels, where it is known.
        language: Language of the reasons.
    """
    if spec.task is not Task.IMAGE_CLASSIFICATION or samples <= 0:
        return Fitted(spec=spec, reasons={})
    changes: dict[str, int] = {}
    reasons: dict[str, str] = {}
    batch = spec.batch_size
    if batch is not None and provenance.get("batch_size") == Chosen.DEFAULT:
        while batch > _MIN_BATCH and samples / batch < _STEPS_AN_EPOCH:
            batch = max(_MIN_BATCH, batch // 2)
        if batch < (spec.batch_size or batch):
            changes["batch_size"] = batch
            reasons["batch_size"] = reason("batch_of_data", language, samples=samples)
    if batch is not None and spec.epochs and provenance.get("epochs") == Chosen.DEFAULT:
        wanted = min(_MAX_EPOCHS, math.ceil(_STEPS_IN_ALL * batch / samples))
        if wanted > spec.epochs:
            changes["epochs"] = wanted
            reasons["epochs"] = reason("epochs_of_data", language, samples=samples)
    size = spec.image_size
    if median_side and isinstance(size, int) and provenance.get("image_size") == Chosen.DEFAULT:
        fitting = max(_MIN_SIDE, median_side)
        if fitting < size and not spec.pretrained:
            changes["image_size"] = fitting
            reasons["image_size"] = reason("size_of_data", language)
    return Fitted(spec=spec.replace(**changes) if changes else spec, reasons=reasons)
