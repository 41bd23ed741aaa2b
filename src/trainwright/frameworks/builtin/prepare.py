"""From a spec to everything the loop works on."""

from __future__ import annotations

import torch
from torch import Tensor

from trainwright.frameworks.builtin import registry
from trainwright.frameworks.builtin.checks import dataset_options, override_faults, unsupported
from trainwright.frameworks.builtin.config import MINIMUM_SIDE, Config, resolve
from trainwright.frameworks.builtin.data.augment import STRENGTHS, Augment
from trainwright.frameworks.builtin.data.batches import Batches
from trainwright.frameworks.builtin.data.load import Loaded, Wanted, load
from trainwright.frameworks.builtin.data.split import Split
from trainwright.frameworks.builtin.device import Compute
from trainwright.frameworks.builtin.discover import register_all
from trainwright.frameworks.builtin.loop import Material
from trainwright.frameworks.builtin.measure import Normalize
from trainwright.frameworks.builtin.options import FRAMEWORK_OPTIONS
from trainwright.frameworks.builtin.trained import Description, build_network
from trainwright.settings import Home
from trainwright.spec import DataError, RunDir, RunSpec, SpecError


def configure(spec: RunSpec, home: Home) -> Config:
    """Fill the gaps of the spec from the model and the dataset it names.

    Raises:
        NotFoundError: There is no such model.
        SpecError: The trainer cannot do what the spec asks.
    """
    register_all(home, wanted=spec.model_name, dataset=spec.dataset)
    entry = registry.find_model(spec.model_name)
    found = registry.datasets.get(spec.dataset or "")
    dataset = found.info if found else None
    options = [*FRAMEWORK_OPTIONS, *entry.info.options]
    options += dataset_options(spec.dataset, [d.info for d in registry.datasets.values()])
    if faults := unsupported(spec) + override_faults(spec, options):
        raise SpecError(faults)
    return resolve(spec, entry.info, dataset)


def load_data(config: Config, home: Home) -> Loaded:
    """Load the dataset, and hold it against what the spec says of its classes.

    Raises:
        DataError: As `load`; or there is nothing to tell apart, or the spec says otherwise.
    """
    wanted = Wanted(
        dataset=config.dataset,
        options=config.dataset_options,
        seed=config.split_seed,
        image_size=config.image_size,
        minimum_side=MINIMUM_SIDE,
        resize=config.extra["resize"],
        in_memory=config.extra["in_memory"],
    )
    data = load(wanted, home)
    used = [n for i, n in enumerate(data.class_names) if (data.labels == i).any()]
    if len(used) < 2:
        raise DataError(
            f"{config.dataset} has images of 1 class only: {', '.join(used)}",
            field="dataset",
            expected="at least two classes: one folder a class, each with images",
        )
    found = len(data.class_names)
    if config.num_classes not in (None, found):
        raise DataError(
            f"num_classes is {config.num_classes} but {config.dataset} has {found} classes",
            field="num_classes",
            expected=str(found),
        )
    if config.class_names:
        name_classes(data, config)
    return data


def name_classes(data: Loaded, config: Config) -> None:
    """Number the classes in the order the spec names them; or, where it has other names, rename.

    A folder's classes are what its folders are called: other names there are a mistake.
    """
    names, found = config.class_names or [], data.class_names
    if set(names) == set(found):
        data.labels = torch.tensor([names.index(name) for name in found])[data.labels]
    elif len(names) != len(found) or config.dataset not in registry.datasets:
        raise DataError(
            f"class_names are not the {len(found)} classes of {config.dataset}",
            field="class_names",
            expected=", ".join(found[:20]),
        )
    data.class_names = names


def describe(run: RunDir, config: Config, data: Loaded, parts: Split) -> Description:
    mean, std = data.statistics(parts.train)
    return Description(
        run_id=run.run_id,
        model=config.model,
        model_options=config.model_options,
        class_names=data.class_names,
        height=data.view.height,
        width=data.view.width,
        channels=data.view.channels,
        resize=data.view.resize,
        mean=mean,
        std=std,
        dataset=config.dataset,
        dataset_options=config.dataset_options,
        seed=config.seed,
        split_seed=config.split_seed,
        val_fraction=config.extra["val_fraction"],
        test_fraction=config.extra["test_fraction"],
    )


def material(
    config: Config, compute: Compute, data: Loaded, parts: Split, description: Description
) -> Material:
    """Everything the loop works on."""
    classes = len(data.class_names)
    network = build_network(
        config.model,
        config.model_options,
        classes=classes,
        channels=data.view.channels,
        image_size=(data.view.height, data.view.width),
    )
    # digits must not be mirrored; the dataset's own default says so
    flip = config.extra["horizontal_flip"]
    network.to(compute.device).to(memory_format=compute.memory_format)  # type: ignore[call-overload]
    return Material(
        model=network,
        train=part(config, compute, data, parts.train, shuffle=True),
        val=part(config, compute, data, parts.val),
        augment=Augment(
            STRENGTHS[config.augment], flip=True if flip is None else flip, seed=config.seed
        ),
        normalize=Normalize(description.mean, description.std, compute),
        class_weights=class_weights(config, data.labels[parts.train], classes, compute),
        classes=classes,
    )


def part(
    config: Config, compute: Compute, data: Loaded, positions: Tensor, *, shuffle: bool = False
) -> Batches:
    return Batches(
        data.images,
        data.labels,
        positions,
        batch_size=config.batch_size if shuffle else max(256, config.batch_size),
        device=compute.device,
        shuffle_seed=config.seed if shuffle else None,
        workers=config.extra["workers"],
    )


def class_weights(config: Config, labels: Tensor, classes: int, compute: Compute) -> Tensor | None:
    """Weights by which every class counts the same in the loss; their mean over images is 1."""
    if config.extra["class_weights"] == "none":
        return None
    counts = torch.bincount(labels, minlength=classes).clamp(min=1)
    return (len(labels) / (classes * counts)).float().to(compute.device)
