"""Uses of a run's trained model: inputs to predictions, exports to artifacts."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from trainwright.datasets.s3 import S3Dataset, is_in_s3
from trainwright.files import sha256_of
from trainwright.server.creation import resolve_dataset
from trainwright.server.services import Services
from trainwright.serving.intake import Given, Intake, Taken
from trainwright.serving.singling import each_alone
from trainwright.spec.api import Evaluation, PredictResponse
from trainwright.spec.errors import ConflictError, InputError, InvalidRequestError
from trainwright.spec.result import Artifact, Prediction
from trainwright.store.models import Artifact as ArtifactRow
from trainwright.store.models import Run
from trainwright.store.repositories import Artifacts
from trainwright.store.repositories.mirror import Mirrored
from trainwright.workflows.data import fetch_data

EXPORTS = "artifacts/exports"
_SUFFIXES = {"torchscript": "torchscript.pt"}


def predict(services: Services, run: Run, given: Sequence[Given], top_k: int) -> PredictResponse:
    """What the model says of inputs, in order; of several, those it cannot read have an `error`.

    Args:
        services: Where the models are.
        run: Whose model.
        given: At least one.
        top_k: How many labels for each.

    Raises:
        ConflictError: The run has no model yet.
        InvalidRequestError: The only input cannot be read.
        TrainwrightError: As `Serving.predict`.
    """
    check_trained(run)
    with tempfile.TemporaryDirectory(prefix="trainwright-") as folder:
        private = services.settings.trainwright_fetch_private
        intake = Intake(Path(folder), allow_private=private)
        taken = [intake.take(one, place) for place, one in enumerate(given)]
        results = _answers(services, run, taken, top_k)
    first = {name: getattr(results[0], name) for name in Prediction.model_fields}
    return PredictResponse(run_id=run.id, results=results, **first)


def _answers(services: Services, run: Run, taken: Sequence[Taken], top_k: int) -> list[Prediction]:
    def ask(paths: Sequence[Path]) -> list[Prediction]:
        return services.serving.predict(run.id, run.run_spec, list(paths), top_k)

    files = [one.source for one in taken if isinstance(one.source, Path)]
    found = each_alone(ask, files, (InputError,)) if files else iter(())
    answers = [
        _named(one, next(found) if isinstance(one.source, Path) else one.source) for one in taken
    ]
    if len(answers) == 1 and isinstance(answers[0], InvalidRequestError):
        raise answers[0]
    return [
        answer if isinstance(answer, Prediction) else Prediction.none_of(one.name, answer)
        for one, answer in zip(taken, answers, strict=True)
    ]


def _named(
    one: Taken, answer: Prediction | InvalidRequestError
) -> Prediction | InvalidRequestError:
    """The answer under the name the sender knows; what a worker refuses is an error as well."""
    if isinstance(answer, Prediction):
        if answer.error is None:
            return answer.model_copy(update={"input": one.name})
        fault = answer.error
        answer = InputError(fault.message, field="inputs", expected=fault.expected, mend=fault.mend)
    # the file's name is ours, and tells the sender nothing
    own = f"{one.source.name}: " if isinstance(one.source, Path) else ""
    answer.message = f"{one.name}: {answer.message.removeprefix(own)}"
    return answer


def evaluate(services: Services, run: Run, dataset: str | None) -> Evaluation:
    """The model measured on a dataset; by default the held-out part of its own."""
    check_trained(run)
    place = {"dataset": dataset}
    resolve_dataset(services, place)
    wanted = place["dataset"]
    if wanted is None:
        fetch_data(run, services.settings)
    elif is_in_s3(wanted):
        wanted = str(S3Dataset(wanted, services.settings).fetch())
    found = services.serving.evaluate(run.id, run.run_spec, wanted)
    return Evaluation.model_validate(found | {"run_id": run.id, "dataset": dataset or run.dataset})


def export(services: Services, run: Run, kind: str) -> ArtifactRow:
    """Write the model in another format, and keep it as an artifact of the run."""
    check_trained(run)
    directory = services.settings.home.runs / run.id
    relative = f"{EXPORTS}/run_{run.id}.{_SUFFIXES.get(kind, kind)}"
    path = services.serving.export(run.id, run.run_spec, kind, directory / relative)
    made = Artifact(
        name=path.name, path=relative, bytes=path.stat().st_size, sha256=sha256_of(path)
    )
    with services.database.session() as session:
        rows = Artifacts(session).put(run.id, [made])
        Mirrored(session).mark_due(run.id)
    return next(row for row in rows if row.path == relative)


def check_trained(run: Run) -> None:
    """Raise `ConflictError` where a run has not ended, and so has no finished model."""
    if not run.status.is_terminal:
        raise ConflictError(
            f"run {run.name} is {run.status}, and has no finished model yet",
            field="status",
            expected="a run that has ended",
            mend=f"trainwright runs watch {run.id}",
        )
