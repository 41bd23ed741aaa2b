import gzip
import zipfile
from pathlib import Path

import pytest

from trainwright.datasets.place import check_place


def test_a_folder_that_is_there_is_fine(tmp_path):
    assert check_place({"dataset": str(tmp_path)}) == []


@pytest.mark.parametrize("dataset", [None, 5, "", "digits", "hf://org/name", []])
def test_what_is_no_path_is_not_looked_at(dataset):
    assert check_place({"dataset": dataset}) == []
    assert check_place({}) == []


def test_a_missing_folder_is_told_with_those_like_it(tmp_path):
    (tmp_path / "photos").mkdir()
    (fault,) = check_place({"dataset": str(tmp_path / "photo")})
    assert (fault.field, fault.code) == ("dataset", "missing_folder")
    assert fault.suggestions[0] == str(tmp_path / "photos")
    (far,) = check_place({"dataset": str(tmp_path / "no" / "photo")})
    assert far.suggestions == []


def test_a_relative_path_means_nothing_to_the_platform():
    (fault,) = check_place({"dataset": "./photos"})
    assert fault.code == "relative_path"


def test_a_name_too_long_for_the_disk_is_left_to_whoever_reads_it(tmp_path):
    assert check_place({"dataset": f"{tmp_path}/{'x' * 5000}"}) == []


def test_an_archive_is_added_before_it_is_trained_on(tmp_path: Path) -> None:
    archive = tmp_path / "my photos.zip"
    zipfile.ZipFile(archive, "w").close()
    (fault,) = check_place({"dataset": str(archive)})
    assert fault.code == "archive"
    assert fault.mend == f"trainwright datasets add '{archive}'"
    (tmp_path / "rows.jsonl.gz").write_bytes(gzip.compress(b"{}"))
    assert check_place({"dataset": str(tmp_path / "rows.jsonl.gz")}) == []
