"""A training that goes back to an earlier checkpoint is the one that began there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from trainwright.frameworks.builtin.adapter import BuiltinAdapter
from trainwright.frameworks.builtin.checkpoint import BEST, load_weights, step_of
from trainwright.frameworks.builtin.device import choose, seed_everything
from trainwright.frameworks.builtin.loop import Trainer
from trainwright.frameworks.builtin.prepare import configure, describe, load_data, material
from trainwright.frameworks.builtin.train import go_on
from trainwright.job.records import write_record
from trainwright.settings import Home
from trainwright.spec import DataError, RunDir, RunSpec
from trainwright.spec.rundir import Kept

EPOCHS = 6


def spec_of(**overrides: object) -> RunSpec:
    given = {"samples": 150, "side": 8, "classes": 3, "hidden": [16], "report_every": 3}
    return RunSpec(
        model="builtin/mlp",
        dataset="random",
        epochs=EPOCHS,
        batch_size=16,
        seed=3,
        overrides=given | overrides,
    )


def trainer(folder: Path, spec: RunSpec, resume: str | None = None) -> Trainer:
    home, run = Home(folder / "home"), RunDir(folder / "run")
    config = configure(spec, home)
    compute = choose("cpu", config.precision, channels_last=None, tf32=True)
    data = load_data(config, home)
    parts = data.split(seed=config.split_seed)
    seed_everything(config.seed, compute.device)
    seen = describe(run, config, data, parts)
    one = Trainer(config, material(config, compute, data, parts, seen), compute, run, lambda: False)
    if resume is not None:
        go_on(one, run, resume, seen)
    return one


def kept(folder: Path) -> set[int]:
    found = (folder / "run" / "checkpoints").glob("step-*.pt")
    return {int(path.stem.removeprefix("step-")) for path in found}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


def test_the_last_ones_and_the_best_are_kept(tmp_path: Path) -> None:
    one = trainer(tmp_path, spec_of(checkpoints_kept=2))
    one.fit()
    epoch = one.steps_per_epoch
    assert one.records.best_step is not None
    assert kept(tmp_path) == {EPOCHS * epoch, (EPOCHS - 1) * epoch, one.records.best_step}


def test_what_a_person_keeps_stays_besides(tmp_path: Path) -> None:
    one = trainer(tmp_path, spec_of(checkpoints_kept=1))
    write_record(one.run.kept, Kept(steps=[one.steps_per_epoch]))
    one.fit()
    epoch = one.steps_per_epoch
    assert kept(tmp_path) == {EPOCHS * epoch, one.records.best_step, epoch}


def test_what_a_person_keeps_is_not_written_over_by_the_same_step_later(tmp_path: Path) -> None:
    one = trainer(tmp_path, spec_of(checkpoints_kept=100))
    one.fit()
    first, second, *_ = sorted(kept(tmp_path))
    files = [tmp_path / "run" / "checkpoints" / f"step-{step}.pt" for step in (first, second)]
    before = [file.stat().st_mtime_ns for file in files]
    write_record(one.run.kept, Kept(steps=[first, second]))
    files[0].write_bytes(b"torn")
    trainer(tmp_path, spec_of(checkpoints_kept=100)).fit()
    assert files[1].stat().st_mtime_ns == before[1]
    # one that is damaged is worth nothing, and is replaced
    assert files[0].read_bytes() != b"torn"


def test_none_but_the_last_where_none_is_wanted(tmp_path: Path) -> None:
    trainer(tmp_path, spec_of(checkpoints_kept=0)).fit()
    assert kept(tmp_path) == set()


def test_checkpoints_within_an_epoch_are_kept_too(tmp_path: Path) -> None:
    trainer(tmp_path, spec_of(checkpoints_kept=100, checkpoint_steps=3)).fit()
    assert {3, 6, 9} <= kept(tmp_path)


def test_each_stays_what_it_was_while_the_last_one_goes_on(tmp_path: Path) -> None:
    trainer(tmp_path, spec_of()).fit()
    files = [tmp_path / "run" / "checkpoints" / f"step-{s}.pt" for s in kept(tmp_path)]
    assert len({file.read_bytes() for file in files}) == len(files)


@pytest.mark.parametrize("place", [0, 1, 2, -1])
def test_it_comes_to_the_same_end(tmp_path: Path, place: int) -> None:
    whole = trainer(tmp_path, spec_of(checkpoints_kept=100))
    whole.fit()
    best, best_step = load_weights(whole.run.path / BEST), whole.records.best_step
    step = sorted(kept(tmp_path))[place]
    again = trainer(tmp_path, spec_of(checkpoints_kept=100), f"checkpoints/step-{step}.pt")
    assert again.at.step == step
    # what lies ahead is given up, its best weights included
    assert step_of(again.run.path / BEST) == again.records.best_step
    assert again.records.best_step is not None and again.records.best_step <= step
    again.fit()
    assert same(again.model.state_dict(), whole.model.state_dict())
    assert again.records.best_step == best_step
    assert same(load_weights(again.run.path / BEST), best)


def test_best_weights_that_are_lost_are_chosen_anew(tmp_path: Path) -> None:
    one = trainer(tmp_path, spec_of(checkpoints_kept=100))
    one.fit()
    steps = sorted(kept(tmp_path))
    (one.run.path / BEST).unlink()
    for step in steps[:-1]:
        (one.run.path / f"checkpoints/step-{step}.pt").unlink()
    again = trainer(tmp_path, spec_of(), f"checkpoints/step-{steps[-1]}.pt")
    assert same(load_weights(again.run.path / BEST), again.model.state_dict())


def test_a_chosen_checkpoint_is_not_exchanged_for_another(tmp_path: Path) -> None:
    one = trainer(tmp_path, spec_of())
    one.fit()
    step = min(kept(tmp_path))
    (one.run.path / f"checkpoints/step-{step}.pt").write_bytes(b"torn")
    with pytest.raises(DataError, match="no readable checkpoint"):
        trainer(tmp_path, spec_of(), f"checkpoints/step-{step}.pt")


def test_where_the_last_ones_are_torn_a_kept_one_goes_on(tmp_path: Path) -> None:
    one = trainer(tmp_path, spec_of())
    one.fit()
    for name in ("last.pt", ".last.prev.pt"):
        path = one.run.path / "checkpoints" / name
        path.unlink()
        path.write_bytes(b"torn")
    newest = max(kept(tmp_path))
    assert BuiltinAdapter().find_resume_point(one.run) == f"checkpoints/step-{newest}.pt"


def test_training_goes_on_from_whole_states_only() -> None:
    adapter = BuiltinAdapter()
    assert adapter.resumes_from("checkpoints/last.pt")
    assert adapter.resumes_from("checkpoints/step-30.pt")
    assert not adapter.resumes_from("checkpoints/best.safetensors")
    assert not adapter.resumes_from("artifacts/model.pt")
