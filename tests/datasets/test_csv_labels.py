"""Flat folders with a label file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainwright.datasets.checks import check
from trainwright.datasets.formats.csv_labels import LabelTable, read_labels
from trainwright.datasets.formats.image_folder import scan
from trainwright.settings import Home
from trainwright.spec import RunSpec


def put(root: Path, *names: str) -> None:
    for shade, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), shade).save(root / name)


def pairs(root: Path) -> dict[str, str]:
    folder = scan(root)
    return {s.path.as_posix(): folder.class_names[s.label] for s in folder.samples}


@pytest.mark.parametrize(
    "text",
    [
        "image,label\na.png,cat\nb.png,dog\n",
        "\ufefflabel;filename\r\ncat;a.png\r\ndog;./b.png\r\n\r\n",
        'id\tClass\tFile\n1\tcat\t"a.png"\n2\tdog\tb.png\n',
    ],
)
def test_columns_are_found_by_their_heading(tmp_path: Path, text: str) -> None:
    put(tmp_path, "a.png", "b.png")
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8", newline="")
    assert pairs(tmp_path) == {"a.png": "cat", "b.png": "dog"}
    assert scan(tmp_path).skipped == []
    assert scan(tmp_path).labels_file == Path("labels.csv")


def test_images_may_lie_in_one_folder_and_be_named_bare(tmp_path: Path) -> None:
    put(tmp_path, "images/a.png", "images/b.png")
    (tmp_path / "labels.csv").write_text("image,label\nimages/a.png,cat\nb.png,dog\n")
    assert pairs(tmp_path) == {"images/a.png": "cat", "images/b.png": "dog"}


def test_flat_train_and_test_folders_with_a_train_csv(tmp_path: Path) -> None:
    put(tmp_path, "train/1.png", "train/2.png", "train/3.png", "test/1.png", "test/4.png")
    (tmp_path / "train.csv").write_text("id,breed\n1,pug\n2,boxer\n3,pug\n")
    (tmp_path / "sample_submission.csv").write_text("id,pug,boxer\n4,0.5,0.5\n")
    assert pairs(tmp_path) == {"train/1.png": "pug", "train/2.png": "boxer", "train/3.png": "pug"}
    assert [(s.path.as_posix(), s.code) for s in scan(tmp_path).skipped] == [
        ("sample_submission.csv", "not_an_image"),
        ("test/1.png", "not_listed"),
        ("test/4.png", "not_listed"),
    ]


def test_folders_of_images_are_known_by_their_endings_too(tmp_path: Path) -> None:
    put(tmp_path, "train_images/a.jpg", "train_images/b.jpg", "test_images/c.jpg")
    (tmp_path / "train.csv").write_text("image_id,label\na.jpg,0\nb.jpg,3\n")
    assert pairs(tmp_path) == {"train_images/a.jpg": "0", "train_images/b.jpg": "3"}


def test_a_name_without_its_ending_is_never_two_files(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "a.jpg", "b.png", "b.png.jpg", "c.png")
    (tmp_path / "labels.csv").write_text("image,label\na,x\nb.png,y\nc,x\n")
    assert pairs(tmp_path) == {"b.png": "y", "c.png": "x"}


def test_class_folders_called_like_splits_need_no_table(tmp_path: Path) -> None:
    put(tmp_path, "train/x/1.png", "train/y/2.png", "test/x/3.png")
    (tmp_path / "train.csv").write_text("image,label\n1.png,a\n2.png,b\n3.png,b\n")
    assert scan(tmp_path).class_names == ["x", "y"]


def test_splits(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png", "c.png")
    (tmp_path / "labels.csv").write_text(
        "image,label,split\na.png,x,test\nb.png,y,Train\nc.png,x,train\n"
    )
    folder = scan(tmp_path)
    assert [(s.path.name, s.split) for s in folder.samples] == [
        ("c.png", "train"),
        ("b.png", "train"),
        ("a.png", "test"),
    ]


def test_everything_else_is_left_out_with_the_reason(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png", "extra.png")
    (tmp_path / "notes.txt").write_text("words")
    (tmp_path / "labels.csv").write_text(
        "image,label\na.png,cat\nb.png,dog\na.png,dog\ngone.png,cat\n,cat\nb.png\n"
        "../../../etc/hostname,cat\n/etc/hostname,cat\nnotes.txt,cat\n"
    )
    folder = scan(tmp_path)
    assert pairs(tmp_path) == {"a.png": "cat", "b.png": "dog"}
    assert sorted((s.path.as_posix(), s.code) for s in folder.skipped) == [
        ("../../../etc/hostname", "file_missing"),
        ("/etc/hostname", "file_missing"),
        ("extra.png", "not_listed"),
        ("gone.png", "file_missing"),
        ("labels.csv", "bad_line"),
        ("labels.csv", "bad_line"),
        ("labels.csv", "listed_twice"),
        ("notes.txt", "not_an_image"),
    ]


def test_class_folders_go_before_a_label_file(tmp_path: Path) -> None:
    put(tmp_path, "x/a.png", "y/b.png")
    (tmp_path / "labels.csv").write_text("image,label\nx/a.png,cat\n")
    folder = scan(tmp_path)
    assert folder.class_names == ["x", "y"]
    assert [s.path.name for s in folder.skipped] == ["labels.csv"]


def test_a_table_of_something_else_is_a_stray_file(tmp_path: Path) -> None:
    put(tmp_path, "x/a.png")
    (tmp_path / "labels.csv").write_text("date,price\n1,2\n")
    assert [s.code for s in scan(tmp_path).skipped] == ["not_an_image"]


def test_a_check_reports_it(tmp_path: Path) -> None:
    put(tmp_path / "data", *(f"{i}.png" for i in range(12)))
    lines = [f"{i}.png,{'cat' if i % 2 else 'dog'}" for i in range(12)]
    (tmp_path / "data" / "labels.csv").write_text("\n".join(["image,label", *lines, "no.png,dog"]))
    spec = RunSpec(model="builtin/lenet5", task="image_classification")
    report = check(str(tmp_path / "data"), spec, home=Home(tmp_path / "home"))
    assert report.kind == "csv_labels"
    assert report.class_counts == {"cat": 6, "dog": 6}
    assert [f.code for f in report.findings] == ["labels_differ"]


@given(st.text(max_size=80) | st.text("image,label\n\"';\0", max_size=80))
def test_any_text_is_read_or_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.csv").write_bytes(("image,label\n" + text).encode(errors="surrogatepass"))
    table = read_labels(tmp_path, ["labels.csv"])
    if isinstance(table, LabelTable):
        assert all(row.name and row.class_name for row in table.rows.values())
    else:
        assert table is None or table.code == "labels_unreadable"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_spreadsheets_write_other_encodings(tmp_path: Path, encoding: str) -> None:
    put(tmp_path, "a.png", "b.png")
    text = "image\tlabel\r\na.png\t고양이\r\nb.png\t개\r\n"
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    assert scan(tmp_path).counts() == {"개": 1, "고양이": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("image,label\na.png,고양이\n".encode("cp949"), "not UTF-8"),
        (b"image,label\na.png," + b"x" * 200_000, "not a table"),
    ],
)
def test_a_label_file_that_cannot_be_read_is_never_guessed_at(
    tmp_path: Path, content: bytes, said: str
) -> None:
    put(tmp_path / "data", "images/a.png", "images/b.png")
    (tmp_path / "data" / "labels.csv").write_bytes(content)
    spec = RunSpec(model="builtin/lenet5", task="image_classification")
    report = check(str(tmp_path / "data"), spec, home=Home(tmp_path / "home"))
    assert report.fatal
    assert "labels.csv" in report.findings[0].message
    assert said in report.findings[0].message
    assert "label file" in (report.findings[0].mend or "")


def test_class_names_of_thousands_of_digits_are_sorted_too(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    (tmp_path / "labels.csv").write_text(f"image,label\na.png,{'9' * 5000}\nb.png,07\n")
    assert [len(name) for name in scan(tmp_path).class_names] == [2, 5000]
