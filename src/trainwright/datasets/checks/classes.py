"""Findings about classes, whatever the format they were read from."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

from trainwright.datasets.checks.report import MAX_EXAMPLES, Finding
from trainwright.spec import RunSpec

TINY = 5
"""A class with fewer training images than this is hardly learnt, and hardly measured."""

_SEPARATORS = re.compile(r"[\s_-]+")

LOPSIDED = 10
"""Largest class over smallest, from which on the small one tends to be ignored."""


def class_balance(counts: Mapping[str, int]) -> list[Finding]:
    """Findings about how many training samples each class has.

    Args:
        counts: Training samples by class; zeros included.
    """
    findings: list[Finding] = []
    if len(counts) == 1:
        findings.append(
            Finding(
                code="single_class",
                severity="error",
                message=f"there is only one class, {next(iter(counts))!r}: nothing to tell apart",
                mend="add a folder of images for each further class",
            )
        )
    if empty := [name for name, count in counts.items() if not count]:
        findings.append(
            Finding(
                code="empty_class",
                severity="error",
                message=f"no usable training image of {_named(empty)}",
                count=len(empty),
                examples=empty[:MAX_EXAMPLES],
                mend="put images there, or remove the class folder",
            )
        )
    if tiny := [name for name, count in counts.items() if 0 < count < TINY]:
        findings.append(
            Finding(
                code="tiny_class",
                severity="warning",
                message=f"fewer than {TINY} training images of {_named(tiny)}",
                count=len(tiny),
                examples=tiny[:MAX_EXAMPLES],
                mend="add images of it, or leave it out",
            )
        )
    return findings + _imbalance(counts) + _alike(counts)


def contradictions(class_names: list[str], count: int | None, spec: RunSpec) -> list[Finding]:
    """Findings where the spec says one thing about the classes and the data another.

    Args:
        class_names: The data's classes in order; empty when not known.
        count: How many classes the data has; `None` when not known.
        spec: What the user asked for.
    """
    if spec.class_names is not None and class_names and spec.class_names != class_names:
        return [_names_differ(spec.class_names, class_names)]
    wanted = spec.num_classes
    if wanted is not None and count is not None and wanted != count:
        return [
            Finding(
                code="num_classes_differ",
                severity="error",
                message=f"the spec says {wanted} classes, but the data has {count}",
                mend=f"set num_classes to {count}, or leave it out",
            )
        ]
    return []


def _names_differ(wanted: list[str], found: list[str]) -> Finding:
    missing = [name for name in wanted if name not in found]
    extra = [name for name in found if name not in wanted]
    parts = [f"the data has no {_named(missing)}"] if missing else []
    parts += [f"the spec does not name {_named(extra)}"] if extra else []
    said = "; ".join(parts) or f"their order differs: the data's is {', '.join(found)}"
    return Finding(
        code="class_names_differ",
        severity="error",
        message=f"the spec's class_names are not the data's: {said}",
        count=max(1, len(missing) + len(extra)),
        examples=(missing + extra)[:MAX_EXAMPLES],
        mend="leave class_names out, or list them as the data has them",
    )


def _imbalance(counts: Mapping[str, int]) -> list[Finding]:
    used = {name: count for name, count in counts.items() if count}
    if len(used) < 2:
        return []
    most, least = max(used, key=used.__getitem__), min(used, key=used.__getitem__)
    if used[most] < LOPSIDED * used[least]:
        return []
    return [
        Finding(
            code="imbalance",
            severity="warning",
            message=(
                f"{most!r} has {used[most]} training images and {least!r} only {used[least]}: "
                "accuracy will hide how the small class does; look at its recall"
            ),
            examples=[least],
            mend="add images of the small classes",
        )
    ]


def _alike(names: Iterable[str]) -> list[Finding]:
    """Classes that may be one, spelt in two ways."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[_SEPARATORS.sub(" ", unicodedata.normalize("NFKC", name)).strip().casefold()].append(
            name
        )
    twins = [group for group in groups.values() if len(group) > 1]
    if not twins:
        return []
    return [
        Finding(
            code="similar_names",
            severity="warning",
            message=f"{_named(twins[0])} are classes of their own, but may be meant as one",
            count=len(twins),
            examples=[name for group in twins for name in group][:MAX_EXAMPLES],
            mend="give one class one name",
        )
    ]


def _named(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:MAX_EXAMPLES]))
    return shown if len(names) <= MAX_EXAMPLES else f"{shown} and {len(names) - MAX_EXAMPLES} more"
