"""Findings about images that are there more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from trainwright.datasets.checks.report import MAX_EXAMPLES, Finding, Kind
from trainwright.datasets.formats.image_folder import ImageFolder, Sample

_LEAK = Kind(
    "leak",
    "warning",
    "in more than one split: scores will flatter",
    "keep each image in one split only",
)
_CONTRARY = Kind(
    "contradicting_labels",
    "warning",
    "in more than one class",
    "keep each image in the class it belongs to",
)
_PLAIN = Kind("duplicates", "info", "there more than once")


def copies(folder: ImageFolder) -> list[Finding]:
    """Findings about equal files: across splits, across classes, and harmless ones."""
    by_path = {sample.path: sample for sample in folder.samples}
    found: defaultdict[Kind, list[Sequence[Path]]] = defaultdict(list)
    for group in folder.duplicates:
        found[_kind([by_path[path] for path in group])].append(group)
    return [_finding(kind, found[kind]) for kind in (_LEAK, _CONTRARY, _PLAIN) if kind in found]


def _kind(samples: Sequence[Sample]) -> Kind:
    if len({sample.split for sample in samples}) > 1:
        return _LEAK
    return _CONTRARY if len({sample.label for sample in samples}) > 1 else _PLAIN


def _finding(kind: Kind, groups: Sequence[Sequence[Path]]) -> Finding:
    first = groups[0][0].as_posix()
    which = f"{first} is" if len(groups) == 1 else f"{len(groups)} images, such as {first}, are"
    return Finding(
        code=kind.code,
        severity=kind.severity,
        message=f"{which} {kind.words}",
        count=len(groups),
        examples=[" = ".join(p.as_posix() for p in group[:3]) for group in groups[:MAX_EXAMPLES]],
        mend=kind.mend,
    )
