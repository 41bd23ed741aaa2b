"""Scanning image folders."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from trainwright.datasets.formats.image_folder import ImageFolder, scan
from trainwright.datasets.formats.layout import FolderError
from trainwright.datasets.formats.tree import is_hidden, natural_key
from trainwright.testing.images import make_messy_folder


def put(path: Path, shade: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), shade).save(path)
    return path


def paths(folder: ImageFolder) -> list[str]:
    return [s.path.as_posix() for s in folder.samples]


def skipped(folder: ImageFolder) -> dict[str, str]:
    return {s.path.as_posix(): s.code for s in folder.skipped}


def test_messy_folder_is_read_as_made(tmp_path: Path) -> None:
    made = make_messy_folder(tmp_path / "messy", seed=1)
    folder = scan(made.root)
    assert folder.class_names == made.class_names
    assert folder.counts() == made.usable
    assert skipped(folder) == made.left_out
    assert all(s.reason for s in folder.skipped)
    assert sum(folder.pixels.values()) == sum(folder.modes.values()) == len(folder.samples)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first = make_messy_folder(tmp_path / "a", seed=3)
    second = make_messy_folder(tmp_path / "b", seed=3)
    assert [p.relative_to(first.root) for p in sorted(first.root.rglob("*"))] == [
        p.relative_to(second.root) for p in sorted(second.root.rglob("*"))
    ]
    assert scan(first.root).fingerprint == scan(second.root).fingerprint


def test_class_names_are_in_natural_order(tmp_path: Path) -> None:
    for name in ("10", "9", "class2", "Class10", "b", "A"):
        put(tmp_path / name / "x.png")
    assert scan(tmp_path).class_names == ["9", "10", "A", "b", "class2", "Class10"]


def test_splits_by_any_of_their_names(tmp_path: Path) -> None:
    for split in ("Train", "valid", "testing"):
        for name in ("cat", "dog"):
            put(tmp_path / split / name / "x.png")
    folder = scan(tmp_path)
    assert folder.splits == ["train", "val", "test"]
    assert folder.class_names == ["cat", "dog"]
    assert [(s.split, s.label) for s in folder.samples] == [
        ("train", 0), ("train", 1), ("val", 0), ("val", 1), ("test", 0), ("test", 1),
    ]  # fmt: skip


def test_what_lies_beside_splits_is_left_out(tmp_path: Path) -> None:
    put(tmp_path / "train" / "cat" / "x.png")
    put(tmp_path / "extra" / "cat" / "y.png")
    put(tmp_path / "train" / "loose.png")
    folder = scan(tmp_path)
    assert paths(folder) == ["train/cat/x.png"]
    assert skipped(folder) == {
        "extra/cat/y.png": "outside_splits",
        "train/loose.png": "no_class_folder",
    }


def test_a_class_may_be_called_test(tmp_path: Path) -> None:
    put(tmp_path / "test" / "x.png")
    put(tmp_path / "rest" / "x.png")
    folder = scan(tmp_path)
    assert folder.class_names == ["rest", "test"]
    assert folder.splits == []


def test_folders_inside_a_class_belong_to_it(tmp_path: Path) -> None:
    put(tmp_path / "cat" / "2024" / "may" / "x.png")
    put(tmp_path / "dog" / "x.png")
    folder = scan(tmp_path)
    assert folder.class_names == ["cat", "dog"]
    assert paths(folder) == ["cat/2024/may/x.png", "dog/x.png"]


@pytest.mark.parametrize("inner", ["", "train/"])
def test_one_more_folder_around_is_looked_into(tmp_path: Path, inner: str) -> None:
    for name in ("cat", "dog"):
        put(tmp_path / f"photos/set1/{inner}{name}/x.png")
    (tmp_path / "LICENSE").write_text("free")
    folder = scan(tmp_path)
    assert folder.base == Path("photos/set1")
    assert folder.class_names == ["cat", "dog"]
    assert paths(folder)[0] == f"photos/set1/{inner}cat/x.png"
    assert skipped(folder) == {"LICENSE": "not_an_image"}


def test_hidden_things_are_not_mentioned(tmp_path: Path) -> None:
    put(tmp_path / "cat" / "x.png")
    put(tmp_path / "__MACOSX" / "cat" / "x.png")
    put(tmp_path / ".git" / "y.png")
    (tmp_path / "cat" / ".DS_Store").write_bytes(b"x")
    folder = scan(tmp_path)
    assert folder.class_names == ["cat"]
    assert folder.skipped == []


def test_composed_and_decomposed_names_are_one_class(tmp_path: Path) -> None:
    for form, split in (("NFC", "train"), ("NFD", "val")):
        put(tmp_path / split / unicodedata.normalize(form, "café") / "x.png")
    assert scan(tmp_path).class_names == [unicodedata.normalize("NFC", "café")]


def test_links_may_not_lead_out(tmp_path: Path) -> None:
    secret = put(tmp_path / "outside" / "secret.png")
    root = tmp_path / "root"
    real = put(root / "cat" / "real.png")
    (root / "cat" / "inside.png").symlink_to(real)
    (root / "cat" / "out.png").symlink_to(secret)
    (root / "cat" / "me.png").symlink_to(root / "cat" / "me.png")
    (root / "dog").symlink_to(secret.parent)
    (root / "cat" / "up").symlink_to(root)
    folder = scan(root)
    assert paths(folder) == ["cat/inside.png", "cat/real.png"]
    codes = skipped(folder)
    assert codes["cat/out.png"] == codes["dog"] == "outside_root"
    assert codes["cat/up"] == "linked_folder"
    assert codes["cat/me.png"] == "broken_link"


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path / "real" / "cat" / "x.png")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert paths(scan(tmp_path / "link")) == ["cat/x.png"]


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    put(tmp_path / "cat" / "x.png")
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    assert skipped(scan(tmp_path)) == {"cat/pipe.png": "not_a_file"}


def test_names_that_are_not_text_are_shown_escaped(tmp_path: Path) -> None:
    put(tmp_path / "cat" / "x.png")
    os.close(os.open(os.fsencode(tmp_path) + b"/cat/\xff.png", os.O_CREAT | os.O_WRONLY))
    assert skipped(scan(tmp_path)) == {"cat/\\xff.png": "bad_name"}


def test_unsupported_formats_are_named(tmp_path: Path) -> None:
    put(tmp_path / "cat" / "x.png")
    (tmp_path / "cat" / "phone.HEIC").write_bytes(b"x")
    only = scan(tmp_path).skipped[0]
    assert only.code == "unsupported_format"
    assert "HEIC" in only.reason


def test_copies_are_noted(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1.png", 7)
    put(tmp_path / "b" / "2.png", 7)
    put(tmp_path / "b" / "3.png", 9)
    assert scan(tmp_path).duplicates == [[Path("a/1.png"), Path("b/2.png")]]


def test_empty_classes_keep_their_place(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1.png")
    (tmp_path / "b").mkdir()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "x.png").write_bytes(b"")
    folder = scan(tmp_path)
    assert folder.class_names == ["a", "b", "c"]
    assert folder.empty_classes == ["b", "c"]


def test_unverified_keeps_what_only_decoding_refuses(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "2.png").write_text("no image")
    assert paths(scan(tmp_path, verify=False)) == ["a/1.png", "a/2.png"]
    assert paths(scan(tmp_path)) == ["a/1.png"]


def test_fingerprint_follows_the_listing(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1.png")
    before = scan(tmp_path).fingerprint
    assert scan(tmp_path).fingerprint == before
    put(tmp_path / "a" / "2.png")
    assert scan(tmp_path).fingerprint != before


def test_cached_verdicts_stand_until_the_file_changes(tmp_path: Path) -> None:
    root, cache = tmp_path / "root", tmp_path / "cache"
    image = put(root / "a" / "1.png")
    first = scan(root, cache=cache)
    stamp = image.stat().st_mtime_ns
    size = image.stat().st_size
    # same size and time: the verdict of the cache is believed, so nothing is decoded
    image.write_bytes(b"x" * size)
    os.utime(image, ns=(stamp, stamp))
    assert scan(root, cache=cache).pixels == first.pixels
    os.utime(image, ns=(stamp, stamp + 1))
    assert skipped(scan(root, cache=cache)) == {"a/1.png": "unreadable"}


@pytest.mark.parametrize("content", ["{", "[]", '{"a/1.png": [3]}'])
def test_a_broken_cache_is_done_without(tmp_path: Path, content: str) -> None:
    root, cache = tmp_path / "root", tmp_path / "cache"
    put(root / "a" / "1.png")
    scan(root, cache=cache)
    for file in cache.iterdir():
        file.write_text(content)
    assert paths(scan(root, cache=cache)) == ["a/1.png"]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    image = put(tmp_path / "root" / "a" / "1.png")
    assert paths(scan(tmp_path / "root", cache=image / "cache")) == ["a/1.png"]


def test_missing_folder_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(FolderError) as error:
        scan(tmp_path / "fotos")
    assert error.value.reason == "folder_missing"
    assert str(tmp_path / "photos") in error.value.message


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FolderError) as error:
        scan(put(tmp_path / "x.png"))
    assert error.value.reason == "not_a_folder"


AS_NOBODY = """
import os, sys
from collections import Counter
from pathlib import Path
from PIL import Image
from trainwright.datasets.formats.image_folder import scan
Image.init()
scan(Path(sys.argv[1]))  # what is imported late may be out of reach for the other user
if os.geteuid() == 0:
    os.seteuid(65534)
for item in scan(Path(sys.argv[1])).skipped:
    print(item.path, item.code)
"""


def test_closed_things_are_left_out() -> None:
    # not below pytest's own folder, which is closed to the other user
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        put(root / "a" / "1.png").chmod(0)
        put(root / "a" / "2.png")
        put(root / "b" / "3.png").parent.chmod(0)
        root.chmod(0o755)
        # root may read everything, so this is done by a process that gives up its rights
        argv = [sys.executable, "-c", AS_NOBODY, folder]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        (root / "b").chmod(0o755)
    assert done.stdout.split() == ["a/1.png", "permission_denied", "b", "permission_denied"]


names = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))
trees = st.recursive(
    st.sampled_from(["png", "text", "empty", "link", "pipe"]),
    lambda inner: st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


def plant(path: Path, tree: object) -> None:
    if isinstance(tree, dict):
        path.mkdir(exist_ok=True)
        for name, inner in tree.items():
            plant(path / name, inner)
    elif path.exists() or path.is_symlink():
        return
    elif tree == "png":
        with path.with_name(path.name).open("wb") as file:
            Image.new("L", (2, 2)).save(file, "PNG")
    elif tree == "text":
        path.write_text("words")
    elif tree == "empty":
        path.touch()
    elif tree == "link":
        path.symlink_to("/etc/hostname")
    else:
        os.mkfifo(path)


@given(tree=st.dictionaries(names | st.sampled_from(["train", "val", "a.png"]), trees, max_size=5))
@settings(max_examples=60)
def test_every_visible_file_is_used_or_explained(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, object]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    plant(root, tree)
    folder = scan(root, workers=2)
    assert scan(root, workers=1) == folder
    visible = {
        p.relative_to(root)
        for p in root.rglob("*")
        if (p.is_symlink() or not p.is_dir()) and not any(map(is_hidden, p.relative_to(root).parts))
    }
    used, left = {s.path for s in folder.samples}, {s.path for s in folder.skipped}
    assert not used & left
    assert used | left == visible
    assert all(0 <= s.label < len(folder.class_names) for s in folder.samples)
    assert len(folder.skipped) == len(left)


@given(st.lists(names, unique=True))
def test_natural_order_is_total(words: list[str]) -> None:
    backwards = words[::-1]
    assert sorted(words, key=natural_key) == sorted(backwards, key=natural_key)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_the_median_side_is_that_of_the_sorted_shorter_sides(sides: list[int]) -> None:
    pixels = Counter((side, side + 3) for side in sides)
    folder = ImageFolder(Path(), Path(), None, [], [], [], [], dict(pixels), {}, "")
    assert folder.median_side == sorted(sides)[len(sides) // 2]
