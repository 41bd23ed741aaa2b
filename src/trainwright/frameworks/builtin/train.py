"""Train what a run directory asks for.

    python -m trainwright.frameworks.builtin.train RUN_DIR [--spec FILE] [--resume CHECKPOINT]

Ends with status 0 when the model is trained and tested, 143 when it was asked to stop and has
saved, 2 when the request cannot be met, 1 when training failed.
"""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path
from types import FrameType

from trainwright import settings
from trainwright.frameworks.builtin.adapter import KEPT, is_whole
from trainwright.frameworks.builtin.artifacts import save_all
from trainwright.frameworks.builtin.checkpoint import (
    BEST,
    LAST,
    load_last,
    load_weights,
    save_weights,
    step_of,
)
from trainwright.frameworks.builtin.config import Config
from trainwright.frameworks.builtin.console import say
from trainwright.frameworks.builtin.data.load import Loaded
from trainwright.frameworks.builtin.data.split import Split
from trainwright.frameworks.builtin.device import choose, seed_everything
from trainwright.frameworks.builtin.failures import Stopped, exit_with_words
from trainwright.frameworks.builtin.loop import Trainer
from trainwright.frameworks.builtin.measure import measure
from trainwright.frameworks.builtin.metrics import Scores
from trainwright.frameworks.builtin.prepare import configure, describe, load_data, material, part
from trainwright.frameworks.builtin.trained import Description, TrainedModel
from trainwright.job import report
from trainwright.settings import Home
from trainwright.spec import (
    InvalidRequestError,
    RunDir,
    RunSpec,
    parse_yaml,
    validate_spec,
)


class StopRequest:
    """SIGTERM as a question the loop asks between batches; before the loop it just ends."""

    def __init__(self) -> None:
        self.waits_for_loop = False
        self._asked = False
        signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        if not self.waits_for_loop:
            raise Stopped

    def __call__(self) -> bool:
        return self._asked


def train(run: RunDir, spec: RunSpec, home: Home, *, resume: str | None, stop: StopRequest) -> None:
    """Load, train, test, save: the whole run."""
    run.result.unlink(missing_ok=True)  # of an earlier attempt
    config = configure(spec, home)
    compute = choose(
        config.extra["device"],
        config.precision,
        channels_last=config.extra["channels_last"],
        tf32=config.extra["tf32"],
    )
    data = load_data(config, home)
    notes = [*compute.notes, *data.notes]
    for note in notes:
        report.note(note)
    parts = data.split(
        seed=config.split_seed,
        val_fraction=config.extra["val_fraction"],
        test_fraction=config.extra["test_fraction"],
    )
    seed_everything(config.seed, compute.device)
    description = describe(run, config, data, parts)
    trainer = Trainer(
        config, material(config, compute, data, parts, description), compute, run, stop
    )
    if resume:
        go_on(trainer, run, resume, description)
    elif int(os.environ.get("TRAINWRIGHT_ATTEMPT", "1")) > 1:
        report.resumed(0)  # what an earlier attempt reported is void
    stop.waits_for_loop = True
    trainer.fit()
    stop.waits_for_loop = False
    best = load_weights(run.path / BEST)
    trainer.model.load_state_dict(best)
    scores = test(trainer, config, data, parts)
    model = TrainedModel(description, trainer.model.cpu().eval(), version=run.run_id)
    if scores and scores.accuracy <= scores.commonest:
        notes.append(
            f"the model has learnt nothing of use: {scores.accuracy:.1%} of the held-out images "
            f"are right, and always naming the commonest class gets {scores.commonest:.1%}; "
            "train longer, or with a lower learning_rate"
        )
        report.note(notes[-1])
    save_all(run, config, model, parts, records=trainer.records, test=scores, notes=notes)


def go_on(trainer: Trainer, run: RunDir, resume: str, description: Description) -> None:
    """Take up training where a checkpoint was written."""
    state = load_last(run, resume, trainer.compute.device)
    weights = trainer.model.state_dict()
    saved = state.get("model") or {}
    if {n: t.shape for n, t in saved.items()} != {n: t.shape for n, t in weights.items()}:
        raise InvalidRequestError(
            f"the checkpoint is of another model than builtin/{description.model} for "
            f"{len(description.class_names)} classes",
            field="model",
            expected="the model and data that the run began with",
        )
    trainer.load_state_dict(state)
    report.resumed(trainer.at.step)
    bring_back_best(trainer)


def bring_back_best(trainer: Trainer) -> None:
    """Have the best weights be those of the steps behind, where others have taken their place.

    Going back to an earlier checkpoint gives up the steps after it, and their weights with them.
    """
    run, step = trainer.run, trainer.records.best_step
    if step is None and ((run.path / BEST).exists() or not trainer.at.epoch):
        return
    if step is not None and step == step_of(run.path / BEST):
        return
    weights, epoch = trainer.model.state_dict(), trainer.at.epoch
    kept = KEPT.format(step)
    if step != trainer.at.step:
        if is_whole(run.path / kept):
            state = load_last(run, kept, trainer.compute.device)
            weights, epoch = state["model"], state["position"]["epoch"]
        else:
            trainer.records.forget_best()
            step = trainer.at.step
            report.note("the best weights until here are gone; they are chosen anew from here on")
    save_weights(run.path / BEST, weights, {"epoch": str(epoch), "step": str(step)})
    report.checkpoint(BEST, step=step, epoch=epoch, is_best=True)


def test(trainer: Trainer, config: Config, data: Loaded, parts: Split) -> Scores | None:
    """Metrics on images that neither training nor the choice of weights has seen."""
    if not len(parts.test):
        return None
    scores = measure(
        trainer.model,
        part(config, trainer.compute, data, parts.test),
        normalize=trainer.material.normalize,
        compute=trainer.compute,
        classes=trainer.material.classes,
    )
    report.log(scores.named("test"), step=trainer.at.step, epoch=trainer.at.epoch)
    say("test", scores.named("test"))
    return scores


def read_spec(path: Path) -> RunSpec:
    try:
        return validate_spec(parse_yaml(path.read_text()))
    except OSError as error:
        raise InvalidRequestError(
            f"cannot read {path}: {error.strerror}", expected="a run directory with a spec"
        ) from None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("--spec", default="spec.yaml", help="relative to RUN_DIR")
    parser.add_argument("--resume", help=f"checkpoint, such as {LAST}")
    args = parser.parse_args()
    run = RunDir(args.run_dir.absolute())
    with exit_with_words():
        stop = StopRequest()
        spec = read_spec(run.path / args.spec)
    with exit_with_words(batch_size=spec.batch_size):
        train(run, spec, settings.load().home, resume=args.resume, stop=stop)


if __name__ == "__main__":
    main()
