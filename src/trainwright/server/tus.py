"""What tus 1.0 (https://tus.io/protocols/resumable-upload) says in headers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Coroutine
from datetime import datetime
from email.utils import format_datetime
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.routing import APIRoute

from trainwright.server.errors import response_for
from trainwright.server.middleware import DATASET_LIMIT
from trainwright.spec.errors import InvalidRequestError, TrainwrightError

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PIECE_TYPE = "application/offset+octet-stream"

_DIGITS = 18


class UnspokenVersionError(InvalidRequestError):
    code = "precondition_failed"
    status = 412


class PieceTypeError(InvalidRequestError):
    code = "unsupported_media_type"
    status = 415


class TooLargeError(InvalidRequestError):
    code = "body_too_large"
    status = 413


class TusRoute(APIRoute):
    """A route whose every answer, an error too, says the version of the protocol."""

    headers: ClassVar[dict[str, str]] = {"Tus-Resumable": VERSION}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except TrainwrightError as error:
                response = response_for(request.scope, error)
                if isinstance(error, UnspokenVersionError):
                    response.headers["Tus-Version"] = VERSION
            response.headers.update(self.headers)
            return response

        return answer


def check_version(request: Request) -> None:
    """Refuse who speaks another version.

    Raises:
        UnspokenVersionError: They do, or say none.
    """
    if request.headers.get("tus-resumable") != VERSION:
        raise UnspokenVersionError(
            "this version of tus is not spoken here",
            field="Tus-Resumable",
            expected=VERSION,
        )


def check_piece(request: Request) -> None:
    """Refuse a body that is no piece of a file.

    Raises:
        PieceTypeError: Its type is another.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != PIECE_TYPE:
        raise PieceTypeError(
            "this is no piece of an upload", field="Content-Type", expected=PIECE_TYPE
        )


def number(request: Request, name: str) -> int:
    """A header that is a count of bytes.

    Raises:
        InvalidRequestError: It is missing, or none.
    """
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise InvalidRequestError(
            f"the header {name} is missing, or no number", field=name, expected="a count of bytes"
        )
    return int(text)


def length(request: Request) -> int:
    """Bytes that are announced.

    Raises:
        InvalidRequestError: None are.
        TooLargeError: They are more than is taken.
    """
    announced = number(request, "Upload-Length")
    if announced == 0:
        raise InvalidRequestError("the file is empty", field="Upload-Length")
    if announced > DATASET_LIMIT:
        raise TooLargeError(
            f"the file is larger than {DATASET_LIMIT >> 30} GiB",
            field="Upload-Length",
            expected=f"at most {DATASET_LIMIT} bytes",
        )
    return announced


def metadata(request: Request) -> dict[str, str]:
    """What the sender says of the file: pairs of a word and text in base64.

    Raises:
        InvalidRequestError: It is something else.
    """
    found = {}
    for pair in filter(None, request.headers.get("upload-metadata", "").split(",")):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise InvalidRequestError(
                f"what is said of {key!r} cannot be read",
                field="Upload-Metadata",
                expected="words, each with text in UTF-8 and base64",
            ) from None
    return found


def moment(at: datetime) -> str:
    """A time, as headers have it."""
    return format_datetime(at, usegmt=True)
