"""Measure a trained model, on the images its run held out or on any others.

    python -m trainwright.frameworks.builtin.evaluate RUN_DIR [--dataset D] --out FILE

`--class THEIRS OURS` maps a class of the dataset to one of the model. How far it is, it prints as
`progress DONE/TOTAL`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
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
from trainwright.spec import DataError, RunDir, TrainwrightError, nearest

BATCH = 256
_TELL_SECONDS = 0.3


def evaluate(
    model: TrainedModel,
    dataset: str | None,
    home: Home,
    classes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Metrics under the names of `Result`, with `per_class`, `confusion`, `samples` and `notes`.

    Args:
        model: What to measure.
        dataset: Name or folder; `None` is the held-out part of the model's own data. Of another
            dataset the test part is taken if it has one, else all of it.
        home: Where downloads and plug-ins are.
        classes: Name of a class in the dataset → in the model, or empty to leave it out.

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
    labels = _as_known(seen, dataset, data, classes or {}, own=own)
    positions, left_out = _known_only(positions, labels)
    compute = choose("auto", "fp32", channels_last=None, tf32=False)
    scores = measure(
        model.network.to(compute.device),
        Batches(
            data.images,
            labels,
            positions,
            batch_size=BATCH,
            device=compute.device,
        ),
        normalize=Normalize(seen.mean, seen.std, compute),
        compute=compute,
        classes=len(seen.class_names),
        after_batch=_Progress(len(positions)),
    )
    return {
        "dataset": dataset,
        "metrics": scores.named("test"),
        "samples": scores.samples,
        "per_class": [c.model_dump() for c in scores.per_class(seen.class_names)],
        "confusion": scores.matrix(seen.class_names).model_dump(),
        "duration_seconds": time.monotonic() - began,
        "notes": [*data.notes, *left_out],
    }


def held_out_images(model: TrainedModel, home: Home, count: int = 16) -> Tensor | None:
    """Some images that a model was not trained on, as uint8; `None` where they cannot be had."""
    seen = model.description
    try:
        register_all(home, wanted=seen.model, dataset=seen.dataset)
        data = load(_wanted(seen, seen.dataset, own=True), home)
        positions = _held_out(seen, data)[:count]
        return torch.stack([data.images[int(place)] for place in positions])
    except (TrainwrightError, OSError):
        return None


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


def _as_known(
    seen: Description, dataset: str, data: Loaded, classes: Mapping[str, str], *, own: bool
) -> Tensor:
    """Labels as the model numbers them, matched by the classes' names; -1 of what is left out."""
    if own and not classes and set(data.class_names) != set(seen.class_names):
        return data.labels  # the run gave its classes other names
    if absent := [name for name in classes if name not in data.class_names]:
        raise DataError(
            f"the dataset has no class {', '.join(absent)}",
            field="classes",
            expected=", ".join(data.class_names[:20]),
        )
    meant = [classes.get(name, name) for name in data.class_names]
    unknown = [
        name
        for name, known in zip(data.class_names, meant, strict=True)
        if known and known not in seen.class_names
    ]
    if unknown:
        raise _unknown_classes(seen, dataset, data, classes, unknown)
    numbers = [seen.class_names.index(name) if name else -1 for name in meant]
    return torch.tensor(numbers)[data.labels]


def _unknown_classes(
    seen: Description, dataset: str, data: Loaded, said: Mapping[str, str], unknown: list[str]
) -> DataError:
    """Refused rather than guessed; the mend says which ones may have been meant."""
    ours = {name.casefold(): name for name in seen.class_names}
    meant = dict(said)
    for name in unknown:
        near = nearest(name.casefold(), sorted(ours), limit=1)
        meant[name] = ours[near[0]] if near else ""
    pairs = " ".join(f"--map {quote(f'{theirs}={our}')}" for theirs, our in meant.items())
    is_any_left = any(meant.get(name, name) for name in data.class_names)
    return DataError(
        f"the model does not know the class{'es' if len(unknown) > 1 else ''} "
        + ", ".join(unknown[:10]),
        field="dataset",
        expected="only "
        + ", ".join(seen.class_names[:20])
        + "; another name can be mapped to one of them, or to nothing to leave the class out",
        mend=f"trainwright evaluate {seen.run_id} --dataset {quote(dataset)} {pairs}"
        if is_any_left
        else None,
    )


def _known_only(positions: Tensor, labels: Tensor) -> tuple[Tensor, list[str]]:
    """Those whose class counts, and what there is to say of the others."""
    known = positions[labels[positions] >= 0]
    if not len(known):
        raise DataError("no image of the dataset is of a class that counts", field="dataset")
    left = len(positions) - len(known)
    return known, [f"{left:,} images are of classes that were left out"] if left else []


class _Progress:
    """Tells how far it is, a few times a second at most."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._told = 0.0

    def __call__(self) -> None:
        self._done = min(self._total, self._done + BATCH)
        if self._done == self._total or time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            print(f"progress {self._done}/{self._total}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--dataset")
    parser.add_argument("--class", nargs=2, action="append", default=[], dest="classes")
    parser.add_argument("--out", required=True, type=Path)
    args = parser.parse_args()
    with exit_with_words():
        home = settings.load().home
        model = load_trained(RunDir(args.run_dir.absolute()), home)
        found = evaluate(model, args.dataset, home, dict(args.classes))
        write_atomic(args.out.absolute(), json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
