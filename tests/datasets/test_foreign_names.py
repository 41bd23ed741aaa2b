"""What folders, files and splits are called is data, in any script and with anything in it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from trainwright.datasets.checks import Report, check
from trainwright.datasets.formats.image_folder import scan
from trainwright.settings import Home
from trainwright.spec import RunSpec

SPEC = RunSpec(model="builtin/lenet5", task="image_classification")


def fill(folder: Path, count: int = 6, *, suffix: str = ".png") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        shade = hash((folder, index)) % 2**24
        Image.new("RGB", (4, 4), f"#{shade:06x}").save(folder / f"{index}{suffix}", format="PNG")


def look(root: Path) -> Report:
    return check(str(root), SPEC, home=Home(root.parent / "home"))


@pytest.mark.parametrize(
    "splits", [("훈련", "검증", "시험"), ("학습", "검증", "테스트"), ("TRAIN", "Valid", "eval")]
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_splits_are_known_in_korean_and_as_macos_writes_it(
    tmp_path: Path, splits: tuple[str, ...], form: str
) -> None:
    for split in splits:
        for name in ("고양이", "개"):
            fill(tmp_path / unicodedata.normalize(form, split) / name, 2)  # type: ignore[arg-type]
    folder = scan(tmp_path)
    assert folder.splits == ["train", "val", "test"]
    assert folder.class_names == ["개", "고양이"]


def test_validation_and_test_without_training_images(tmp_path: Path) -> None:
    for split in ("val", "test"):
        for name in ("cat", "dog"):
            fill(tmp_path / "data" / split / name)
    found = look(tmp_path / "data").findings[0]
    assert (found.code, found.severity) == ("splits_without_classes", "error")
    assert found.message == "there is test and val, but no train folder"
    assert "train/" in (found.mend or "")


@pytest.mark.parametrize("twin", ["cat", "CAT ", "Ｃat"])
def test_names_that_look_alike_stay_classes_of_their_own_and_are_told(
    tmp_path: Path, twin: str
) -> None:
    for name in ("Cat", twin, "dog"):
        fill(tmp_path / "data" / name)
    report = look(tmp_path / "data")
    assert set(report.class_names) == {"Cat", twin, "dog"}
    assert [f.code for f in report.findings] == ["similar_names"]


def test_a_report_shows_names_escaped_and_keeps_them_as_they_are(tmp_path: Path) -> None:
    nasty = "\x1b[2Jcat\n\u202e"
    fill(tmp_path / "data" / nasty, 2)
    fill(tmp_path / "data" / "dog", 30)
    (tmp_path / "data" / nasty / "bad\x1b]0;x\x07.png").write_bytes(b"x")
    report = look(tmp_path / "data")
    assert nasty in report.class_names
    assert report.left_out[0].path == f"{nasty}/bad\x1b]0;x\x07.png"
    words = [report.render().replace("\n", " ")]
    words += [w for f in report.findings for w in (f.message, f.mend or "")]
    assert not any(c in word for word in words for c in "\x1b\x07\n\u202e")
    assert r"\x1b[2Jcat\n\u202e" in report.render()


def test_files_without_an_ending_are_refused_with_what_to_do(tmp_path: Path) -> None:
    fill(tmp_path / "data" / "cat", suffix="")
    fill(tmp_path / "data" / "dog", suffix="")
    report = look(tmp_path / "data")
    assert report.fatal
    assert "ending" in (report.findings[0].mend or "")


def test_pictures_of_a_kind_that_is_not_read_are_a_warning(tmp_path: Path) -> None:
    fill(tmp_path / "data" / "cat")
    fill(tmp_path / "data" / "dog")
    (tmp_path / "data" / "dog" / "photo.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    Image.new("F", (4, 4)).save(tmp_path / "data" / "dog" / "depth.tiff")
    [found] = look(tmp_path / "data").findings[:1]
    assert (found.code, found.severity, found.count) == ("unsupported_format", "warning", 2)


def test_links_that_are_not_followed_are_a_warning(tmp_path: Path) -> None:
    fill(tmp_path / "data" / "cat")
    fill(tmp_path / "data" / "dog")
    (tmp_path / "data" / "dog" / "a.png").symlink_to("nowhere.png")
    (tmp_path / "data" / "dog" / "b.png").symlink_to("b.png")
    report = look(tmp_path / "data")
    assert [(f.code, f.count) for f in report.findings] == [("links", 2)]
    assert {i.reason for i in report.left_out} == {
        "the link leads nowhere",
        "the link leads to itself",
    }
