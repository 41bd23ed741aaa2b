"""Pictures with boxes, as YOLO (a text file beside each) and COCO (one JSON file) have them."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from trainwright.datasets.albums.album import Album, Box, Picture, mixed
from trainwright.datasets.formats.layout import not_an_image, split_named
from trainwright.datasets.formats.tree import FoundFile, natural_key, walk

MAX_BOXES = 200
"""Of a picture; more would hide it."""

_LABEL_BYTES = 1 << 20
_COCO_BYTES = 64 << 20
_YOLO_FIELDS = 5


def read_boxes(root: Path) -> Album | None:
    """The album of a folder in one of the two formats; `None` when it is in neither."""
    files = list(walk(root, Path(), lambda _: None))
    images = [file for file in files if not not_an_image(file)]
    return _read_yolo(root, files, images) or _read_coco(root, files, images)


def _read_yolo(root: Path, files: list[FoundFile], images: list[FoundFile]) -> Album | None:
    texts = {f.path: f for f in files if f.path.suffix == ".txt"}
    beside = {image.path: _label_file(image.path) for image in images}
    if not any(place in texts and "labels" in place.parts[:-1] for place in beside.values()):
        return None
    names = _yolo_names(root, files)
    met: set[int] = set()
    pictures = []
    for image in images:
        found = texts.get(beside[image.path])
        lines = list(_yolo_lines(root, found)) if found else []
        met.update(number for number, _ in lines)
        boxes = tuple(_box(names.get(n, str(n)), *corners) for n, corners in lines[:MAX_BOXES])
        pictures.append(Picture(image.path.as_posix(), None, _split_of(image.path), boxes))
    numbers = sorted(met | set(names))
    return Album(root, _ordered(pictures), [names.get(n, str(n)) for n in numbers], has_boxes=True)


def _label_file(image: Path) -> Path:
    """`images/train/a.jpg` → `labels/train/a.txt`, by the last folder that is called `images`."""
    parts = list(image.parts)
    for place in range(len(parts) - 2, -1, -1):
        if parts[place] == "images":
            parts[place] = "labels"
            break
    return Path(*parts).with_suffix(".txt")


def _yolo_names(root: Path, files: Iterable[FoundFile]) -> dict[int, str]:
    for file in files:
        if file.path.suffix not in (".yaml", ".yml") or file.size > _LABEL_BYTES:
            continue
        try:
            names = yaml.safe_load((root / file.path).read_bytes())["names"]
            pairs = names.items() if isinstance(names, dict) else enumerate(names)
            return {int(number): str(name) for number, name in pairs}
        except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError, RecursionError):
            continue
    return {}


def _yolo_lines(
    root: Path, file: FoundFile
) -> Iterable[tuple[int, tuple[float, float, float, float]]]:
    """Number of the class, and left, top, right and bottom edge."""
    if file.size > _LABEL_BYTES:
        return
    try:
        text = (root / file.path).read_text("utf-8")
    except (OSError, ValueError):
        return
    for line in text.splitlines():
        try:
            number, *places = (float(word) for word in line.split())
        except ValueError:
            continue
        if not number.is_integer() or number < 0 or not all(map(math.isfinite, places)):
            continue
        if len(places) == _YOLO_FIELDS - 1:
            x, y, width, height = places
            yield int(number), (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        elif len(places) > _YOLO_FIELDS and len(places) % 2 == 0:  # an outline
            xs, ys = places[::2], places[1::2]
            yield int(number), (min(xs), min(ys), max(xs), max(ys))


def _read_coco(root: Path, files: list[FoundFile], images: list[FoundFile]) -> Album | None:
    by_name: dict[str, list[str]] = defaultdict(list)
    for image in images:
        by_name[image.path.name].append(image.path.as_posix())
    pictures: dict[str, Picture] = {}
    names: dict[int, str] = {}
    for file in files:
        if file.path.suffix != ".json" or file.size > _COCO_BYTES:
            continue
        try:
            said = json.loads((root / file.path).read_bytes())
            _take_coco(said, _split_of(file.path), by_name, pictures, names)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue  # another kind of file
    if not pictures:
        return None
    rest = [
        Picture(i.path.as_posix(), None, _split_of(i.path))
        for i in images
        if i.path.as_posix() not in pictures
    ]
    ordered = _ordered([*pictures.values(), *rest])
    return Album(root, ordered, [names[n] for n in sorted(names)], has_boxes=True)


def _take_coco(
    said: dict[str, Any],
    split: str | None,
    by_name: dict[str, list[str]],
    pictures: dict[str, Picture],
    names: dict[int, str],
) -> None:
    """Add what one file of annotations says."""
    classes = {int(one["id"]): str(one["name"]) for one in said["categories"]}
    boxes: dict[int, list[tuple[str, list[float]]]] = defaultdict(list)
    for one in said["annotations"]:
        corners = [float(number) for number in one["bbox"]]
        if len(corners) == _YOLO_FIELDS - 1 and all(map(math.isfinite, corners)):
            boxes[int(one["image_id"])].append((classes[int(one["category_id"])], corners))
    for image in said["images"]:
        path = _place_of(str(image["file_name"]), split, by_name)
        width, height = float(image["width"]), float(image["height"])
        if path is None or not (width > 0 and height > 0):
            continue
        drawn = tuple(
            _box(label, x / width, y / height, (x + w) / width, (y + h) / height)
            for label, (x, y, w, h) in boxes[int(image["id"])][:MAX_BOXES]
        )
        pictures[path] = Picture(path, None, split or _split_of(Path(path)), drawn)
    names |= classes


def _place_of(name: str, split: str | None, by_name: dict[str, list[str]]) -> str | None:
    """The image that annotations mean by a name, which may be told from any folder."""
    found = by_name.get(PurePosixPath(name).name, [])
    ends = [p for p in found if p.endswith(name)] or found
    own = [p for p in ends if _split_of(Path(p)) == split]
    return next(iter(own or ends), None)


def _box(label: str, left: float, top: float, right: float, bottom: float) -> Box:
    left, right = (min(1.0, max(0.0, x)) for x in (left, right))
    top, bottom = (min(1.0, max(0.0, y)) for y in (top, bottom))
    return Box(label, left, top, max(0.0, right - left), max(0.0, bottom - top))


def _split_of(path: Path) -> str | None:
    """The split that a folder on the way names, or the name of a file of annotations does."""
    words = [*path.parts[:-1], *path.stem.replace("-", "_").split("_")]
    for word in words:
        if (split := split_named(word.rstrip("0123456789"))) is not None:
            return split
    return None


def _ordered(pictures: list[Picture]) -> list[Picture]:
    return mixed(sorted(pictures, key=lambda p: natural_key(p.path)))
