"""Folders, patterns and URLs a trained model is asked about."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trainwright.api.inputs import find_inputs


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for name in ("b/2.png", "b/10.jpg", "a/세모.PNG", "a/notes.txt", ".hidden.png", "1.webp"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (root / "empty").mkdir()
    return root


def test_a_folder_stands_for_its_images_in_natural_order(photos: Path) -> None:
    found = find_inputs([photos, "https://example.org/x.png", photos / "1.webp"])
    inside = [p.relative_to(photos).as_posix() for p in found.images[:4] if isinstance(p, Path)]
    assert inside == ["1.webp", "a/세모.PNG", "b/2.png", "b/10.jpg"]
    assert found.images[4:] == ["https://example.org/x.png", photos / "1.webp"]
    assert found.left_out == [photos / "a" / "notes.txt"]
    assert not found.faults


def test_a_pattern_stands_for_what_fits(photos: Path) -> None:
    found = find_inputs([f"{photos}/b/*", f"{photos}/**/*.PNG"])
    assert [Path(p).name for p in found.images] == ["2.png", "10.jpg", "세모.PNG"]


def test_a_file_that_looks_like_a_pattern_is_a_file(photos: Path) -> None:
    odd = photos / "[1].png"
    odd.write_bytes(b"x")
    assert find_inputs([odd]).images == [odd]


def test_what_holds_no_image_is_told_beside_the_others(photos: Path) -> None:
    found = find_inputs([photos / "empty", photos / "1.webp", f"{photos}/*.gif", "missing.png"])
    assert found.images == [photos / "1.webp", Path("missing.png")]
    assert [str(fault) for fault in found.faults] == [
        f"there is no image in the folder {photos / 'empty'}",
        f"nothing fits {photos}/*.gif",
    ]


def test_a_folder_is_looked_into_without_an_imaging_library(photos: Path) -> None:
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "from trainwright.api.inputs import find_inputs\n"
        f"print(len(find_inputs([{str(photos)!r}]).images))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "4"
