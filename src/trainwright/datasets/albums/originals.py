"""Sample datasets as pictures, out of their original files: some of each class, kept as PNG.

Read on the standard library alone, as the platform that shows them has no numerics installed.
"""

from __future__ import annotations

import gzip
import importlib.util
import shutil
import tarfile
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from PIL import Image

from trainwright.files import storage_error
from trainwright.spec.errors import DataError

EACH = 60
"""Pictures of each class in each split."""

_READ = 4_000
"""Records of a file that are looked at: enough for that many of each class."""

_IDX = {"train": "train", "test": "t10k"}
_CIFAR = "cifar-10-binary.tar.gz"
_CIFAR_SIDE = 32
_DIGITS_SIDE = 8


class Record(NamedTuple):
    """One image in the original files."""

    split: str
    label: int
    image: Image.Image


def keep_pictures(name: str, originals: Path, into: Path) -> Path | None:
    """Make pictures of a sample dataset: `<into>/<split>/<label>/<number>.png`.

    Args:
        name: Id of the dataset.
        originals: Folder that its files were downloaded to.
        into: Folder to make, unless it is there.

    Returns:
        The folder; `None` where the originals are not on this machine.

    Raises:
        DataError: They are broken.
        StorageError: The pictures cannot be kept.
    """
    if into.is_dir():
        return into
    reader = _READERS.get(name)
    records = reader(originals) if reader else None
    if records is None:
        return None
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        growing = Path(tempfile.mkdtemp(dir=into.parent, prefix=f".{into.name}."))
    except OSError as error:
        raise storage_error(into, error) from error
    try:
        _write(records, growing)
        growing.rename(into)
    except (EOFError, zlib.error, tarfile.TarError, gzip.BadGzipFile, ValueError) as error:
        raise DataError(f"the files of {name} are broken: {error}", field="dataset") from None
    except OSError as error:
        if not into.is_dir():  # unless another request was quicker
            raise storage_error(into, error) from error
    finally:
        shutil.rmtree(growing, ignore_errors=True)
    return into


def _write(records: Iterator[Record], root: Path) -> None:
    kept: Counter[tuple[str, int]] = Counter()
    for split, label, image in records:
        if kept[split, label] < EACH:
            folder = root / split / str(label)
            folder.mkdir(parents=True, exist_ok=True)
            image.save(folder / f"{kept[split, label]:04}.png")
            kept[split, label] += 1


def _digits(_: Path) -> Iterator[Record] | None:
    package = importlib.util.find_spec("sklearn")
    places = (package.submodule_search_locations if package else None) or []
    for place in places:
        file = Path(place, "datasets", "data", "digits.csv.gz")
        if file.is_file():
            return _digit_lines(file)
    return None


def _digit_lines(file: Path) -> Iterator[Record]:
    with gzip.open(file, "rt", encoding="ascii") as lines:
        for line in lines:
            *shades, label = (float(word) for word in line.split(","))
            pixels = bytes(round(shade * 255 / 16) for shade in shades)
            yield Record("all", int(label), _grey(_DIGITS_SIDE, _DIGITS_SIDE, pixels))


def _idx(folder: Path) -> Iterator[Record] | None:
    files = {
        split: [folder / f"{start}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")]
        for split, start in _IDX.items()
    }
    if not all(file.is_file() for pair in files.values() for file in pair):
        return None
    return (record for split, pair in files.items() for record in _idx_records(split, *pair))


def _idx_records(split: str, images: Path, labels: Path) -> Iterator[Record]:
    with gzip.open(images) as pixels, gzip.open(labels) as numbers:
        header = _exactly(pixels, 16)
        _exactly(numbers, 8)
        count, height, width = (
            int.from_bytes(header[at : at + 4], "big") for at in range(4, 16, 4)
        )
        if not 0 < height * width <= 1 << 20:
            raise ValueError(f"images of {width}x{height} pixels")
        for _ in range(min(count, _READ)):
            image = _grey(width, height, _exactly(pixels, height * width))
            yield Record(split, _exactly(numbers, 1)[0], image)


def _cifar(folder: Path) -> Iterator[Record] | None:
    archive = folder / _CIFAR
    return _cifar_records(archive) if archive.is_file() else None


def _cifar_records(archive: Path) -> Iterator[Record]:
    plane = _CIFAR_SIDE**2
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            content = members.extractfile(member) if member.name.endswith(".bin") else None
            if content is None:
                continue
            split = "test" if "test" in member.name else "train"
            for _ in range(_READ // 5):
                record = _exactly(content, 1 + 3 * plane)
                bands = [
                    _grey(_CIFAR_SIDE, _CIFAR_SIDE, record[start : start + plane])
                    for start in range(1, len(record), plane)
                ]
                yield Record(split, record[0], Image.merge("RGB", bands))


def _grey(width: int, height: int, pixels: bytes) -> Image.Image:
    return Image.frombytes("L", (width, height), pixels)


def _exactly(file: IO[bytes] | gzip.GzipFile, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise EOFError("a file is cut off")
    return data


_READERS: dict[str, Callable[[Path], Iterator[Record] | None]] = {
    "digits": _digits,
    "mnist": _idx,
    "fashion_mnist": _idx,
    "cifar10": _cifar,
}
