"""Images from strangers."""

from __future__ import annotations

import base64
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainwright.serving.inputs import TooLargeError, save_base64, save_image, save_stream
from trainwright.spec import DataError, InvalidRequestError


def encoded(kind: str = "PNG") -> bytes:
    stream = BytesIO()
    Image.new("RGB", (6, 6), (9, 8, 7)).save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("TIFF", ".tif"), ("WEBP", ".webp")]
)
def test_the_ending_follows_the_content(tmp_path: Path, kind: str, suffix: str) -> None:
    data = encoded(kind)
    path = save_image(data, tmp_path / "new")
    assert path.suffix == suffix
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("data", [b"", b"words", b"\x89PNG\r\n\x1a\n", b"<svg></svg>"])
def test_what_is_no_image_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DataError):
        save_image(data, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_size_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(TooLargeError):
        save_image(encoded(), tmp_path, max_bytes=10)
    with pytest.raises(TooLargeError):
        save_base64("A" * 5000, tmp_path, max_bytes=10)


def test_a_stream_is_left_as_soon_as_it_is_too_long(tmp_path: Path) -> None:
    taken = []

    def endless() -> object:
        while True:
            taken.append(1)
            yield b"x" * 1000

    with pytest.raises(TooLargeError):
        save_stream(endless(), tmp_path, max_bytes=10_000)
    assert len(taken) == 11


def test_a_stream(tmp_path: Path) -> None:
    data = encoded()
    assert save_stream([data[:10], data[10:]], tmp_path).read_bytes() == data


@pytest.mark.parametrize("side", [10_000, 60_000])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_pixels_are_bounded(tmp_path: Path, side: int) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    with pytest.raises(TooLargeError):
        save_image(bomb, tmp_path)


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_base64(tmp_path: Path, prefix: str) -> None:
    text = base64.encodebytes(encoded() * 1).decode()
    assert save_base64(prefix + text, tmp_path).read_bytes() == encoded()


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidRequestError):
        save_base64(text, tmp_path)
