"""Mini-batches whose order depends on nothing but the seed and the epoch."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from trainwright.frameworks.builtin.data.images import Images

DEVICE_SHARE = 0.3
"""Of a GPU's free memory: as much as the images may take to live there."""


class Batches:
    """The mini-batches of one part of the data.

    Since the order is a function of seed and epoch, an epoch can be taken up at any batch.
    """

    def __init__(
        self,
        images: Tensor | Images,
        labels: Tensor,
        positions: Tensor,
        *,
        batch_size: int,
        device: torch.device,
        shuffle_seed: int | None = None,
        workers: int | None = None,
    ) -> None:
        """Prepare the batches; nothing is read yet.

        Args:
            images: All images: a uint8 tensor, or something to decode them one by one.
            labels: `[n]` their classes.
            positions: Those that belong to this part.
            batch_size: Images a batch; the last one may be smaller.
            device: Where batches go.
            shuffle_seed: Orders each epoch anew; `None` keeps the order.
            workers: Decoding processes; default: by the cores.
        """
        if isinstance(images, Tensor) and _lives_on(device, images):
            images, labels = images.to(device), labels.to(device)
        self._images = images
        self._labels = labels
        self._positions = positions
        self._batch_size = batch_size
        self._device = device
        self._shuffle_seed = shuffle_seed
        self._workers = min(8, max(0, _cores() - 1)) if workers is None else workers

    def __len__(self) -> int:
        full, rest = divmod(len(self._positions), self._batch_size)
        # batch normalization cannot learn from a single image
        single = rest == 1 and full > 0 and self._shuffle_seed is not None
        return full + (1 if rest and not single else 0)

    @property
    def samples(self) -> int:
        return len(self._positions)

    def epoch(self, epoch: int = 0, *, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches of one epoch as (uint8 images, labels) on the device.

        Args:
            epoch: Which, from 0.
            start: Batches to leave out at its beginning.
        """
        order = torch.split(self._order(epoch), self._batch_size)[start : len(self)]
        if isinstance(self._images, Tensor):
            return self._indexed(self._images, order)
        return self._decoded(self._images, order)

    def _order(self, epoch: int) -> Tensor:
        if self._shuffle_seed is None:
            return self._positions
        generator = torch.Generator().manual_seed(self._shuffle_seed * 1_000_003 + epoch)
        return self._positions[torch.randperm(len(self._positions), generator=generator)]

    def _indexed(
        self, images: Tensor, order: tuple[Tensor, ...]
    ) -> Iterator[tuple[Tensor, Tensor]]:
        for positions in order:
            index = positions.to(images.device)
            yield (
                images[index].to(self._device, non_blocking=True),
                self._labels[index].to(self._device, non_blocking=True),
            )

    def _decoded(
        self, images: Images, order: tuple[Tensor, ...]
    ) -> Iterator[tuple[Tensor, Tensor]]:
        loader: DataLoader[Any] = DataLoader(
            _Indexed(images),
            batch_sampler=[p.tolist() for p in order],
            num_workers=self._workers,
            pin_memory=self._device.type == "cuda",
            worker_init_fn=_outlive_stop,
            # its own generator: the loader draws a seed, which must not move the model's dropout
            generator=torch.Generator(),
        )
        for batch, positions in zip(loader, order, strict=True):
            yield (
                batch.to(self._device, non_blocking=True),
                self._labels[positions].to(self._device, non_blocking=True),
            )


def _outlive_stop(_worker: int) -> None:
    """A stop is sent to the whole process group, but the trainer still needs this step's images."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


class _Indexed(Dataset[Tensor]):
    def __init__(self, images: Images) -> None:
        self._images = images

    def __getitem__(self, index: int) -> Tensor:
        return self._images[index]


def _lives_on(device: torch.device, images: Tensor) -> bool:
    if device.type != "cuda":
        return False
    free, _ = torch.cuda.mem_get_info(device)
    return images.nbytes <= DEVICE_SHARE * free


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1
