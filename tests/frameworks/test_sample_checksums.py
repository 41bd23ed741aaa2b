"""What the catalogue says of sample datasets is what is downloaded, or is installed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pytest
import sklearn  # type: ignore[import-untyped]

from trainwright import catalog
from trainwright.files import sha256_of
from trainwright.frameworks.builtin.data.cifar import ARCHIVE
from trainwright.frameworks.builtin.data.download import RemoteFile
from trainwright.frameworks.builtin.data.mnist import FASHION, MNIST

DIGITS = Path(sklearn.__file__).parent / "datasets" / "data" / "digits.csv.gz"
ORIGINALS = {
    "digits": [RemoteFile(DIGITS.name, DIGITS.stat().st_size, sha256_of(DIGITS))],
    "mnist": [file for files in MNIST.values() for file in files],
    "fashion_mnist": [file for files in FASHION.values() for file in files],
    "cifar10": [ARCHIVE],
}


def listed(files: Iterable[RemoteFile]) -> str:
    lines = sorted(f"{file.sha256}  {file.name}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_catalogue_knows_the_files(name: str) -> None:
    assert catalog.dataset(name).sha256 == listed(ORIGINALS[name])
