"""Stopped anywhere and resumed, a run ends with exactly the weights of one that never stopped."""

from __future__ import annotations

import itertools
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainwright.frameworks.builtin.adapter import is_whole
from trainwright.frameworks.builtin.checkpoint import BEST, LAST, PREVIOUS, load_last, load_weights
from trainwright.frameworks.builtin.device import choose, seed_everything
from trainwright.frameworks.builtin.failures import Stopped
from trainwright.frameworks.builtin.loop import Trainer
from trainwright.frameworks.builtin.options import OPTIMIZERS, SCHEDULERS
from trainwright.frameworks.builtin.prepare import configure, describe, load_data, material
from trainwright.job.report import PREFIX
from trainwright.settings import Home
from trainwright.spec import DataError, RunDir, RunSpec

BASE = {
    "model": "builtin/mlp",
    "dataset": "random",
    "epochs": 3,
    "batch_size": 16,
    "seed": 3,
    "augment": "medium",
    "overrides": {"samples": 150, "side": 8, "classes": 3, "hidden": [16], "report_every": 3},
}
NEVER = 10**9


def trainer(folder: Path, spec: RunSpec, should_stop: Callable[[], bool]) -> Trainer:
    home, run = Home(folder / "home"), RunDir(folder / "run")
    config = configure(spec, home)
    compute = choose("cpu", config.precision, channels_last=None, tf32=True)
    data = load_data(config, home)
    parts = data.split(seed=config.split_seed)
    seed_everything(config.seed, compute.device)
    seen = describe(run, config, data, parts)
    return Trainer(config, material(config, compute, data, parts, seen), compute, run, should_stop)


def after(checks: int) -> Callable[[], bool]:
    """Asks to stop at the n-th look: after a training batch, a validation batch or an epoch."""
    looks = itertools.count(1)
    return lambda: next(looks) >= checks


def run_through(folder: Path, spec: RunSpec, stops: list[int]) -> Trainer:
    """Train to the end, stopping and going on in a new trainer after each number of looks."""
    state = None
    for checks in [*stops, NEVER]:
        one = trainer(folder, spec, after(checks))
        if state is not None:
            # a fresh process has a random state of its own
            torch.manual_seed(random.randrange(2**31))
            one.load_state_dict(load_last(one.run, LAST, one.compute.device))
        try:
            one.fit()
        except Stopped:
            state = True
            continue
        return one
    raise AssertionError("it never ended")


def assert_same(one: Trainer, other: Trainer) -> None:
    for (name, a), b in zip(
        one.model.state_dict().items(), other.model.state_dict().values(), strict=True
    ):
        assert torch.equal(a, b), name
    best, same = load_weights(one.run.path / BEST), load_weights(other.run.path / BEST)
    assert all(torch.equal(best[name], same[name]) for name in best)
    assert one.at == other.at
    timed = "train/samples_per_second"
    summaries = {n: s for n, s in one.records.summaries.items() if n != timed}
    assert summaries == {n: s for n, s in other.records.summaries.items() if n != timed}


def check(tmp_path: Path, spec: RunSpec, stops: list[int]) -> None:
    whole = run_through(tmp_path / "whole", spec, [])
    parts = run_through(tmp_path / "parts", spec, stops)
    assert_same(whole, parts)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_each_optimizer_and_schedule(tmp_path: Path, optimizer: str, scheduler: str) -> None:
    draw = random.Random(f"{optimizer} {scheduler}")
    stops = [draw.randrange(1, 9) for _ in range(3)]
    check(tmp_path, RunSpec(**BASE, optimizer=optimizer, scheduler=scheduler), stops)


@pytest.mark.parametrize("stop", range(1, 25))
def test_stopped_at_every_single_place(tmp_path: Path, stop: int) -> None:
    """24 looks: training batches of 3 epochs, their validation batches, their ends."""
    spec = RunSpec(**{**BASE, "batch_size": 20}, gradient_accumulation=3)
    check(tmp_path, spec, [stop])


def test_stopped_after_every_batch(tmp_path: Path) -> None:
    check(tmp_path, RunSpec(**BASE, warmup=5, early_stopping=1), [1] * 12 + [2] * 4)


def test_batch_normalization_clipping_and_images_decoded_on_the_way(tmp_path: Path) -> None:
    overrides = BASE["overrides"] | {
        "width": 4,
        "gradient_clipping": 0.5,
        "in_memory": "never",
        "workers": 0,
        "class_weights": "balanced",
        "label_smoothing": 0.1,
    }
    overrides.pop("hidden")
    fields = {**BASE, "model": "builtin/basic_cnn", "overrides": overrides, "image_size": 12}
    check(tmp_path, RunSpec(**fields), [4, 7, 2])


def test_max_steps_end_in_the_middle_of_an_epoch(tmp_path: Path) -> None:
    fields = {k: v for k, v in BASE.items() if k != "epochs"}
    spec = RunSpec(**fields, max_steps=11)
    check(tmp_path, spec, [8, 1, 1, 1])
    assert run_through(tmp_path / "again", spec, []).at.step == 11


@pytest.mark.parametrize(
    "fields",
    [
        {"precision": "bf16", "augment": "strong"},
        {"precision": "fp16"},
        {"early_stopping": {"metric": "val/loss", "patience": 1}, "epochs": 6},
        {"gradient_accumulation": 7},
        {"batch_size": 149, "gradient_accumulation": 2},
        {"batch_size": 1, "epochs": 1},
    ],
    ids=str,
)
def test_each_way_to_train_goes_on_exactly(tmp_path: Path, fields: dict[str, object]) -> None:
    check(tmp_path, RunSpec(**BASE | fields), [2, 1, 3])


def test_images_decoded_by_workers(tmp_path: Path) -> None:
    overrides = BASE["overrides"] | {"in_memory": "never", "workers": 2}
    fields = {**BASE, "epochs": 2, "overrides": overrides, "image_size": 12}
    check(tmp_path, RunSpec(**fields), [3])


def test_going_on_after_the_very_last_step_changes_nothing(tmp_path: Path) -> None:
    done = run_through(tmp_path / "run", RunSpec(**BASE), [])
    again = trainer(tmp_path / "run", RunSpec(**BASE), after(1))
    again.load_state_dict(load_last(again.run, LAST, again.compute.device))
    again.fit()
    assert_same(done, again)


def test_the_figures_reported_are_those_of_a_run_that_never_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def figures() -> list[tuple[object, ...]]:
        found = []
        for line in capsys.readouterr().out.splitlines():
            said = json.loads(line.partition(" ")[2]) if line.startswith(PREFIX) else {}
            if said.get("kind") == "metrics":
                values = {n: v for n, v in said["metrics"].items() if "per_second" not in n}
                found.append((said["step"], said["epoch"], values))
        return found

    spec = RunSpec(**BASE | {"batch_size": 10})
    run_through(tmp_path / "whole", spec, [])
    whole = figures()
    run_through(tmp_path / "parts", spec, [4, 1, 9, 2, 5])
    assert figures() == whole
    assert len(whole) > 6


def test_another_batch_size_goes_on_at_the_same_image(tmp_path: Path) -> None:
    first = trainer(tmp_path, RunSpec(**{**BASE, "batch_size": 20}), after(2))
    with pytest.raises(Stopped):
        first.fit()
    second = trainer(tmp_path, RunSpec(**{**BASE, "batch_size": 10}), after(NEVER))
    second.load_state_dict(load_last(second.run, LAST, second.compute.device))
    assert (second.at.batch, second.at.step) == (4, 2)
    second.fit()
    assert second.at.epoch == 3


def test_a_torn_checkpoint_falls_back_to_the_one_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = trainer(tmp_path, RunSpec(**BASE), after(NEVER))
    first.fit()
    last, previous = first.run.path / LAST, first.run.path / PREVIOUS
    last.write_bytes(last.read_bytes()[:-100])
    state = load_last(first.run, LAST, first.compute.device)
    assert state["position"]["epoch"] == 2
    assert "last.pt is damaged" in capsys.readouterr().out
    flipped = bytearray(previous.read_bytes())
    flipped[len(flipped) // 2] ^= 0xFF
    previous.write_bytes(flipped)
    with pytest.raises(DataError, match="no readable checkpoint"):
        load_last(first.run, LAST, first.compute.device)


@given(place=st.integers(0, 1 << 20), flip=st.integers(1, 255), end=st.booleans())
def test_a_damaged_checkpoint_is_never_more_than_not_whole(
    tmp_path: Path, place: int, flip: int, end: bool
) -> None:
    path = tmp_path / "last.pt"
    torch.save({"weights": torch.arange(4.0)}, path)
    data = bytearray(path.read_bytes())
    # the directory of the archive, at its end, is where readers stumble
    place = len(data) - 1 - place % 400 if end else place % len(data)
    data[place] ^= flip
    path.write_bytes(data)
    assert is_whole(path) in (True, False)


def test_a_damaged_checkpoint_does_not_push_out_the_one_before(tmp_path: Path) -> None:
    first = trainer(tmp_path, RunSpec(**BASE), after(NEVER))
    first.fit()
    last, previous = first.run.path / LAST, first.run.path / PREVIOUS
    kept = previous.read_bytes()
    last.write_bytes(last.read_bytes()[:-100])
    second = trainer(tmp_path, RunSpec(**BASE), after(1))
    second.load_state_dict(load_last(second.run, LAST, second.compute.device))
    with pytest.raises(Stopped):
        second.fit()
    assert previous.read_bytes() == kept
    assert load_last(second.run, LAST, second.compute.device)["position"]["epoch"] == 2


@pytest.mark.parametrize("content", [None, b"", b"x" * 100])
def test_weights_that_are_gone_or_damaged_are_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "best.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"best\.safetensors cannot be read"):
        load_weights(path)


class Hostile:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("whole", [True, False])
def test_a_checkpoint_with_code_in_it_is_refused_and_the_code_not_run(
    tmp_path: Path, whole: bool
) -> None:
    run, mark = RunDir(tmp_path / "run"), tmp_path / "mark"
    (run.path / LAST).parent.mkdir(parents=True)
    hostile = Hostile(mark)
    torch.save({"version": 1, "model": hostile} if whole else hostile, run.path / LAST)
    with pytest.raises(DataError, match="nothing of it was run"):
        load_last(run, LAST, torch.device("cpu"))
    assert not mark.exists()


@pytest.mark.parametrize("content", [{"weights": torch.zeros(2)}, torch.zeros(2), [1, 2]])
def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path, content: object) -> None:
    run = RunDir(tmp_path / "run")
    (run.path / LAST).parent.mkdir(parents=True)
    torch.save(content, run.path / LAST)
    with pytest.raises(DataError, match="not written by this version"):
        load_last(run, LAST, torch.device("cpu"))


def test_checkpoints_hold_no_code(tmp_path: Path) -> None:
    one = trainer(tmp_path, RunSpec(**BASE), after(3))
    with pytest.raises(Stopped):
        one.fit()
    state = torch.load(one.run.path / LAST, weights_only=True)
    assert state["position"] == {"epoch": 0, "batch": 3, "step": 3}
