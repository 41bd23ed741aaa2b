"""Checking datasets before compute is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from trainwright import catalog
from trainwright.datasets.checks import Report, check
from trainwright.settings import Home
from trainwright.spec import DataError, DatasetRef, RunSpec
from trainwright.testing.images import make_messy_folder

SPEC = RunSpec(model="builtin/lenet5", task="image_classification")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def fill(folder: Path, count: int, *, shade: int = 0, side: int = 4) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        Image.new("L", (side, side), (shade + index) % 256).save(folder / f"{index}.png")


def two_classes(root: Path) -> Path:
    fill(root / "cat", 6)
    fill(root / "dog", 6, shade=100)
    return root


def severities(report: Report) -> dict[str, str]:
    return {f.code: f.severity for f in report.findings}


def test_a_clean_folder_has_nothing_to_say(tmp_path: Path, home: Home) -> None:
    report = check(str(two_classes(tmp_path / "data")), SPEC, home=home)
    assert not report.fatal
    assert report.findings == []
    assert report.samples == {"all": 12}
    assert report.class_names == ["cat", "dog"]
    assert report.class_counts == {"cat": 6, "dog": 6}
    assert report.fingerprint
    report.raise_if_fatal()


def test_messy_folder_trains_and_says_what_is_left_out(tmp_path: Path, home: Home) -> None:
    made = make_messy_folder(tmp_path / "messy")
    report = check(str(made.root), SPEC, home=home)
    assert not report.fatal
    assert severities(report) == {
        "tiny_class": "warning",
        "imbalance": "warning",
        "unreadable": "warning",
        "stray_files": "info",
        "mixed_sizes": "info",
        "mixed_modes": "info",
    }
    assert {item.path: item.code for item in report.left_out} == made.left_out
    text = report.render()
    assert all(path in text for path in ("README.txt", "circle/truncated.jpg"))
    assert "étoile" in text


@pytest.mark.parametrize(("brightest", "warned"), [(4_095, True), (16_383, True), (16_384, False)])
def test_sixteen_bits_of_which_few_are_used(
    tmp_path: Path, home: Home, brightest: int, warned: bool
) -> None:
    root = two_classes(tmp_path / "data")
    for name, value in (("cat/deep.png", 7), ("dog/deep.png", brightest)):
        Image.new("I;16", (4, 4), value).save(root / name)
    for _ in ("decoded", "from the cache"):
        found = {f.code: f for f in check(str(root), SPEC, home=home).findings}
        assert ("unused_range" in found) is warned
        if warned:
            assert f"{brightest:,} of 65,535" in found["unused_range"].message
            assert found["unused_range"].count == 2


def test_a_report_survives_json(tmp_path: Path, home: Home) -> None:
    report = check(str(make_messy_folder(tmp_path / "messy").root), SPEC, home=home)
    text = report.model_dump_json()
    assert json.loads(text)["fatal"] is False
    assert Report.model_validate_json(text) == report


def test_missing_folder(tmp_path: Path, home: Home) -> None:
    two_classes(tmp_path / "photos")
    report = check(str(tmp_path / "fotos"), SPEC, home=home)
    assert severities(report) == {"folder_missing": "error"}
    with pytest.raises(DataError) as error:
        report.raise_if_fatal()
    assert error.value.exit_code == 2
    assert error.value.mend == f"use {tmp_path / 'photos'}"
    assert error.value.faults[0].code == "folder_missing"


@pytest.mark.parametrize("path", ["$SCRATCH/x", "${SCRATCH}/x", "%SCRATCH%/x"])
def test_variables_of_a_shell_are_not_filled_in(
    path: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRATCH", "a secret")
    report = check(path, SPEC, home=home)
    assert severities(report) == {"folder_missing": "error"}
    with pytest.raises(DataError) as error:
        report.raise_if_fatal()
    assert "variables of a shell are not filled in" in (error.value.mend or "")
    assert "a secret" not in report.model_dump_json()


def test_a_file_where_a_folder_is_needed(tmp_path: Path, home: Home) -> None:
    (tmp_path / "data.zip").write_bytes(b"x")
    report = check(str(tmp_path / "data.zip"), SPEC, home=home)
    assert severities(report) == {"not_a_folder": "error"}


def test_empty_folder(tmp_path: Path, home: Home) -> None:
    (tmp_path / "data").mkdir()
    assert severities(check(str(tmp_path / "data"), SPEC, home=home)) == {"no_images": "error"}


def test_images_without_class_folders(tmp_path: Path, home: Home) -> None:
    fill(tmp_path / "data", 3)
    report = check(str(tmp_path / "data"), SPEC, home=home)
    assert severities(report) == {"no_images": "error", "stray_files": "info"}
    assert "nothing says their classes" in report.render()


def test_splits_without_class_folders(tmp_path: Path, home: Home) -> None:
    fill(tmp_path / "data" / "train", 6)
    fill(tmp_path / "data" / "test", 6, shade=50)
    report = check(str(tmp_path / "data"), SPEC, home=home)
    assert severities(report)["splits_without_classes"] == "error"


def test_one_class_is_too_few(tmp_path: Path, home: Home) -> None:
    fill(tmp_path / "data" / "cat", 6)
    assert severities(check(str(tmp_path / "data"), SPEC, home=home)) == {"single_class": "error"}


def test_empty_class_is_an_error_with_its_name(tmp_path: Path, home: Home) -> None:
    root = two_classes(tmp_path / "data")
    (root / "bird").mkdir()
    (root / "bird" / "1.png").write_text("no image")
    report = check(str(root), SPEC, home=home)
    assert severities(report) == {"empty_class": "error", "unreadable": "warning"}
    assert report.findings[0].examples == ["bird"]
    with pytest.raises(DataError, match="'bird'"):
        report.raise_if_fatal()


def test_a_class_only_in_the_test_split_is_empty(tmp_path: Path, home: Home) -> None:
    root = two_classes(tmp_path / "data" / "train").parent
    fill(root / "test" / "cat", 2, shade=30)
    fill(root / "test" / "bird", 2, shade=60)
    report = check(str(root), SPEC, home=home)
    assert severities(report) == {"empty_class": "error", "class_not_measured": "warning"}
    assert report.samples == {"train": 12, "test": 4}


def test_copies_between_splits_are_a_leak(tmp_path: Path, home: Home) -> None:
    root = two_classes(tmp_path / "data" / "train").parent
    fill(root / "val" / "cat", 2)
    fill(root / "val" / "dog", 2, shade=200)
    report = check(str(root), SPEC, home=home)
    assert severities(report) == {"leak": "warning"}
    assert report.findings[0].count == 2


def test_one_image_in_two_classes(tmp_path: Path, home: Home) -> None:
    root = tmp_path / "data"
    fill(root / "cat", 6)
    fill(root / "dog", 6, shade=5)
    report = check(str(root), SPEC, home=home)
    assert severities(report) == {"contradicting_labels": "warning"}
    assert report.findings[0].examples == ["cat/5.png = dog/0.png"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"num_classes": 3}, "num_classes_differ"),
        ({"class_names": ["cat", "bird"]}, "class_names_differ"),
        ({"class_names": ["dog", "cat"]}, "class_names_differ"),
    ],
)
def test_the_spec_may_not_contradict_the_data(
    tmp_path: Path, home: Home, said: dict[str, object], code: str
) -> None:
    root = two_classes(tmp_path / "data")
    assert severities(check(str(root), SPEC.replace(**said), home=home)) == {code: "error"}


def test_what_the_spec_says_rightly_is_fine(tmp_path: Path, home: Home) -> None:
    spec = SPEC.replace(num_classes=2, class_names=["cat", "dog"])
    assert check(str(two_classes(tmp_path / "data")), spec, home=home).findings == []


def test_bundled_dataset_is_fine(home: Home) -> None:
    report = check("digits", SPEC, home=home)
    assert report.findings == []
    assert len(report.class_names) == 10


@pytest.mark.parametrize("name", ["digits", "mnist", "fashion_mnist", "cifar10"])
def test_a_sample_dataset_is_known_by_its_files(home: Home, name: str) -> None:
    found = check(name, SPEC, home=home).fingerprint
    assert found == catalog.dataset(name).sha256
    assert found
    assert check(name, SPEC.replace(seed=8, epochs=3), home=home).fingerprint == found


def test_files_of_ones_own_are_known_by_their_listing(home: Home, tmp_path: Path) -> None:
    spec = SPEC.replace(dataset="mnist", overrides={"data_dir": str(tmp_path)})
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"one")
    first = check("mnist", spec, home=home).fingerprint
    assert first == check("mnist", spec, home=home).fingerprint
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"another")
    second = check("mnist", spec, home=home).fingerprint
    assert len({first, second, catalog.dataset("mnist").sha256}) == 3


def test_what_is_made_up_is_known_by_what_it_is_made_from(home: Home) -> None:
    def known(**changes: object) -> str | None:
        return check("random", SPEC.replace(**changes), home=home).fingerprint

    made = known(seed=1, overrides={"samples": 50})
    assert made == known(seed=1, overrides={"samples": 50}, epochs=9)
    assert len({made, known(seed=2, overrides={"samples": 50}), known(seed=1)}) == 3
    assert known(seed=None) is None, "nobody can tell yet"


def test_spec_against_a_catalogue_dataset(home: Home) -> None:
    report = check("digits", SPEC.replace(num_classes=7), home=home)
    assert severities(report) == {"num_classes_differ": "error"}


def test_generated_data_has_as_many_classes_as_asked_for(home: Home) -> None:
    spec = SPEC.replace(num_classes=4, overrides={"classes": 4})
    assert check("random", spec, home=home).findings == []


def test_a_download_is_announced(home: Home) -> None:
    assert severities(check("mnist", SPEC, home=home)) == {"download_needed": "warning"}


def test_downloaded_already(home: Home) -> None:
    (home.datasets / "mnist").mkdir(parents=True)
    (home.datasets / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"x")
    assert severities(check("mnist", SPEC, home=home)) == {"cached": "info"}


@pytest.mark.parametrize(("there", "found"), [(True, "data_dir"), (False, "folder_missing")])
def test_original_files_elsewhere(tmp_path: Path, home: Home, there: bool, found: str) -> None:
    folder = tmp_path / "mnist"
    if there:
        folder.mkdir()
    spec = SPEC.replace(overrides={"data_dir": str(folder)})
    assert list(severities(check("mnist", spec, home=home))) == [found]


def test_unknown_name_has_neighbours(home: Home) -> None:
    report = check("mnits", SPEC, home=home)
    assert severities(report) == {"unknown_dataset": "error"}
    assert "mnist" in report.findings[0].message


@pytest.mark.parametrize("ref", ["s3://bucket/photos", "hf://org/photos"])
def test_remote_data_is_not_looked_at(home: Home, ref: str) -> None:
    report = check(DatasetRef.parse(ref), SPEC, home=home)
    assert severities(report) == {"not_checked": "warning"}


def test_a_missing_path_is_an_error_for_every_task(tmp_path: Path, home: Home) -> None:
    spec = RunSpec(model="trl/org/model", task="sft")
    report = check(str(tmp_path / "none.jsonl"), spec, home=home)
    assert severities(report) == {"folder_missing": "error"}
    (tmp_path / "some.jsonl").write_text("{}")
    report = check(str(tmp_path / "some.jsonl"), spec, home=home)
    assert severities(report) == {"not_checked": "warning"}


def test_the_cache_is_in_the_home_and_never_in_the_data(tmp_path: Path, home: Home) -> None:
    root = two_classes(tmp_path / "data")
    before = sorted(root.rglob("*"))
    check(str(root), SPEC, home=home)
    assert sorted(root.rglob("*")) == before
    assert list(home.cache.iterdir())


def test_where_nothing_can_be_read_the_first_files_are_named_with_the_reason(
    tmp_path: Path, home: Home
) -> None:
    for number in range(5):
        path = tmp_path / "data" / "cat" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no image")
    [finding] = [
        f for f in check(str(tmp_path / "data"), SPEC, home=home).findings if f.severity == "error"
    ]
    assert finding.message.count("cat/") == 3
    assert "cat/0.png: " in finding.message
    assert "and 2 more" in finding.message
    assert "convert" in (finding.mend or "")
