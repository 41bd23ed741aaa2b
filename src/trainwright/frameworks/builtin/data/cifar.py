"""CIFAR-10 (Krizhevsky 2009), from its binary version: no pickle is ever read."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from trainwright.files import expanded
from trainwright.frameworks.builtin.data.download import RemoteFile, read_original
from trainwright.frameworks.builtin.data.samples import Samples
from trainwright.frameworks.builtin.metadata import DATASETS
from trainwright.frameworks.builtin.registry import register_dataset
from trainwright.spec import DataError

ARCHIVE = RemoteFile(
    "cifar-10-binary.tar.gz",
    170_052_171,
    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
)
BASES = ("https://www.cs.toronto.edu/~kriz",)
BATCHES = {
    **{f"data_batch_{i}.bin": "train" for i in range(1, 6)},
    "test_batch.bin": "test",
}
RECORD = 1 + 3 * 32 * 32
LIMIT = 10_000 * RECORD
"""Bytes of each original file."""

_FOLDER = "cifar-10-batches-bin"
_PICKLED = ("cifar-10-python.tar.gz", "cifar-10-batches-py")


@register_dataset("cifar10")
def cifar10(folder: Path, data_dir: str | None = None, mirror: str | None = None) -> Samples:
    local = expanded(data_dir) if data_dir else None
    loose = _loose_folder(local) if local else None
    if loose:
        return _samples(lambda name: _bounded((loose / name).open("rb")))
    if local and _has_only_pickles(local):
        raise DataError(
            f"{local} has the Python version of CIFAR-10, whose pickles could run code",
            field="overrides.data_dir",
            expected=f"the binary version: {ARCHIVE.name}, or its .bin files",
            mend=f"download {BASES[0]}/{ARCHIVE.name} into {local}",
        )
    data = read_original(ARCHIVE, folder=folder, bases=BASES, data_dir=data_dir, mirror=mirror)
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            members = {Path(m.name).name: m for m in archive.getmembers() if m.isfile()}
            return _samples(lambda name: _member(archive, members, name))
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(f"{ARCHIVE.name} is broken: {error}", expected="the original") from None


def _has_only_pickles(folder: Path) -> bool:
    there = [name for name in (ARCHIVE.name, *_PICKLED) if (folder / name).exists()]
    return bool(there) and ARCHIVE.name not in there


def _loose_folder(folder: Path) -> Path | None:
    """The folder with the unpacked files, if there is one."""
    places = (folder, folder / _FOLDER)
    return next((p for p in places if (p / "test_batch.bin").is_file()), None)


def _member(archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo], name: str) -> bytes:
    # read in memory, never extracted: a member's path or link can lead nowhere
    stream = archive.extractfile(members[name]) if name in members else None
    if stream is None:
        raise DataError(f"{ARCHIVE.name} has no {name}", expected="the binary version")
    return _bounded(stream)


def _bounded(stream: IO[bytes]) -> bytes:
    with stream:
        return stream.read(LIMIT + 1)


def _samples(read: Callable[[str], bytes]) -> Samples:
    records: list[npt.NDArray[np.uint8]] = []
    split: list[str] = []
    for name, part in BATCHES.items():
        try:
            data = read(name)
        except OSError as error:
            raise DataError(
                f"{name} cannot be read: {error.strerror}", expected=", ".join(BATCHES)
            ) from None
        if not data or len(data) % RECORD or len(data) > LIMIT:
            raise DataError(
                f"{name} has {len(data):,} bytes", expected=f"up to 10,000 records of {RECORD}"
            )
        records.append(np.frombuffer(data, np.uint8).reshape(-1, RECORD))
        split += [part] * (len(data) // RECORD)
    table = np.concatenate(records)
    images = table[:, 1:].reshape(-1, 3, 32, 32)
    return Samples(images, table[:, 0], DATASETS["cifar10"].class_names, split)
