"""MNIST (LeCun et al. 1998) and Fashion-MNIST (Xiao et al. 2017), from their original idx files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from trainwright.frameworks.builtin.data.download import RemoteFile, read_original, unpack
from trainwright.frameworks.builtin.data.idx import parse_idx
from trainwright.frameworks.builtin.data.samples import Samples
from trainwright.frameworks.builtin.metadata import DATASETS
from trainwright.frameworks.builtin.registry import register_dataset
from trainwright.spec import DataError

LIMIT = 64 << 20
"""Bytes a file may unpack to; the largest original has 47,040,016."""

# the original host of MNIST has long refused downloads; these mirrors hold the same bytes
MNIST_BASES = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
FASHION_BASES = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
)

Files = tuple[RemoteFile, RemoteFile]

MNIST: dict[str, Files] = {
    "train": (
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
    ),
    "test": (
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
}
FASHION: dict[str, Files] = {
    "train": (
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            26_421_880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            29_515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
    ),
    "test": (
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            4_422_102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            5_148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
}


@register_dataset("mnist")
def mnist(folder: Path, data_dir: str | None = None, mirror: str | None = None) -> Samples:
    source = partial(
        read_original, folder=folder, bases=MNIST_BASES, data_dir=data_dir, mirror=mirror
    )
    return _load("mnist", MNIST, source)


@register_dataset("fashion_mnist")
def fashion_mnist(folder: Path, data_dir: str | None = None, mirror: str | None = None) -> Samples:
    source = partial(
        read_original, folder=folder, bases=FASHION_BASES, data_dir=data_dir, mirror=mirror
    )
    return _load("fashion_mnist", FASHION, source)


def _load(name: str, files: dict[str, Files], read: Callable[[RemoteFile], bytes]) -> Samples:
    images, labels, split = [], [], []
    for part, pair in files.items():
        arrays = []
        for file in pair:
            data = read(file)
            arrays.append(parse_idx(unpack(data, limit=LIMIT, name=file.name), name=file.name))
        if arrays[0].ndim != 3 or arrays[1].ndim != 1 or len(arrays[0]) != len(arrays[1]):
            raise DataError(
                f"{pair[0].name} and {pair[1].name} do not belong together",
                expected="as many images as labels",
            )
        images.append(arrays[0])
        labels.append(arrays[1])
        split += [part] * len(arrays[0])
    if len({a.shape[1:] for a in images}) > 1:
        raise DataError("training and test images differ in size", expected="one size")
    return Samples(
        np.concatenate(images), np.concatenate(labels), DATASETS[name].class_names, split
    )
