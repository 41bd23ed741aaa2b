"""Archives in pieces, by tus 1.0: what was sent before a break need not be sent again."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from trainwright.server import datasets, received, tus
from trainwright.server.auth import Reader, Writer
from trainwright.server.errors import body_error
from trainwright.server.incoming import Incoming, Piece, Upload
from trainwright.server.middleware import DATASET_LIMIT
from trainwright.server.services import Platform
from trainwright.spec.api import DatasetView, Page, UploadView
from trainwright.spec.api.models import DatasetFields
from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.ids import new_id

router = APIRouter(prefix="/uploads", route_class=tus.TusRoute)

_GATHERED = 1 << 20
"""Bytes that are written at once."""

_MAX_TEXT = 255


def _header(name: str, description: str, *, required: bool = True, **schema: Any) -> dict[str, Any]:
    shape = {"type": "string"} | schema
    return {
        "in": "header",
        "name": name,
        "required": required,
        "description": description,
        "schema": shape,
    }


_VERSION = _header("Tus-Resumable", "The protocol's version.", enum=[tus.VERSION])
_BEGIN = {
    "parameters": [
        _VERSION,
        _header("Upload-Length", "Bytes of the whole file.", type="integer", minimum=1),
        _header(
            "Upload-Metadata",
            "`filename`, `name`, `task` and `fingerprint`, each with text in base64.",
            required=False,
        ),
    ]
}
_SPOKEN = {"parameters": [_VERSION]}
_PIECE = {
    "parameters": [
        _VERSION,
        _header("Upload-Offset", "Where the piece begins.", type="integer", minimum=0),
    ],
    "requestBody": {
        "required": True,
        "content": {tus.PIECE_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    },
}


def _incoming(services: Platform) -> Incoming:
    return Incoming(services.settings.home.incoming)


Arriving = Annotated[Incoming, Depends(_incoming)]


def _own(upload_id: str, user: Writer, incoming: Arriving) -> Upload:
    return incoming.find(upload_id, user.id)


OwnUpload = Annotated[Upload, Depends(_own)]


@router.options("", status_code=204)
def abilities(user: Reader) -> Response:  # noqa: ARG001
    """What of tus is spoken here."""
    said = {
        "Tus-Version": tus.VERSION,
        "Tus-Extension": tus.EXTENSIONS,
        "Tus-Max-Size": str(DATASET_LIMIT),
    }
    return Response(status_code=204, headers=said)


@router.get("")
def list_uploads(user: Writer, incoming: Arriving) -> Page[UploadView]:
    """One's own archives that are on their way, newest first."""
    return Page(items=[incoming.view(upload) for upload in incoming.of(user.id)])


@router.post("", status_code=201, openapi_extra=_BEGIN)
def begin(
    request: Request, response: Response, user: Writer, services: Platform, incoming: Arriving
) -> UploadView:
    """Announce an archive; its pieces go to the `Location`, whose id will be the dataset's."""
    tus.check_version(request)
    said = tus.metadata(request)
    upload = Upload(
        id=new_id("d"),
        owner_id=user.id,
        file_name=_label(said.get("filename", "")),
        length=tus.length(request),
        fields=_fields_of(said),
        fingerprint=said.get("fingerprint", "")[:_MAX_TEXT],
    )
    received.check_name(services.database, upload.fields)
    incoming.begin(upload)
    response.headers["Location"] = f"{request.url.path}/{upload.id}"
    response.headers["Upload-Expires"] = tus.moment(incoming.expires_at(upload))
    return incoming.view(upload)


@router.head("/{upload_id}", response_class=Response, openapi_extra=_SPOKEN)
def progress(request: Request, upload: OwnUpload, incoming: Arriving) -> Response:
    """How much of an archive is here."""
    tus.check_version(request)
    return Response(headers=_told(incoming, upload, incoming.offset(upload)))


@router.get("/{upload_id}")
def show_upload(upload: OwnUpload, incoming: Arriving) -> UploadView:
    """One's own archive that is on its way."""
    return incoming.view(upload)


@router.patch("/{upload_id}", status_code=204, openapi_extra=_PIECE)
async def append(
    request: Request, upload: OwnUpload, user: Writer, services: Platform, incoming: Arriving
) -> Response:
    """Send the next bytes; after the last ones the archive is unpacked and becomes a dataset.

    What is wrong with it is answered to the last piece, as an upload in one request is answered.
    """
    tus.check_version(request)
    tus.check_piece(request)
    offset = tus.number(request, "Upload-Offset")
    limiter = services.upload_threads
    holding = incoming.held(upload)
    held = await to_thread.run_sync(holding.__enter__)
    try:
        try:
            here = await _receive(request, incoming, held, offset)
        except ClientDisconnect:
            raise InvalidRequestError("the upload was cut off") from None
        if here == held.length:
            await to_thread.run_sync(
                received.finish, services, incoming, held, user, limiter=limiter
            )
            held = held.model_copy(update={"done": True})
        return Response(status_code=204, headers=_told(incoming, held, here))
    finally:
        holding.__exit__(None, None, None)


@router.post("/{upload_id}/finish", status_code=201)
async def finish(
    upload: OwnUpload, user: Writer, services: Platform, incoming: Arriving
) -> DatasetView:
    """The dataset of an archive that is whole; made now where a crash came in between."""

    def made() -> DatasetView:
        with incoming.held(upload) as held:
            return datasets.registered_view(received.finish(services, incoming, held, user))

    return await to_thread.run_sync(made, limiter=services.upload_threads)


@router.delete("/{upload_id}", status_code=204, openapi_extra=_SPOKEN)
def cancel(request: Request, upload: OwnUpload, incoming: Arriving) -> Response:
    """Give an upload up; what has come of it is deleted, a dataset that it became is not."""
    tus.check_version(request)
    with incoming.held(upload) as held:
        incoming.remove(held)
    return Response(status_code=204)


async def _receive(request: Request, incoming: Incoming, upload: Upload, offset: int) -> int:
    """Write a piece as it comes, and answer with how much of the whole is here for good."""
    piece = await to_thread.run_sync(Piece, incoming, upload, offset)
    gathered = bytearray()
    with piece:
        try:
            async for chunk in request.stream():
                gathered += chunk
                if len(gathered) >= _GATHERED:
                    data, gathered = bytes(gathered), bytearray()
                    await to_thread.run_sync(piece.write, data)
        finally:
            # of what was cut off, too: it need not come again
            if gathered:
                piece.write(bytes(gathered))
        return await to_thread.run_sync(piece.sync)


def _told(incoming: Incoming, upload: Upload, offset: int) -> dict[str, str]:
    return {
        "Upload-Offset": str(offset),
        "Upload-Length": str(upload.length),
        "Upload-Expires": tus.moment(incoming.expires_at(upload)),
        "Cache-Control": "no-store",
    }


def _label(name: str) -> str:
    """The file's name without folders, which is only ever shown."""
    return name.replace("\\", "/").rpartition("/")[2][-_MAX_TEXT:] or "the file"


def _fields_of(said: dict[str, str]) -> DatasetFields:
    try:
        return DatasetFields(name=said.get("name") or None, task=said.get("task") or None)
    except ValidationError as error:
        raise body_error(error) from None
