"""The one rule for turning an image file into pixels, shared by checks, trainers and serving."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from PIL import Image, ImageOps, UnidentifiedImageError

from trainwright.spec.errors import DataError

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
"""Pillow decoders that may be used; every other one stays shut to untrusted files."""

MAX_PIXELS = 89_478_485
"""Largest width x height read: 256 MiB as RGB, the size at which Pillow suspects an attack."""


class BadImageError(DataError):
    """A file that cannot be used as an image.

    Attributes:
        reason: Stable snake_case word for the cause, such as `truncated`.
    """

    code = "bad_image"

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message, mend="replace the file, or convert it to JPEG or PNG")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Header:
    """An image as it is stored, before `decode` evens it out.

    Attributes:
        pixels: Width and height.
        mode: Pillow's mode, such as `RGB`, `P` or `I;16`.
        brightest: Largest value in a greyscale image of 16 bits, 0 to 65535; `None` of others.
    """

    pixels: tuple[int, int]
    mode: str
    brightest: int | None = None


def decode(source: Path | BinaryIO) -> Image.Image:
    """Read an image whole, as 8-bit greyscale or colour.

    Turned upright by its EXIF orientation; palettes and CMYK become colour; transparency is laid
    over white; 16-bit greyscale is scaled to 8 bits; of an animation the first frame is read.

    Args:
        source: A file, or an open binary stream.

    Returns:
        An image of mode `L` or `RGB`.

    Raises:
        BadImageError: Unreadable, truncated, too large, or of a kind that is not supported.
        OSError: The file cannot be opened: it is gone, or permission is denied.
    """
    return _read(source)[1]


def inspect(source: Path | BinaryIO) -> Header:
    """What an image is, after decoding it whole: it passes here exactly when `decode` reads it.

    Raises:
        BadImageError: As `decode`.
        OSError: As `decode`.
    """
    return _read(source)[0]


def _read(source: Path | BinaryIO) -> tuple[Header, Image.Image]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _read(file)
    try:
        with Image.open(source, formats=FORMATS) as image:
            _check_size(image)
            image.load()
            header = Header(image.size, image.mode, _brightest(image))
            return header, _eight_bit(_upright(image))
    except BadImageError:
        raise
    except Image.DecompressionBombError as error:
        raise BadImageError(f"too large: {error}", "too_large") from None
    except UnidentifiedImageError:
        raise BadImageError("not an image of a supported format", "unreadable") from None
    # decoders of hostile files raise whatever their parsing ran into
    except Exception as error:  # noqa: BLE001
        text = str(error) or type(error).__name__
        reason = "truncated" if "truncated" in text.lower() else "unreadable"
        raise BadImageError(f"cannot be decoded: {text}", reason) from None


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise BadImageError(
            f"too large: {width}x{height} pixels, more than {MAX_PIXELS:,}", "too_large"
        )


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    # broken EXIF says nothing about the pixels, which are sound
    except Exception:  # noqa: BLE001
        return image


def _eight_bit(image: Image.Image) -> Image.Image:
    mode = image.mode
    if mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if mode == "1":
        return image.convert("L")
    if mode.startswith("I"):
        return _scaled(image)
    if mode == "F":
        raise BadImageError("floating-point pixels are not supported", "unsupported_format")
    if mode in ("L", "LA", "La"):
        return _over_white(image).convert("L")
    if mode in ("RGBA", "RGBa", "PA") or "transparency" in image.info:
        return _over_white(image)
    return image.convert("RGB")


def _brightest(image: Image.Image) -> int | None:
    if not image.mode.startswith("I"):
        return None
    return cast(tuple[int, int], image.convert("I").getextrema())[1]


def _scaled(image: Image.Image) -> Image.Image:
    wide = image.convert("I")
    darkest, brightest = cast(tuple[int, int], wide.getextrema())
    if darkest < 0 or brightest > 65_535:
        raise BadImageError("pixels of more than 16 bits are not supported", "unsupported_format")
    return wide.point(lambda value: value * (1 / 257) + 0.5).convert("L")


def _over_white(image: Image.Image) -> Image.Image:
    layer = image.convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")
