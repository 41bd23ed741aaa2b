"""Handwritten digits that ship with scikit-learn (Alpaydin & Kaynak 1998, UCI dataset 80)."""

from __future__ import annotations

import numpy as np

from trainwright.frameworks.builtin.data.samples import Samples
from trainwright.frameworks.builtin.registry import register_dataset


@register_dataset("digits")
def digits() -> Samples:
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]  # noqa: PLC0415

    data = load_digits()
    images = np.rint(data.images * (255 / 16)).astype(np.uint8)
    return Samples(images, data.target, [str(d) for d in range(10)])
