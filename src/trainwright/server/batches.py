"""Batches of predictions: what is asked for, in whatever form, becomes a list of inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from trainwright import catalog
from trainwright.datasets.archives import DEFAULT_LIMITS, extract, is_archive
from trainwright.server.auth import Principal
from trainwright.server.errors import body_error
from trainwright.server.services import Services
from trainwright.server.trained import check_trained
from trainwright.server.uploads import receive, room_on
from trainwright.serving.batch import Item, Source, from_folder, from_paths, from_texts
from trainwright.serving.batch.folder import BatchFolder
from trainwright.spec.api import BatchCreate, BatchView
from trainwright.spec.errors import InvalidRequestError, NotFoundError
from trainwright.store.models import Run
from trainwright.store.repositories import Datasets


def create(services: Services, run: Run, user: Principal, body: BatchCreate) -> BatchView:
    """Begin a batch of what `body` names.

    Raises:
        ConflictError: The run has no model yet.
        NotFoundError: There is no such dataset.
        InvalidRequestError: There is no input.
    """
    check_trained(run)
    folder = services.batches.new_folder(run.id)
    return services.batches.create(
        run.id, folder, _source(services, run.id, body, folder), owner_id=user.id, top_k=body.top_k
    )


def create_of_upload(
    services: Services, run: Run, user: Principal, chunks: Iterable[bytes], content_type: str
) -> BatchView:
    """Begin a batch of what is in an uploaded archive, or of one uploaded image.

    Raises:
        ArchiveError: It is broken, or an attack.
        InvalidRequestError: It is no such form, or there is no image in it.
        StorageError: There is no room for it.
    """
    check_trained(run)
    folder = services.batches.new_folder(run.id)
    try:
        room = room_on(folder.path)
        sent = folder.path / ".sent"
        form = receive(chunks, content_type, sent, room)
        body = _of_form(form.fields)
        if is_archive(sent):
            limits = replace(DEFAULT_LIMITS, bytes=min(room, DEFAULT_LIMITS.bytes))
            extract(sent, folder.files, limits)
            sent.unlink()
            source = from_folder(folder.files, form.file_name, body.pattern)
        else:
            source = Source(form.file_name, [Item(form.file_name, path=str(sent))])
    except BaseException:
        folder.remove()
        raise
    return services.batches.create(run.id, folder, source, owner_id=user.id, top_k=body.top_k)


def _of_form(fields: dict[str, str]) -> BatchCreate:
    # the files are in the form itself, under whatever name
    given = {name: value for name, value in fields.items() if value}
    try:
        return BatchCreate.model_validate(given | {"dataset": "the upload"})
    except ValidationError as error:
        raise body_error(error) from None


def _source(services: Services, run_id: str, body: BatchCreate, folder: BatchFolder) -> Source:
    if body.files:
        return from_paths(body.files)
    if body.inputs:
        return from_texts(body.inputs, folder.files)
    return _of_dataset(services, run_id, body.dataset or "", body.pattern)


def _of_dataset(services: Services, run_id: str, ref: str, pattern: str | None) -> Source:
    with services.database.session(write=False) as session:
        row = Datasets(session).find(ref)
    if row is not None:
        return from_folder(Path(row.uri), row.name, pattern)
    if Path(ref).is_absolute():
        return from_folder(Path(ref), ref, pattern)
    try:
        sample = catalog.dataset(ref)
    except NotFoundError as error:
        error.field, error.mend = "dataset", "trainwright datasets list"
        raise
    raise InvalidRequestError(
        f"{sample.id} is a sample of the catalogue, and has no image files to predict",
        field="dataset",
        expected="a registered dataset, or the absolute path of a folder",
        mend=f"trainwright evaluate {run_id} --dataset {sample.id}",
    )
