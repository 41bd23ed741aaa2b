"""Inputs as people give them to a trained model: files, folders, patterns, URLs."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from trainwright.client.trained import is_url
from trainwright.spec import NotFoundError


@dataclass
class Inputs:
    """What a model is asked about.

    Attributes:
        images: Files and URLs, in the order given; those of a folder in natural order.
        left_out: Files of the folders that are no images by their names.
        faults: Folders without an image, and patterns that nothing fits.
    """

    images: list[Path | str] = field(default_factory=list)
    left_out: list[Path] = field(default_factory=list)
    faults: list[NotFoundError] = field(default_factory=list)


def find_inputs(given: Iterable[str | Path]) -> Inputs:
    """Look into folders and patterns; what is neither is taken as a file or a URL.

    Hidden files, and links that lead out of a folder, are passed over.
    """
    found = Inputs()
    for one in given:
        if is_url(one):
            found.images.append(one)
            continue
        for path in _fitting(Path(one), found):
            if path.is_dir():
                _look_into(path, found)
            else:
                found.images.append(path)
    return found


def _fitting(path: Path, found: Inputs) -> list[Path]:
    # a file may be called like a pattern
    if not glob.has_magic(str(path)) or path.exists():
        return [path]
    from trainwright.datasets.formats.tree import natural_key  # noqa: PLC0415 (kept out of `import trainwright`)

    names = glob.glob(str(path), recursive=True)  # noqa: PTH207 (of absolute patterns too)
    if not names:
        _note(found, f"nothing fits {path}")
    return [Path(name) for name in sorted(names, key=natural_key)]


def _look_into(folder: Path, found: Inputs) -> None:
    from trainwright.datasets.formats.layout import not_an_image  # noqa: PLC0415 (as above)
    from trainwright.datasets.formats.tree import walk  # noqa: PLC0415 (as above)

    before = len(found.images)
    root = folder.resolve()
    for file in walk(root, Path(), lambda other: found.left_out.append(folder / other.path)):
        if not_an_image(file):
            found.left_out.append(folder / file.path)
        else:
            found.images.append(folder / file.path)
    if len(found.images) == before:
        _note(found, f"there is no image in the folder {folder}")


def _note(found: Inputs, what: str) -> None:
    found.faults.append(NotFoundError(what, field="inputs", expected="image files"))
