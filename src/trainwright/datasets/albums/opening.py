"""From a dataset's folder, or a sample's name, to its album."""

from __future__ import annotations

from pathlib import Path

from trainwright.datasets.albums.album import Album, Picture, mixed
from trainwright.datasets.albums.boxes import read_boxes
from trainwright.datasets.albums.originals import keep_pictures
from trainwright.datasets.formats.image_folder import scan
from trainwright.datasets.formats.layout import open_folder
from trainwright.datasets.formats.tree import natural_key
from trainwright.settings import Home
from trainwright.spec.catalog import DatasetInfo


def open_album(folder: Path) -> Album | None:
    """The pictures of a folder, with boxes or one class each; `None` where there are none.

    Raises:
        FolderError: The folder is missing, or may not be read.
    """
    root = open_folder(folder)
    boxes = read_boxes(root)
    if boxes is not None:
        return boxes
    found = scan(root, verify=False)
    if not found.samples:
        return None
    pictures = [
        Picture(one.path.as_posix(), found.class_names[one.label], one.split)
        for one in found.samples
    ]
    return Album(root, mixed(pictures), found.class_names)


def open_sample(info: DatasetInfo, home: Home) -> Album | None:
    """Some pictures of each class of a sample dataset; `None` where it is not on this machine.

    Raises:
        DataError: Its files are broken.
        StorageError: The pictures cannot be kept.
    """
    root = keep_pictures(info.id, home.datasets / info.id, home.cache / "samples" / info.id)
    names = info.class_names or []
    if root is None:
        return None
    pictures = []
    for path in sorted(root.rglob("*.png"), key=lambda p: natural_key(p.as_posix())):
        split, label, name = path.relative_to(root).parts
        known = int(label) < len(names)
        pictures.append(
            Picture(
                f"{split}/{label}/{name}",
                names[int(label)] if known else label,
                None if split == "all" else split,
            )
        )
    return Album(root, mixed(pictures), names, is_part=True)
