"""Small pictures of strangers' images: decoded guardedly, kept by content."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from trainwright.datasets.formats.images import decode
from trainwright.files import sha256_of, write_atomic
from trainwright.spec.errors import NotFoundError, StorageError

MEDIA_TYPE = "image/webp"
"""Of every thumbnail, whatever its image is or says to be."""

_DECODERS = threading.BoundedSemaphore(2)
"""Images decoded at a time: the largest that is read takes 256 MiB."""

_QUALITY = 82
_TINY = 96
"""Sides up to which nothing is lost: of pictures so small every pixel is seen."""


@dataclass(frozen=True)
class Thumbnail:
    """A picture, ready to be sent.

    Attributes:
        data: In WebP.
        tag: Another one for other contents.
    """

    data: bytes
    tag: str


class Thumbnails:
    """Makes thumbnails, and keeps them where they may be deleted at any time.

    Args:
        folder: For what is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, path: Path, side: int) -> Thumbnail:
        """An image that fits into a square; a smaller one stays as it is.

        Args:
            path: The image.
            side: Of the square, in pixels.

        Raises:
            NotFoundError: It is gone, or may not be read.
            BadImageError: It is none, is broken, or is larger than is read.
        """
        try:
            tag = f"{sha256_of(path)[:32]}-{side}"
            kept = self._folder / tag[:2] / f"{tag}.webp"
            return Thumbnail(self._known(kept) or self._made(path, side, kept), tag)
        except OSError as error:
            raise NotFoundError(f"{path.name} cannot be read: {error.strerror}") from None

    @staticmethod
    def _known(kept: Path) -> bytes | None:
        try:
            return kept.read_bytes()
        except OSError:
            return None

    @staticmethod
    def _made(path: Path, side: int, kept: Path) -> bytes:
        with _DECODERS:
            image = decode(path)
            image.thumbnail((side, side), Image.Resampling.LANCZOS)
        written = BytesIO()
        image.save(written, "WEBP", quality=_QUALITY, lossless=max(image.size) <= _TINY)
        data = written.getvalue()
        with suppress(StorageError):  # it is made again the next time
            write_atomic(kept, data)
        return data
