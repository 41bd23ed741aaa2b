"""From an archive that came piece by piece to its dataset, by the road of every upload."""

from __future__ import annotations

from trainwright import catalog
from trainwright.server import datasets
from trainwright.server.auth import Principal
from trainwright.server.incoming import Incoming, Upload
from trainwright.server.services import Services
from trainwright.server.uploads import Uploads
from trainwright.spec.api.models import DatasetFields
from trainwright.spec.errors import ConflictError, DataError
from trainwright.store import Database
from trainwright.store.models import Dataset
from trainwright.store.repositories import Datasets
from trainwright.store.repositories.datasets import name_taken


def check_name(database: Database, fields: DatasetFields) -> None:
    """Refuse a name that is taken, before a byte of the archive is sent.

    Raises:
        ConflictError: It is.
    """
    if fields.name is None:
        return
    with database.session(write=False) as session:
        taken = Datasets(session).find(fields.name) is not None
    if taken or fields.name in {info.id for info in catalog.datasets()}:
        raise name_taken(fields.name)


def finish(services: Services, incoming: Incoming, upload: Upload, user: Principal) -> Dataset:
    """The dataset of an upload that is held; it is made unless it was made before.

    What is found unfit for training is forgotten; for everything else the upload stays, and this
    may be tried again.

    Raises:
        ConflictError: Not all of it is here, or its name is taken.
        DataError: It is broken, or cannot be trained on.
        StorageError: There is no room to unpack it.
        UnavailableError: There is an object store to keep the archive in, and it is out of reach.
    """
    row = _made_before(services.database, upload)
    if row is None:
        row = _made(services, incoming, upload, user)
    if not upload.done:
        incoming.settle(upload)
    return row


def _made_before(database: Database, upload: Upload) -> Dataset | None:
    with database.session(write=False) as session:
        return session.get(Dataset, upload.id)


def _made(services: Services, incoming: Incoming, upload: Upload, user: Principal) -> Dataset:
    here = incoming.offset(upload)
    if upload.done:
        raise ConflictError(f"the dataset {upload.id} was deleted since")
    if here < upload.length:
        raise ConflictError(
            f"{here} of {upload.length} bytes are here",
            expected="the rest of the file first",
            details={"offset": here},
        )
    uploads = Uploads(services.settings.home.uploads)
    # a folder of the same id is what a server that was killed had unpacked so far
    uploads.sweep()
    try:
        with uploads.incoming(upload.id) as folder:
            archive = datasets.Archive(incoming.data(upload), upload.file_name, folder)
            return datasets.add_archive(
                services.database, services.settings, archive, upload.fields, user
            )
    except DataError:
        incoming.remove(upload)
        raise
