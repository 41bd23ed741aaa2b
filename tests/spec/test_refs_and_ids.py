from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.spec import DatasetKind, DatasetRef, ModelRef, nearest, new_id


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("digits", "name", "digits"),
        ("fashion_mnist", "name", "fashion_mnist"),
        ("./photos", "path", "./photos"),
        ("photos/cats", "path", "photos/cats"),
        ("~/photos", "path", "~/photos"),
        ("/data/my photos", "path", "/data/my photos"),
        (r"C:\photos", "path", r"C:\photos"),
        ("사진", "path", "사진"),
        ("file:///data/x", "path", "/data/x"),
        ("s3://bucket/key", "s3", "s3://bucket/key"),
        ("hf://org/name", "hf", "hf://org/name"),
        ("..", "path", ".."),
    ],
)
def test_dataset_refs(text: str, kind: str, value: str) -> None:
    ref = DatasetRef.parse(text)
    assert (ref.kind, ref.value) == (DatasetKind(kind), value)


@pytest.mark.parametrize("text", ["", "  ", "ftp://x/y", "http://x/y"])
def test_dataset_refs_that_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"needed|not understood"):
        DatasetRef.parse(text)


@pytest.mark.parametrize("text", ["", "lenet5", "/lenet5", "builtin/"])
def test_a_model_needs_framework_and_name(text: str) -> None:
    with pytest.raises(ValueError, match="expected <framework>/<model>"):
        ModelRef.parse(text)


def test_a_model_name_keeps_its_slashes() -> None:
    ref = ModelRef.parse("trl/Qwen/Qwen2.5-0.5B-Instruct")
    assert (ref.framework, ref.name) == ("trl", "Qwen/Qwen2.5-0.5B-Instruct")


def test_ids_are_unique_safe_and_sort_by_time() -> None:
    ids = {new_id() for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(re.fullmatch(r"[0-9a-z]{13}", i) for i in ids)
    first = new_id()
    time.sleep(1.05)
    assert new_id() > first


@given(st.text(), st.lists(st.text(min_size=1), max_size=5))
def test_nearest_answers_only_with_choices(word: str, choices: list[str]) -> None:
    assert set(nearest(word, choices)) <= set(choices)
