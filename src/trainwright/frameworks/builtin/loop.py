"""The training loop, top to bottom: `Trainer.fit`, then what it calls.

Each batch: images → augmentation → normalization → model → loss → gradients; each
`gradient_accumulation` batches one optimizer step; each epoch a validation, which decides which
weights are the best. What is reported and saved comes below, and changes nothing of that.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from trainwright.frameworks.builtin.checkpoint import (
    BEST,
    LAST,
    keep_last,
    random_state,
    restore_random_state,
    save_last,
    save_weights,
)
from trainwright.frameworks.builtin.clock import Clock
from trainwright.frameworks.builtin.config import Config
from trainwright.frameworks.builtin.console import say
from trainwright.frameworks.builtin.data.augment import Augment
from trainwright.frameworks.builtin.data.batches import Batches
from trainwright.frameworks.builtin.device import Compute
from trainwright.frameworks.builtin.failures import NanLossError, Stopped
from trainwright.frameworks.builtin.measure import Normalize, measure
from trainwright.frameworks.builtin.metrics import Scores, Tally
from trainwright.frameworks.builtin.optim import make_optimizer, make_schedule
from trainwright.frameworks.builtin.records import Records
from trainwright.job import report
from trainwright.spec import RunDir


@dataclass
class Position:
    """How far training has come.

    Attributes:
        epoch: Epochs that are complete, with their validation.
        batch: Batches done in the epoch under way.
        step: Optimizer steps done in all.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0


@dataclass(frozen=True)
class Material:
    """What a trainer works on.

    Attributes:
        model: On its device, in its memory format.
        train: Shuffled training batches.
        val: Validation batches; may be empty.
        augment: Varies training images.
        normalize: From pixels to what the model takes.
        class_weights: Of the loss, `[classes]`; `None` weighs all alike.
        classes: How many.
    """

    model: nn.Module
    train: Batches
    val: Batches
    augment: Augment
    normalize: Normalize
    class_weights: Tensor | None
    classes: int


@dataclass
class Window:
    """Training loss since the last report.

    Attributes:
        loss: Sum of the batches' means, on the device: reading it makes the host wait.
        batches: How many.
    """

    loss: Tensor
    batches: int = 0


class Trainer:
    """Trains a model; can be stopped after any batch and go on exactly there."""

    def __init__(
        self,
        config: Config,
        material: Material,
        compute: Compute,
        run: RunDir,
        should_stop: Callable[[], bool],
    ) -> None:
        """Start at the very beginning; `load_state_dict` moves on from there.

        Args:
            config: Hyperparameters.
            material: The model and its data.
            compute: Where, and how precisely.
            run: Where checkpoints go.
            should_stop: Asked after each batch and each epoch.
        """
        self.config = config
        self.material = material
        self.compute = compute
        self.run = run
        self.should_stop = should_stop
        self.model = material.model
        self.optimizer = make_optimizer(self.model, config)
        self.scaler = torch.amp.GradScaler(compute.device.type, enabled=compute.scale_loss)
        self.accumulation = config.gradient_accumulation
        # in optimizer steps; `max_steps` may end training in the middle of an epoch
        self.steps_per_epoch = math.ceil(len(material.train) / self.accumulation)
        self.epochs = config.epochs or math.ceil((config.max_steps or 1) / self.steps_per_epoch)
        self.total = config.max_steps or self.epochs * self.steps_per_epoch
        self.schedule = make_schedule(
            config, total=self.total, steps_per_epoch=self.steps_per_epoch
        )
        self.at = Position()
        self.tally = Tally.empty(material.classes, compute.device)
        self.open_window()
        self.records = Records(config.early_stopping, validates=len(material.val) > 0)
        self.saved_at = time.monotonic()
        self.clock = Clock()

    def fit(self) -> None:
        """Train to the end.

        Raises:
            Stopped: `should_stop` said so; `last.pt` holds everything to go on.
            NanLossError: The loss is not a number any more.
        """
        while self.at.epoch < self.epochs and not self.records.stopped_early:
            self.train_epoch()
            scores = self.validate()
            self.end_epoch(scores)

    def train_epoch(self) -> None:
        """What is left of the epoch under way."""
        self.model.train()
        self.clock.start()
        batches = self.material.train.epoch(self.at.epoch, start=self.at.batch)
        for images, labels in batches:
            if self.at.step >= self.total:
                break
            self.forward_backward(images, labels)
            self.at.batch += 1
            if self.at.batch % self.accumulation == 0 or self.epoch_is_done:
                self.optimizer_step()
                self.report_batch()
                self.save_if_due()
            self.stop_if_asked()
        self.clock.stop()

    def forward_backward(self, images: Tensor, labels: Tensor) -> None:
        """Add the gradients of one batch to those of the optimizer step under way.

        Args:
            images: uint8 `[n, channels, height, width]`.
            labels: int64 `[n]`.
        """
        pixels = images.float().div_(255)
        pixels = self.material.augment(pixels, epoch=self.at.epoch, batch=self.at.batch)
        inputs = self.material.normalize(pixels)
        with self.compute.mixed():
            logits = self.model(inputs)
            loss = F.cross_entropy(
                logits,
                labels,
                weight=self.material.class_weights,
                label_smoothing=self.config.extra["label_smoothing"],
            )
        # the gradient of a step is the mean over its batches
        torch.autograd.backward(self.scaler.scale(loss / self.batches_in_step()))
        self.tally.add(loss, logits, labels)
        self.window.loss += loss.detach()
        self.window.batches += 1
        self.clock.count(samples=len(labels))

    @property
    def epoch_is_done(self) -> bool:
        return self.at.batch >= len(self.material.train)

    def batches_in_step(self) -> int:
        """Batches of the optimizer step under way; the epoch's last may have fewer."""
        first = self.at.batch - self.at.batch % self.accumulation
        return min(self.accumulation, len(self.material.train) - first)

    def optimizer_step(self) -> None:
        """Move the weights along the gradients gathered since the last step."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(self.at.step)
        if (limit := self.config.extra["gradient_clipping"]) is not None:
            # the limit is meant for the gradients themselves, not as fp16 holds them
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), limit)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.at.step += 1
        self.clock.count(steps=1)

    def validate(self) -> Scores | None:
        """Metrics on the validation images; `None` where there are none."""
        if not len(self.material.val):
            return None
        return measure(
            self.model,
            self.material.val,
            normalize=self.material.normalize,
            compute=self.compute,
            classes=self.material.classes,
            after_batch=self.stop_if_asked,
        )

    def end_epoch(self, val: Scores | None) -> None:
        """Judge the epoch, report, save."""
        self.check_finite()
        metrics = self.epoch_metrics(val)
        self.schedule.end_epoch(metrics["val/loss" if val else "train/loss"])
        self.at.epoch, self.at.batch = self.at.epoch + 1, 0
        self.tally = Tally.empty(self.material.classes, self.compute.device)
        self.open_window()
        is_best = self.records.add_epoch(metrics, self.at.step)
        # reported before it is saved: a kill in between repeats the epoch, and replaces its figures
        report.log(metrics, step=self.at.step, epoch=self.at.epoch)
        self.report_progress("epoch", metrics)
        say(f"epoch {self.at.epoch}/{self.epochs}", metrics)
        if is_best:
            metadata = {"epoch": str(self.at.epoch), "step": str(self.at.step)}
            save_weights(self.run.path / BEST, self.model.state_dict(), metadata)
            self.report_checkpoint(BEST, metrics, is_best=True)
        self.save()
        self.report_checkpoint(LAST, metrics)
        self.keep(metrics)
        self.stop_if_asked()

    def epoch_metrics(self, val: Scores | None) -> dict[str, float]:
        metrics = self.tally.scores().named("train") | (val.named("val") if val else {})
        metrics["lr"] = self.learning_rate
        if (speed := self.clock.samples_per_second) is not None:
            metrics["train/samples_per_second"] = speed
        return metrics

    @property
    def learning_rate(self) -> float:
        """Of the last optimizer step."""
        return float(self.optimizer.param_groups[0]["lr"])

    def report_batch(self) -> None:
        """Report the training loss, every `report_every` batches."""
        due = self.window.batches >= self.config.extra["report_every"]
        # the epoch's own figures follow at once, at the same step
        if not due or self.epoch_is_done or self.at.step == self.total:
            return
        self.check_finite()
        metrics = {"train/loss": float(self.window.loss) / self.window.batches}
        epoch = self.at.epoch + self.at.batch / len(self.material.train)
        report.log({**metrics, "lr": self.learning_rate}, step=self.at.step, epoch=epoch)
        self.report_progress("batch", metrics)
        self.open_window()

    def open_window(self) -> None:
        """Begin to add up the training loss anew."""
        self.window = Window(torch.zeros((), device=self.compute.device))

    def report_progress(self, phase: Literal["batch", "epoch"], metrics: dict[str, float]) -> None:
        report.progress(
            phase=phase,
            epoch=min(self.epochs, self.at.epoch + (phase == "batch")),
            epochs=self.epochs,
            step=self.at.step,
            total=self.total,
            eta_seconds=self.clock.seconds_left(self.total - self.at.step),
            metrics=metrics,
        )

    def report_checkpoint(
        self, path: str, metrics: dict[str, float] | None = None, *, is_best: bool = False
    ) -> None:
        epoch = self.at.epoch + self.at.batch / len(self.material.train)
        report.checkpoint(
            path, step=self.at.step, epoch=epoch, metrics=metrics or {}, is_best=is_best
        )

    def check_finite(self) -> None:
        """Raise where the loss has become NaN or infinite; makes the host wait for the device."""
        if not bool(torch.isfinite(self.window.loss)):
            raise NanLossError(
                f"the loss became {float(self.window.loss)} at step {self.at.step}",
                mend=f"--set learning_rate={self.config.learning_rate / 10:g}, or --set "
                "overrides.gradient_clipping=1, or --set precision=fp32",
            )

    def save_if_due(self) -> None:
        """Save within an epoch, where `checkpoint_steps` or `checkpoint_minutes` ask for it."""
        steps = self.config.extra["checkpoint_steps"]
        minutes = self.config.extra["checkpoint_minutes"]
        by_steps = steps is not None and self.at.step % steps == 0
        by_time = minutes is not None and time.monotonic() - self.saved_at > 60 * minutes
        if by_steps or by_time:
            self.save()
            self.report_checkpoint(LAST)
            self.keep()

    def stop_if_asked(self) -> None:
        """Save and raise `Stopped`, if that is asked; nothing of the batches so far is lost."""
        if self.should_stop():
            self.save()
            self.report_checkpoint(LAST)
            self.keep()
            raise Stopped

    def save(self) -> None:
        """Write `last.pt`; weights that are not numbers never take the place of sound ones."""
        self.check_finite()
        save_last(self.run, self.state_dict())
        self.saved_at = time.monotonic()

    def keep(self, metrics: dict[str, float] | None = None) -> None:
        """Keep what was just saved as a place to go back to."""
        most, best = self.config.extra["checkpoints_kept"], self.records.best_step
        if (kept := keep_last(self.run, self.at.step, most=most, best_step=best)) is not None:
            self.report_checkpoint(kept, metrics)

    def state_dict(self) -> dict[str, Any]:
        """Everything that decides what comes next, as tensors and plain data."""
        gradients = {n: p.grad for n, p in self.model.named_parameters() if p.grad is not None}
        return {
            "optimizer_kind": self.config.optimizer,
            "batch_size": self.config.batch_size,
            "position": asdict(self.at),
            "model": self.model.state_dict(),
            "gradients": gradients,
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": random_state(),
            "tally": {"loss": self.tally.loss, "confusion": self.tally.confusion},
            "window": {"loss": self.window.loss, "batches": self.window.batches},
            "records": self.records.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken.

        With another batch size the epoch goes on at the same image; with another optimizer its
        memory starts afresh.
        """
        self.model.load_state_dict(state["model"])
        self.at = Position(**state["position"])
        if state["batch_size"] == self.config.batch_size:
            for name, parameter in self.model.named_parameters():
                parameter.grad = state["gradients"].get(name)
        else:
            seen = self.at.batch * state["batch_size"]
            self.at.batch = min(len(self.material.train), seen // self.config.batch_size)
        if state["optimizer_kind"] == self.config.optimizer:
            self.optimizer.load_state_dict(state["optimizer"])
        else:
            report.note(f"{self.config.optimizer} starts afresh: the checkpoint has another")
        if state["scaler"] and self.scaler.is_enabled():
            self.scaler.load_state_dict(state["scaler"])
        self.schedule.load_state_dict(state["schedule"])
        self.tally = Tally(**state["tally"])
        self.window = Window(**state["window"])
        self.records.load_state_dict(state["records"])
        restore_random_state(state["random"])
