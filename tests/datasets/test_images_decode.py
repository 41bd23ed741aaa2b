"""One rule from file to pixels."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from trainwright.datasets.formats.images import MAX_PIXELS, BadImageError, decode, inspect

RED = (255, 0, 0)


def encoded(image: Image.Image, kind: str, **options: object) -> BytesIO:
    stream = BytesIO()
    image.save(stream, kind, **options)
    stream.seek(0)
    return stream


def noise(side: int) -> Image.Image:
    return Image.frombytes("L", (side, side), random.Random(0).randbytes(side * side))


def bomb(width: int, height: int) -> BytesIO:
    """A PNG that claims a size it does not carry."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return BytesIO(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.parametrize(
    ("mode", "kind", "wanted"),
    [
        ("RGB", "PNG", "RGB"),
        ("L", "PNG", "L"),
        ("1", "PNG", "L"),
        ("P", "PNG", "RGB"),
        ("CMYK", "JPEG", "RGB"),
        ("RGB", "WEBP", "RGB"),
        ("RGB", "BMP", "RGB"),
        ("RGB", "TIFF", "RGB"),
        ("L", "PPM", "L"),
    ],
)
def test_every_kind_becomes_eight_bit_grey_or_colour(mode: str, kind: str, wanted: str) -> None:
    image = decode(encoded(Image.new(mode, (5, 7), 1 if mode == "1" else None), kind))
    assert (image.mode, image.size) == (wanted, (5, 7))


def test_exif_rotation_is_undone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = decode(encoded(Image.new("RGB", (20, 10)), "JPEG", exif=exif))
    assert image.size == (10, 20)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_lose_the_image() -> None:
    stream = encoded(Image.new("RGB", (8, 8), RED), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode(stream).size == (8, 8)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_lies_over_white(mode: str) -> None:
    clear = Image.new(mode, (2, 2), (0,) * len(mode))
    shown = decode(encoded(clear, "PNG")).getpixel((0, 0))
    assert shown == (255, 255, 255) if mode == "RGBA" else shown == 255


def test_transparent_palette_lies_over_white() -> None:
    image = Image.new("P", (2, 2), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((1, 1), 1)
    shown = decode(encoded(image, "PNG", transparency=0))
    assert shown.getpixel((0, 0)) == (255, 255, 255)
    assert shown.getpixel((1, 1)) == (0, 255, 0)


def test_sixteen_bits_are_scaled_not_cut() -> None:
    image = Image.frombytes("I;16", (4, 1), struct.pack("<4H", 0, 257, 32_896, 65_535))
    shown = decode(encoded(image, "PNG"))
    assert [shown.getpixel((x, 0)) for x in range(4)] == [0, 1, 128, 255]


def test_of_an_animation_the_first_frame_is_read() -> None:
    first, second = Image.new("RGB", (4, 4), RED), Image.new("RGB", (4, 4), (0, 0, 255))
    shown = decode(encoded(first, "GIF", save_all=True, append_images=[second]))
    assert shown.getpixel((0, 0)) == RED


def test_truncated_says_so() -> None:
    data = encoded(noise(64), "JPEG").getvalue()
    with pytest.raises(BadImageError) as error:
        decode(BytesIO(data[: len(data) // 2]))
    assert error.value.reason == "truncated"


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (60_000, 60_000)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bombs_are_refused_before_decoding(width: int, height: int) -> None:
    assert width * height > MAX_PIXELS
    with pytest.raises(BadImageError) as error:
        decode(bomb(width, height))
    assert error.value.reason == "too_large"


def test_floating_point_pixels_are_refused() -> None:
    with pytest.raises(BadImageError) as error:
        decode(encoded(Image.new("F", (2, 2)), "TIFF"))
    assert error.value.reason == "unsupported_format"


def test_other_decoders_stay_shut() -> None:
    with pytest.raises(BadImageError) as error:
        decode(encoded(Image.new("RGB", (4, 4)), "TGA"))
    assert error.value.reason == "unreadable"


def test_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        decode(tmp_path / "none.png")


def test_inspect_tells_how_it_is_stored() -> None:
    header = inspect(encoded(Image.new("CMYK", (3, 9)), "JPEG"))
    assert (header.pixels, header.mode) == ((3, 9), "CMYK")


PNG = encoded(noise(12), "PNG").getvalue()


@given(
    st.binary(max_size=300)
    | st.builds(
        lambda head, tail: PNG[:head] + tail, st.integers(0, len(PNG)), st.binary(max_size=40)
    )
)
@settings(max_examples=150)
def test_any_bytes_decode_or_say_why(data: bytes) -> None:
    try:
        image = decode(BytesIO(data))
    except BadImageError as error:
        assert error.reason
        assert error.message
    else:
        assert image.mode in ("L", "RGB")
