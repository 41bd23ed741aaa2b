"""Measure a trained model, on the images its run held out or on any others.

python -m trainwright.frameworks.builtin.evaluate RUN_DIR [--dataset D] --out FILE
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from trainwright import settings
from trainwright.files import write_atomic
from trainwright.frameworks.builtin import registry
from trainwright.frameworks.builtin.config import MINIMUM_SIDE
from trainwright.frameworks.builtin.data.batches import Batches
from trainwright.frameworks.builtin.data.load import Loaded, Wanted, load
from trainwright.frameworks.builtin.device import choose
from trainwright.frameworks.builtin.discover import register_all
from trainwright.frameworks.builtin.failures import exit_with_words
from trainwright.frameworks.builtin.measure import Normalize, measure
from trainwright.frameworks.builtin.trained import Description, TrainedModel, load_trained
from trainwright.settings import Home
from trainwright.spec import DataError, RunDir

BATCH = 256


def evaluate(model: TrainedModel, dataset: str | None, home: Home) -> dict[str, Any]:
    """Metrics under the names of `Result`, with `per_class`, `confusion`, `samples` and `notes`.

    Args:
        model: What to measure.
        dataset: Name or folder; `None` is the held-out part of the model's own data. Of another
            dataset the test part is taken if it has one, else all of it.
        home: Where downloads and plug-ins are.

    Raises:
        DataError: The dataset cannot be read, or has classes that the model does not know.
    """
    began = time.monotonic()
    seen = model.description
    dataset = dataset or seen.dataset
    own = dataset == seen.dataset
    register_all(home, wanted=seen.model, dataset=dataset)
    data = load(_wanted(seen, dataset, own=own), home)
    positions = _held_out(seen, data) if own else _test_part(data)
    compute = choose("auto", "fp32", channels_last=None, tf32=False)
    scores = measure(
        model.network.to(compute.device),
        Batches(
            data.images,
            _as_known(seen, data, own=own),
            positions,
            batch_size=BATCH,
            device=compute.device,
        ),
        normalize=Normalize(seen.mean, seen.std, compute),
        compute=compute,
        classes=len(seen.class_names),
    )
    return {
        "dataset": dataset,
        "metrics": scores.named("test"),
        "samples": scores.samples,
        "per_class": [c.model_dump() for c in scores.per_class(seen.class_names)],
        "confusion": scores.matrix(seen.class_names).model_dump(),
        "duration_seconds": time.monotonic() - began,
        "notes": data.notes,
    }


def _wanted(seen: Description, dataset: str, *, own: bool) -> Wanted:
    return Wanted(
        dataset=dataset,
        options=seen.dataset_options if own and dataset in registry.datasets else {},
        seed=seen.split_seed,
        image_size=(seen.height, seen.width),
        minimum_side=MINIMUM_SIDE,
        resize=seen.resize,
        channels=seen.channels,
    )


def _held_out(seen: Description, data: Loaded) -> Tensor:
    parts = data.split(
        seed=seen.split_seed, val_fraction=seen.val_fraction, test_fraction=seen.test_fraction
    )
    if not len(parts.test):
        raise DataError(f"{seen.dataset} has no held-out images", expected="another --dataset")
    return parts.test


def _test_part(data: Loaded) -> Tensor:
    chosen = [i for i, part in enumerate(data.given or []) if part == "test"]
    return torch.tensor(chosen) if chosen else torch.arange(len(data.labels))


def _as_known(seen: Description, data: Loaded, *, own: bool) -> Tensor:
    """Labels as the model numbers them, matched by the classes' names."""
    if own and set(data.class_names) != set(seen.class_names):
        return data.labels  # the run gave its classes other names
    unknown = [name for name in data.class_names if name not in seen.class_names]
    if unknown:
        raise DataError(
            f"the model does not know the class{'es' if len(unknown) > 1 else ''} "
            + ", ".join(unknown[:10]),
            field="dataset",
            expected="only " + ", ".join(seen.class_names[:20]),
        )
    numbers = torch.tensor([seen.class_names.index(name) for name in data.class_names])
    return numbers[data.labels]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--dataset")
    parser.add_argument("--out", required=True, type=Path)
    args = parser.parse_args()
    with exit_with_words():
        home = settings.load().home
        model = load_trained(RunDir(args.run_dir.absolute()), home)
        found = evaluate(model, args.dataset, home)
        write_atomic(args.out.absolute(), json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
