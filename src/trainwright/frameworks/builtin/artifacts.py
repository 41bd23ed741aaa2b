"""What a finished run leaves behind."""

from __future__ import annotations

import json

from trainwright.files import write_atomic
from trainwright.frameworks.builtin.checkpoint import BEST
from trainwright.frameworks.builtin.config import Config
from trainwright.frameworks.builtin.data.split import Split
from trainwright.frameworks.builtin.export import ExportError, write
from trainwright.frameworks.builtin.metrics import Scores
from trainwright.frameworks.builtin.model_card import model_card
from trainwright.frameworks.builtin.records import Records
from trainwright.frameworks.builtin.svg import confusion_svg
from trainwright.frameworks.builtin.trained import TrainedModel
from trainwright.job import report
from trainwright.spec import MetricSummary, RunDir
from trainwright.spec.rundir import TrainerResult


def save_all(
    run: RunDir,
    config: Config,
    model: TrainedModel,
    parts: Split,
    *,
    records: Records,
    test: Scores | None,
    notes: list[str],
) -> None:
    """Write the model, its metrics and its card; last of all `result.json`.

    Args:
        run: Where.
        config: What was trained.
        model: With its best weights.
        parts: The images it was trained, chosen and tested on.
        records: Metrics of the training.
        test: Metrics on held-out images, if there are any.
        notes: What was left out or changed; more may be added.
    """
    metrics = dict(records.summaries)
    for name, value in (test.named("test") if test else {}).items():
        metrics[name] = MetricSummary(final=value, best=value)
    if test is None:
        notes.append("no images were held out, so the model is not tested")
    files = [*_models(run, config, model, notes), *_measures(run, model, metrics, test)]
    card = model_card(config, model.description, parts.sizes, metrics, test=test, notes=notes)
    files.append(_write(run, "model_card.md", card))
    names = model.description.class_names
    result = TrainerResult(
        metrics={name: summary.model_dump() for name, summary in metrics.items()},
        best_checkpoint=BEST,
        artifacts=files,
        per_class=[c.model_dump() for c in test.per_class(names)] if test else None,
        confusion=test.matrix(names).model_dump() if test else None,
        notes=notes,
    )
    write_atomic(run.result, result.model_dump_json(indent=2))


def _models(run: RunDir, config: Config, model: TrainedModel, notes: list[str]) -> list[str]:
    wanted = {"model.safetensors": "safetensors", f"run_{run.run_id}_model.pth": "pth"}
    for name, kind in wanted.items():
        write(model, kind, run.artifacts / name)
    if not config.extra["full_model"]:
        return [f"artifacts/{name}" for name in wanted]
    return [f"artifacts/{name}" for name in (*wanted, _whole_program(run, model, notes))]


def _whole_program(run: RunDir, model: TrainedModel, notes: list[str]) -> str:
    """`torch.export`, or TorchScript where a user's model cannot be exported."""
    name = f"run_{run.run_id}_model_full.pt2"
    try:
        write(model, "pt2", run.artifacts / name)
    except ExportError as error:
        notes.append(f"saved as TorchScript: {error.message}")
        report.note(notes[-1])
        name = f"run_{run.run_id}_model_full.pt"
        write(model, "torchscript", run.artifacts / name)
    return name


def _measures(
    run: RunDir, model: TrainedModel, metrics: dict[str, MetricSummary], test: Scores | None
) -> list[str]:
    plain = {name: summary.model_dump() for name, summary in metrics.items()}
    files = [_write(run, "metrics.json", json.dumps(plain, indent=2))]
    if test:
        matrix = test.matrix(model.description.class_names)
        files.append(_write(run, "confusion_matrix.json", matrix.model_dump_json(indent=2)))
        files.append(_write(run, "confusion_matrix.svg", confusion_svg(matrix)))
    return files


def _write(run: RunDir, name: str, text: str) -> str:
    path = run.artifacts / name
    write_atomic(path, text)
    return path.relative_to(run.path).as_posix()
