"""The model card: what the model is, how good it is, how to use it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trainwright.frameworks.builtin import registry
from trainwright.frameworks.builtin.config import Config
from trainwright.spec import MetricSummary, shown

if TYPE_CHECKING:
    from trainwright.frameworks.builtin.metrics import Scores
    from trainwright.frameworks.builtin.trained import Description

_MARKDOWN = re.compile(r"[\\`*<\[|]")


def model_card(
    config: Config,
    description: Description,
    sizes: Mapping[str, int],
    metrics: Mapping[str, MetricSummary],
    *,
    test: Scores | None,
    notes: Sequence[str],
) -> str:
    """Markdown, with the fields of Mitchell et al. (2019) that a program can know.

    Args:
        config: What was trained.
        description: The model.
        sizes: Images in each part of the data.
        metrics: Of the training, and of the test if there was one.
        test: The same in detail.
        notes: What was left out or changed.
    """
    seen = description
    sections = [
        f"# builtin/{seen.model} on {_plain(seen.dataset)}",
        f"Image classifier of {len(seen.class_names)} classes, trained by run `{seen.run_id}`.",
        "## Classes\n\n" + ", ".join(map(_plain, seen.class_names)),
        "## Input\n\n"
        f"{seen.width}×{seen.height} pixels, {'grey' if seen.channels == 1 else 'colour'}; other "
        f"sizes: {seen.resize}. Pixels from 0 to 1 are normalized with mean "
        f"{_numbers(seen.mean)} and standard deviation {_numbers(seen.std)}.",
        "## Data\n\n" + _table(("data", "value"), _data(seen.dataset, sizes)),
        "## Training\n\n" + _table(("setting", "value"), _settings(config)),
        "## Metrics\n\n"
        + _table(
            ("metric", "final", "best"),
            [(n, f"{m.final:.4g}", f"{m.best:.4g}") for n, m in sorted(metrics.items())],
        ),
    ]
    if test:
        rows = [
            (c.name, f"{c.precision:.3f}", f"{c.recall:.3f}", f"{c.f1:.3f}", c.support)
            for c in test.per_class(seen.class_names)
        ]
        head = ("class", "precision", "recall", "F1", "images")
        sections.append("## On held-out images\n\n" + _table(head, rows))
    if notes:
        sections.append("## Notes\n\n" + "\n".join(f"- {_plain(note)}" for note in notes))
    sections.append(
        "## Limits\n\nMeasured on images like those it was trained on; how it does on others is "
        "not known. It always names one of its classes, also for pictures of something else."
    )
    return "\n\n".join(sections) + "\n"


def _data(dataset: str, sizes: Mapping[str, int]) -> list[tuple[str, object]]:
    entry = registry.datasets.get(dataset)
    info = entry.info if entry else None
    known = {
        "dataset": info.title if info else dataset,
        "source": info.source if info else "a folder of images",
        "licence": (info.license if info else None) or "not known to the trainer",
    }
    names = {"train": "training", "val": "validation", "test": "held-out"}
    counts = {f"{name} images": f"{sizes[part]:,}" for part, name in names.items()}
    return [(name, value) for name, value in (known | counts).items() if value]


def _settings(config: Config) -> list[tuple[str, object]]:
    names = (
        "epochs max_steps batch_size learning_rate optimizer weight_decay scheduler warmup "
        "precision gradient_accumulation augment seed"
    )
    values = [(name, getattr(config, name)) for name in names.split()]
    return [(name, value) for name, value in values if value is not None]


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{v:.4f}" for v in values)


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return _plain(str(value))


def _plain(text: str) -> str:
    """Foreign text as Markdown that means just this text."""
    return _MARKDOWN.sub(r"\\\g<0>", shown(text))
