"""Uses of a run's trained model: uploads to files, files to predictions, exports to artifacts."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from trainwright.files import sha256_of
from trainwright.server.creation import resolve_dataset
from trainwright.server.services import Services
from trainwright.spec.api import Evaluation, PredictResponse
from trainwright.spec.errors import ConflictError, DataError, InvalidRequestError
from trainwright.spec.result import Artifact, Prediction
from trainwright.store.models import Artifact as ArtifactRow
from trainwright.store.models import Run
from trainwright.store.repositories import Artifacts

EXPORTS = "artifacts/exports"
_SUFFIXES = {"torchscript": "torchscript.pt"}


def predict(
    services: Services, run: Run, inputs: Sequence[tuple[str, Path]], top_k: int
) -> PredictResponse:
    """What the model says of files, in order; of several, those it cannot read have an `error`.

    Args:
        services: Where the models are.
        run: Whose model.
        inputs: The name the client knows a file by, and the file.
        top_k: How many labels for each.

    Raises:
        ConflictError: The run has no model yet.
        DataError: The only input cannot be read.
        TrainwrightError: As `Serving.predict`.
    """
    _check_trained(run)

    def ask(some: Sequence[tuple[str, Path]]) -> list[Prediction]:
        """Predictions of the inputs that can be read; the others are found by halving."""
        try:
            found = services.serving.predict(run.id, run.run_spec, [p for _, p in some], top_k)
        except DataError as error:
            if len(some) > 1:
                middle = len(some) // 2
                return [*ask(some[:middle]), *ask(some[middle:])]
            name, path = some[0]
            error.message = f"{name}: {error.message.removeprefix(f'{path.name}: ')}"
            if len(inputs) == 1:
                raise
            return [Prediction.none_of(name, error)]
        return [
            one.model_copy(update={"input": name})
            for one, (name, _) in zip(found, some, strict=True)
        ]

    results = ask(inputs)
    first = {name: getattr(results[0], name) for name in Prediction.model_fields}
    return PredictResponse(run_id=run.id, results=results, **first)


def evaluate(services: Services, run: Run, dataset: str | None) -> Evaluation:
    """The model measured on a dataset; by default the held-out part of its own."""
    _check_trained(run)
    place = {"dataset": dataset}
    resolve_dataset(services, place)
    found = services.serving.evaluate(run.id, run.run_spec, place["dataset"])
    return Evaluation.model_validate(found | {"run_id": run.id, "dataset": dataset or run.dataset})


def export(services: Services, run: Run, kind: str) -> ArtifactRow:
    """Write the model in another format, and keep it as an artifact of the run."""
    _check_trained(run)
    directory = services.settings.home.runs / run.id
    relative = f"{EXPORTS}/run_{run.id}.{_SUFFIXES.get(kind, kind)}"
    path = services.serving.export(run.id, run.run_spec, kind, directory / relative)
    made = Artifact(
        name=path.name, path=relative, bytes=path.stat().st_size, sha256=sha256_of(path)
    )
    with services.database.session() as session:
        rows = Artifacts(session).put(run.id, [made])
    return next(row for row in rows if row.path == relative)


@contextmanager
def as_files(named: Sequence[tuple[str, BinaryIO]]) -> Iterator[list[Path]]:
    """Uploads as files in a folder of their own, which goes away afterwards.

    A file's name is only ever a label: on disk it is a number with a plain suffix.
    """
    with tempfile.TemporaryDirectory(prefix="trainwright-") as folder:
        paths = []
        for number, (name, stream) in enumerate(named):
            suffix = Path(name).suffix.lower()
            plain = suffix if suffix[1:].isalnum() and len(suffix) < 8 else ""
            path = Path(folder) / f"{number}{plain}"
            with path.open("wb") as file:
                copyfileobj(stream, file)
            paths.append(path)
        yield paths


def decode_image(text: str) -> bytes:
    """The bytes of a base64 image, or of a `data:` URL.

    Raises:
        InvalidRequestError: It is neither.
    """
    body = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequestError(
            "an input is not base64", field="inputs", expected="base64 of an image file"
        ) from None


def _check_trained(run: Run) -> None:
    if not run.status.is_terminal:
        raise ConflictError(
            f"run {run.name} is {run.status}, and has no finished model yet",
            field="status",
            expected="a run that has ended",
            mend=f"trainwright runs watch {run.id}",
        )
