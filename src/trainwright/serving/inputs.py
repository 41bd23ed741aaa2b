"""Images from strangers: uploads and base64, checked and written to files of our own naming."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from PIL import Image

from trainwright.datasets.formats.images import FORMATS, MAX_PIXELS
from trainwright.files import write_atomic
from trainwright.spec.errors import InputError, InvalidRequestError
from trainwright.spec.ids import new_id

MAX_BYTES = 32 * 1024 * 1024
"""Largest image taken, before decoding."""

_DATA_URL = re.compile(r"^data:image/[A-Za-z0-9.+-]+;base64,")
_SUFFIXES = {"JPEG": ".jpg", "MPO": ".jpg", "TIFF": ".tif"}


class TooLargeError(InvalidRequestError):
    """More bytes, or more pixels, than are taken."""

    code = "too_large"
    status = 413


def save_image(data: bytes, folder: Path, *, max_bytes: int = MAX_BYTES) -> Path:
    """Write an uploaded image to a new file; its name and ending are ours, never the sender's.

    Args:
        data: The file as it was sent.
        folder: Created when missing; the caller deletes it.
        max_bytes: Largest size taken.

    Returns:
        The file. What it holds is decoded fully only by the model's own process.

    Raises:
        TooLargeError: Too many bytes or pixels.
        InputError: Empty, or not an image of a supported format.
        StorageError: It cannot be written.
    """
    if not data:
        raise InputError("the file is empty", field="inputs", expected="an image")
    if len(data) > max_bytes:
        raise _too_many(max_bytes)
    path = folder / f"{new_id('input-')}{_suffix(data)}"
    write_atomic(path, data, mode=0o600)
    return path


def save_stream(chunks: Iterable[bytes], folder: Path, *, max_bytes: int = MAX_BYTES) -> Path:
    """As `save_image`, from chunks; reading ends as soon as there are too many."""
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > max_bytes:
            raise _too_many(max_bytes)
    return save_image(bytes(data), folder, max_bytes=max_bytes)


def save_base64(text: str, folder: Path, *, max_bytes: int = MAX_BYTES) -> Path:
    """As `save_image`, from base64, plain or as a `data:image/…;base64,` URL.

    Raises:
        InputError: As `save_image`, or not base64.
    """
    if len(text) > max_bytes * 4 // 3 + 1024:
        raise _too_many(max_bytes)
    try:
        # line breaks are common in base64; anything else foreign is refused
        data = base64.b64decode("".join(_DATA_URL.sub("", text).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(
            f"it is not base64: {error}", field="inputs", expected="base64 of an image file"
        ) from None
    return save_image(data, folder, max_bytes=max_bytes)


def _suffix(data: bytes) -> str:
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            name = image.format or ""
    except Image.DecompressionBombError as error:
        raise TooLargeError(f"the image is too large: {error}", field="inputs") from None
    # decoders of hostile files raise whatever their parsing ran into
    except Exception:  # noqa: BLE001
        raise InputError(
            "it is not an image of a supported format",
            field="inputs",
            expected=", ".join(FORMATS),
        ) from None
    if width * height > MAX_PIXELS:
        raise TooLargeError(
            f"the image has {width}x{height} pixels",
            field="inputs",
            expected=f"at most {MAX_PIXELS:,} pixels",
        )
    return _SUFFIXES.get(name, f".{name.lower()}")


def _too_many(max_bytes: int) -> TooLargeError:
    return TooLargeError(
        "the image is too large", field="inputs", expected=f"at most {max_bytes / 1e6:.0f} MB"
    )
