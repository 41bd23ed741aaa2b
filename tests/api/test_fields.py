import pytest

from trainwright.api.fields import (
    data_seen_from_here,
    folders_in,
    is_spec_path,
    nested,
    parse_value,
    read_spec_file,
    seen_from_here,
)
from trainwright.datasets.place import check_place
from trainwright.spec import InvalidRequestError, NotFoundError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spec.yaml", True),
        ("conf/a.yml", True),
        ("a.json", True),
        ("Train on photos", False),
        ("Train with the settings of base.yaml", False),
        ("resnet18", False),
        ("-", True),
    ],
)
def test_is_spec_path(text, expected):
    assert is_spec_path(text) is expected


def test_a_folder_to_be_measured_on_is_seen_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my photos").mkdir()
    for said in ("my photos", "./my photos", str(tmp_path / "my photos")):
        assert data_seen_from_here(said) == str(tmp_path / "my photos")
    for said in ("digits", "./nothing", "s3://bucket/key"):
        assert data_seen_from_here(said) == said


def test_relative_paths_are_seen_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    here = {
        "photos/cats": f"{tmp_path}/photos/cats",
        "./photos": f"{tmp_path}/photos",
        "~/photos": f"{tmp_path}/me/photos",
        "/data": "/data",
        "digits": "digits",
        "hf://org/name": "hf://org/name",
    }
    for said, seen in here.items():
        assert seen_from_here({"dataset": said}) == {"dataset": seen}
    assert seen_from_here({"model": "script/a.py"}) == {"model": f"script/{tmp_path}/a.py"}
    assert seen_from_here({"model": "script//b/a.py"}) == {"model": "script//b/a.py"}
    assert seen_from_here({"dataset": 5, "model": None}) == {"dataset": 5, "model": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e-3", 0.001),
        ("0.1", 0.1),
        ("true", True),
        ("digits", "digits"),
        ("[28, 28]", [28, 28]),
        ("null", None),
        ("a: b: c", "a: b: c"),
        ("", None),
    ],
)
def test_parse_value(text, value):
    assert parse_value(text) == value


def test_adapter_settings_of_a_sentence_are_put_where_a_spec_has_them():
    assert nested({"peft": "qlora", "r": 8, "epochs": 1}) == {
        "peft": {"method": "qlora", "r": 8},
        "epochs": 1,
    }
    assert nested({"epochs": 1}) == {"epochs": 1}


def test_folders_that_are_here_are_found_among_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("pets", "my-data", "사진"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes").write_text("")
    assert folders_in("train on pets, 사진 and notes.") == ["./pets", "./사진"]
    assert folders_in("my-data") == ["./my-data"]
    assert folders_in(".. / x" + "x" * 5000) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("model: builtin/lenet5\n".encode("utf-16"), "spec.yaml is not text in UTF-8"),
        (b"model: x\n\tepochs: 3\n", "spec.yaml: broken YAML at line 2"),
        (b"epochs: 1\nepochs: 2\n", "spec.yaml: broken YAML"),
        (b"", "spec.yaml: the spec is not a mapping"),
    ],
)
def test_a_file_that_is_no_spec_is_named(tmp_path, content, words):
    path = tmp_path / "spec.yaml"
    path.write_bytes(content)
    with pytest.raises(InvalidRequestError, match=words):
        read_spec_file(path)


def test_a_missing_file_is_told_with_one_like_it(tmp_path):
    (tmp_path / "digits.yaml").write_text("model: builtin/lenet5\n")
    with pytest.raises(NotFoundError, match=r"did you mean .*digits\.yaml\?"):
        read_spec_file(tmp_path / "digits.yml")
    with pytest.raises(NotFoundError, match=r"there is no file [^;]*$"):
        read_spec_file(tmp_path / "none" / "digits.yml")


def test_a_mark_of_utf_8_is_no_part_of_the_spec(tmp_path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"epochs": 3}')
    assert read_spec_file(tmp_path / "a.json") == {"epochs": 3}


def test_a_home_of_an_unknown_user_is_a_folder_that_does_not_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lost = seen_from_here({"dataset": "~no-such-user/x", "model": "script/~no-such-user/train.py"})
    assert lost["dataset"] == f"{tmp_path}/~no-such-user/x"
    assert [fault.code for fault in check_place(lost)] == ["missing_folder"]
    assert [fault.code for fault in check_place({"dataset": "~no-such-user/x"})] == [
        "relative_path"
    ]
