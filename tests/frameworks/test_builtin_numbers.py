from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from trainwright import catalog
from trainwright.frameworks.builtin import registry
from trainwright.frameworks.builtin.config import MINIMUM_SIDE, resolve
from trainwright.frameworks.builtin.discover import register_built_in
from trainwright.frameworks.builtin.metadata import DATASETS, MODELS
from trainwright.frameworks.builtin.metrics import Tally
from trainwright.frameworks.builtin.optim import Schedule
from trainwright.frameworks.builtin.options import SCHEDULERS
from trainwright.frameworks.builtin.records import Records
from trainwright.spec import RunSpec
from trainwright.spec.runspec import EarlyStopping

register_built_in()
CPU = torch.device("cpu")


@given(
    pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60),
    cut=st.integers(0, 60),
)
def test_scores_are_scikit_learns(pairs: list[tuple[int, int]], cut: int) -> None:
    true, predicted = (torch.tensor(column) for column in zip(*pairs, strict=True))
    logits = torch.nn.functional.one_hot(predicted, 5).float()
    tally = Tally.empty(5, CPU)
    for part in (slice(None, cut), slice(cut, None)):
        if len(true[part]):
            tally.add(torch.tensor(0.5), logits[part], true[part])
    scores = tally.scores()
    expected = precision_recall_fscore_support(true, predicted, labels=range(5), zero_division=0)
    found = scores.per_class("abcde")
    columns = ("precision", "recall", "f1", "support")
    for column, values in zip(columns, expected, strict=True):
        assert [getattr(c, column) for c in found] == pytest.approx(values.tolist())
    assert scores.accuracy == pytest.approx(float((true == predicted).float().mean()))
    assert scores.f1_macro == pytest.approx(f1_score(true, predicted, average="macro"))
    assert scores.loss == pytest.approx(0.5)


@given(
    kind=st.sampled_from(SCHEDULERS),
    total=st.integers(1, 500),
    warmup=st.integers(0, 500),
    floor=st.floats(0, 1),
)
def test_rates_stay_between_floor_and_peak(
    kind: str, total: int, warmup: int, floor: float
) -> None:
    warmup = min(warmup, total)
    schedule = Schedule(kind, 0.1, total, warmup, steps_per_epoch=10, floor=floor)
    rates = [schedule.rate(step) for step in range(total)]
    assert all(0 <= rate <= 0.1 + 1e-12 for rate in rates)
    assert all(rate >= 0.1 * floor - 1e-12 for rate in rates[warmup:])
    assert all(a < b for a, b in pairwise(rates[:warmup]))


def test_the_curves_are_what_they_are_called() -> None:
    def rates(kind: str, **more: float) -> list[float]:
        schedule = Schedule(kind, 1.0, 90, 0, steps_per_epoch=10, **more)  # type: ignore[arg-type]
        return [schedule.rate(step) for step in range(90)]

    assert set(rates("constant")) == {1.0}
    assert rates("linear")[45] == pytest.approx(0.5)
    assert rates("cosine")[45] == pytest.approx(0.5)
    assert rates("polynomial")[45] == pytest.approx(0.25)
    assert rates("step")[29:31] == pytest.approx([1, 0.1])
    assert rates("step", step_epochs=2, gamma=0.5)[19:21] == pytest.approx([1, 0.5])
    assert rates("exponential")[45] == pytest.approx(0.1)
    assert np.argmax(rates("onecycle")) == 27


def test_plateau_drops_after_its_patience_only() -> None:
    schedule = Schedule("plateau", 1.0, 100, 0, steps_per_epoch=1, patience=1)
    for loss, rate in ((1.0, 1), (1.0, 1), (1.0, 0.5), (0.5, 0.5), (0.6, 0.5), (0.6, 0.25)):
        schedule.end_epoch(loss)
        assert schedule.rate(5) == rate


def test_the_best_epoch_is_the_most_accurate_then_the_surest() -> None:
    records = Records(None, validates=True)
    epochs = [(0.8, 1.0), (0.9, 1.0), (0.9, 0.5), (0.9, 0.7), (0.85, 0.1)]
    best = [
        records.add_epoch({"val/accuracy": a, "val/loss": loss}, step)
        for step, (a, loss) in enumerate(epochs)
    ]
    assert best == [True, True, True, False, False]
    assert records.summaries["val/loss"].model_dump() == {
        "final": 0.1,
        "best": 0.1,
        "best_step": 4,
    }
    assert not records.stopped_early


def test_early_stopping_waits_for_its_own_metric() -> None:
    wish = EarlyStopping(patience=2, metric="val/loss", min_delta=0.1)
    records = Records(wish, validates=True)
    stopped = []
    for loss in (1.0, 0.8, 0.75, 0.72):
        records.add_epoch({"val/accuracy": 0.5, "val/loss": loss}, 0)
        stopped.append(records.stopped_early)
    assert stopped == [False, False, False, True]


def test_without_validation_images_training_metrics_decide() -> None:
    for wish in (None, EarlyStopping(metric="val/f1_macro")):
        records = Records(wish, validates=False)
        metrics = {"train/accuracy": 0.5, "train/f1_macro": 0.5, "train/loss": math.inf}
        assert records.add_epoch(metrics, 1)


@pytest.mark.parametrize("name", MODELS)
def test_models_are_what_their_metadata_says(name: str) -> None:
    entry = registry.models[name]
    residual = name.startswith("resnet")
    classes, channels, size = (1000, 3, (224, 224)) if residual else (10, 1, (28, 28))
    given_arguments = {"num_classes": classes, "channels": channels, "image_size": size}
    model = registry.call_builder(entry.build, given_arguments, {})
    assert sum(p.numel() for p in model.parameters()) == entry.info.parameters
    derived = registry.options_of(entry.build, registry.MODEL_ARGUMENTS)
    assert [(o.name, o.type, o.default, o.choices) for o in derived] == [
        (o.name, o.type, o.default, o.choices) for o in entry.info.options
    ]


@pytest.mark.parametrize("name", DATASETS)
def test_datasets_have_the_options_their_metadata_says(name: str) -> None:
    derived = registry.options_of(registry.datasets[name].build, registry.DATASET_ARGUMENTS)
    assert {(o.name, o.default) for o in derived} == {
        (o.name, o.default) for o in DATASETS[name].options
    }


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("size", [(8, 8), (28, 28), (40, 64)])
def test_models_take_every_size(name: str, size: tuple[int, int]) -> None:
    given_arguments = {"num_classes": 3, "channels": 3, "image_size": size}
    model = registry.call_builder(registry.models[name].build, given_arguments, {}).eval()
    with torch.no_grad():
        assert model(torch.zeros(2, 3, *size)).shape == (2, 3)


def test_a_bare_spec_trains_as_one_that_the_catalogue_has_completed() -> None:
    fields = {"model": "builtin/lenet5", "dataset": "digits", "epochs": 5, "seed": 3}
    model, data = MODELS["lenet5"], DATASETS["digits"]
    told = fields | {"image_size": MINIMUM_SIDE, "num_classes": 10}
    bare = resolve(RunSpec(**told), model, data)
    completed = resolve(catalog.complete(fields).spec, model, data)
    assert bare == completed
