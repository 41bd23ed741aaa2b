"""Uses of a run's trained model: inputs to predictions, exports to artifacts."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from trainwright.datasets.s3 import S3Dataset, is_in_s3
from trainwright.files import sha256_of, write_atomic
from trainwright.server.creation import resolve_dataset
from trainwright.server.services import Services
from trainwright.serving.intake import Given, Intake, Taken
from trainwright.serving.language import continued
from trainwright.serving.singling import each_alone
from trainwright.spec.api import EvaluateRequest, Evaluation, PredictResponse
from trainwright.spec.api.language import DEFAULT_TOKENS
from trainwright.spec.errors import ConflictError, InputError, InvalidRequestError
from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id
from trainwright.spec.result import Artifact, Prediction
from trainwright.store.models import Artifact as ArtifactRow
from trainwright.store.models import Run
from trainwright.store.repositories import Artifacts
from trainwright.store.repositories.mirror import Mirrored
from trainwright.workflows.data import fetch_data

EXPORTS = "artifacts/exports"
EVALUATIONS = "artifacts/evaluations"
_SUFFIXES = {"torchscript": "torchscript.pt"}


class Wanted(NamedTuple):
    """How a model is to answer.

    Attributes:
        top_k: Labels for each image.
        max_tokens: Of a language model's answer to each text.
        temperature: Of a language model.
    """

    top_k: int = 5
    max_tokens: int = DEFAULT_TOKENS
    temperature: float = 0.0


def predict(
    services: Services,
    run: Run,
    given: Sequence[Given],
    wanted: Wanted,
    gone: Callable[[], bool],
) -> PredictResponse:
    """What the model says of inputs, in order; of several, those it cannot read have an `error`.

    Args:
        services: Where the models are.
        run: Whose model.
        given: At least one: images, or texts for a language model.
        wanted: How to answer.
        gone: Whether nobody waits for a language model's answers any more.

    Raises:
        ConflictError: The run has no model yet.
        InvalidRequestError: The only input cannot be read.
        TrainwrightError: As `Serving.predict`, or as `Talks.answer`.
    """
    check_trained(run)
    model = services.serving.language_model(run.id, run.run_spec)
    if model is None:
        results = _of_images(services, run, given, wanted.top_k)
    else:
        talks = services.serving.talks
        results = continued(
            lambda asked: talks.answer(run.id, model, asked, gone=gone),
            given,
            max_tokens=wanted.max_tokens,
            temperature=wanted.temperature,
        )
    first = {name: getattr(results[0], name) for name in Prediction.model_fields}
    return PredictResponse(run_id=run.id, results=results, **first)


def _of_images(
    services: Services, run: Run, given: Sequence[Given], top_k: int
) -> list[Prediction]:
    with tempfile.TemporaryDirectory(prefix="trainwright-") as folder:
        private = services.settings.trainwright_fetch_private
        intake = Intake(Path(folder), allow_private=private)
        taken = [intake.take(one, place) for place, one in enumerate(given)]
        return _answers(services, run, taken, top_k)


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


def evaluate(
    services: Services,
    run: Run,
    body: EvaluateRequest,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Evaluation:
    """The model measured on a dataset, kept with the run; by default on what it held out itself."""
    check_trained(run)
    dataset = body.dataset
    place = {"dataset": dataset}
    resolve_dataset(services, place)
    wanted = place["dataset"]
    if wanted is None:
        fetch_data(run, services.settings)
    elif is_in_s3(wanted):
        wanted = str(S3Dataset(wanted, services.settings).fetch())
    found = services.serving.evaluate(
        run.id, run.run_spec, wanted, classes=body.classes, on_progress=on_progress
    )
    about = {"run_id": run.id, "dataset": dataset or run.dataset, "classes": body.classes}
    return _kept(services, Evaluation.model_validate(found | about))


def _kept(services: Services, found: Evaluation) -> Evaluation:
    relative = f"{EVALUATIONS}/{new_id()}.json"
    found = found.model_copy(update={"created_at": utc_now(), "artifact": relative})
    write_atomic(
        services.settings.home.runs / found.run_id / relative, found.model_dump_json(indent=2)
    )
    _put(services, found.run_id, [relative])
    return found


def evaluations(services: Services, run: Run) -> list[Evaluation]:
    """What was measured of a run's model since it ended, the newest first."""
    found = []
    for path in (services.settings.home.runs / run.id / EVALUATIONS).glob("*.json"):
        with contextlib.suppress(OSError, ValidationError):
            found.append(Evaluation.model_validate_json(path.read_bytes()))
    return sorted(found, key=lambda one: one.created_at or run.created_at, reverse=True)


def export(services: Services, run: Run, kind: str, opset: int | None = None) -> ArtifactRow:
    """Write the model in another format, and keep it, and what lies beside it, with the run."""
    check_trained(run)
    directory = services.settings.home.runs / run.id
    relative = f"{EXPORTS}/run_{run.id}.{_SUFFIXES.get(kind, kind)}"
    services.serving.export(run.id, run.run_spec, kind, directory / relative, opset=opset)
    beside = f"{relative}.json"
    made = [relative, *([beside] if (directory / beside).is_file() else [])]
    return next(row for row in _put(services, run.id, made) if row.path == relative)


def _put(services: Services, run_id: str, relatives: Sequence[str]) -> Sequence[ArtifactRow]:
    """Keep files of a run as its artifacts."""
    files = [services.settings.home.runs / run_id / relative for relative in relatives]
    made = [
        Artifact(name=path.name, path=relative, bytes=path.stat().st_size, sha256=sha256_of(path))
        for relative, path in zip(relatives, files, strict=True)
    ]
    with services.database.session() as session:
        rows = Artifacts(session).put(run_id, made)
        Mirrored(session).mark_due(run_id)
    return rows


def check_trained(run: Run) -> None:
    """Raise `ConflictError` where a run has not ended, and so has no finished model."""
    if not run.status.is_terminal:
        raise ConflictError(
            f"run {run.name} is {run.status}, and has no finished model yet",
            field="status",
            expected="a run that has ended",
            mend=f"trainwright runs watch {run.id}",
        )
