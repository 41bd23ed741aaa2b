"""Training, validation and test parts: stratified, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

VAL_FRACTION = 0.15
TEST_FRACTION = 0.15
VAL_FRACTION_BESIDE_TEST = 0.1
"""Where the data brings its own test part, as the large public datasets do."""


@dataclass(frozen=True)
class Split:
    """Positions of each part's images, ascending."""

    train: Tensor
    val: Tensor
    test: Tensor

    @property
    def sizes(self) -> dict[str, int]:
        """Images in each part."""
        return {"train": len(self.train), "val": len(self.val), "test": len(self.test)}


def split(
    labels: Tensor,
    given: Sequence[str | None] | None = None,
    *,
    seed: int,
    val_fraction: float | None = None,
    test_fraction: float | None = None,
    copies: Iterable[Sequence[int]] = (),
) -> Split:
    """Keep the parts that are given; take those that are missing from the training images.

    Every class keeps at least one training image. A class of two has one for training and one for
    the test; from three on it is in all parts. Copies of an image stay in one part: what was learnt
    by heart would otherwise be measured.

    Args:
        labels: `[n]` class of each image.
        given: `train`, `val`, `test` or `None` for each image; `None` counts as `train`.
        seed: Decides which images.
        val_fraction: Share of a class for validation, if no part of that name is given.
        test_fraction: The same for the test.
        copies: Groups of positions that hold the same image.
    """
    parts = list(given or [None] * len(labels))
    has_val, has_test = "val" in parts, "test" in parts
    if val_fraction is None:
        val_fraction = VAL_FRACTION_BESIDE_TEST if has_test else VAL_FRACTION
    fractions = (
        0.0 if has_val else val_fraction,
        0.0 if has_test else (test_fraction or TEST_FRACTION),
    )
    free = torch.tensor([p in (None, "train") for p in parts], dtype=torch.bool)
    follows = _followers(copies, labels, free)
    free[list(follows)] = False
    chosen: dict[str, list[Tensor]] = {"train": [], "val": [], "test": []}
    generator = torch.Generator().manual_seed(seed)
    for label in torch.unique(labels).tolist():
        members = torch.nonzero(free & (labels == label)).flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        val, test = _counts(len(members), *fractions)
        chosen["val"].append(members[:val])
        chosen["test"].append(members[val : val + test])
        chosen["train"].append(members[val + test :])
    for groups in chosen.values():
        firsts = set(torch.cat(groups).tolist())
        groups.append(_positions(copy for copy, first in follows.items() if first in firsts))
    for name, present in (("val", has_val), ("test", has_test)):
        if present:
            chosen[name] = [_positions(i for i, p in enumerate(parts) if p == name)]
    return Split(**{name: torch.cat(groups).sort().values for name, groups in chosen.items()})


def _followers(copies: Iterable[Sequence[int]], labels: Tensor, free: Tensor) -> dict[int, int]:
    """Each further copy of an image within its class, with the first one."""
    follows: dict[int, int] = {}
    for group in copies:
        firsts: dict[int, int] = {}
        for position in group:
            if free[position]:
                first = firsts.setdefault(int(labels[position]), position)
                if first != position:
                    follows[position] = first
    return follows


def _positions(found: Iterable[int]) -> Tensor:
    return torch.tensor(list(found), dtype=torch.int64)


def _counts(members: int, val_fraction: float, test_fraction: float) -> tuple[int, int]:
    """How many of a class go to validation and test, leaving at least one to train on.

    The test is served first, then training, then validation.
    """
    room = members - 1
    keep = 1 if val_fraction and room > 1 else 0
    test = _share(members, test_fraction, room - keep)
    return _share(members, val_fraction, room - test), test


def _share(members: int, fraction: float, room: int) -> int:
    """A share of the members: at least one if there is any share and room, at most the room."""
    return min(max(1, round(members * fraction)), room) if fraction else 0
