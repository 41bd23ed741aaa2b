"""What is taken out of words and values before strangers see them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.server.sharing.discretion import HIDDEN, Discretion
from trainwright.store.models import Run

HOME = Path("/home/kim lee/platform")


def discretion(**spec: object) -> Discretion:
    return Discretion(Run(spec=spec), HOME)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no such folder: /srv/data/cats", "no such folder: …/cats"),
        ("in '/srv/my data/cats', line 3", "in '…/cats', line 3"),
        ("(/a/b), /c/d; ~/x/y.pt and ~kim/z", "(…/b), …/d; …/y.pt and …/z"),
        (r"C:\Users\kim\x.txt, \\server\share\y", "…/x.txt, …/y"),
        ("file:///etc/passwd", "…/passwd"),
        ("path=/a/b:/c/d", "path=…/d"),
        ("train/val 1 / 2 and/or 학습/검증", "train/val 1 / 2 and/or 학습/검증"),
        ("https://host.example/a/b s3://bucket/key", "https://host.example/a/b s3://bucket/key"),
        (f"{HOME}/runs/r1/best.pt is gone", "…/platform/runs/r1/best.pt is gone"),
        ("builtin/lenet5 at 0.5/s", "builtin/lenet5 at 0.5/s"),
    ],
)
def test_places_are_told_by_their_last_part(said: str, told: str) -> None:
    assert discretion().text(said) == told


def test_places_that_settings_name_are_known_with_spaces_and_all() -> None:
    clean = discretion(dataset="/data/my cats", model="script/tools/train.py")
    assert clean.text("found /data/my cats/a b.jpg broken") == "found …/my cats/a b.jpg broken"
    assert clean.value("script/tools/train.py") == "script/…/train.py"
    assert clean.value("/data/my cats") == "…/my cats"


def test_secrets_and_the_environment_are_left_out_however_deep() -> None:
    told = discretion().value(
        {
            "hub_token": "a",
            "nested": [{"api_key": "b", "env": {"A": "c"}, "environment_variables": ["d"]}],
            "max_tokens": 5,
            "tokens": ["e"],
            "password": 1234,
            "tokenizer": "bpe",
            "note": "Bearer abcdefgh",
        }
    )
    assert told == {
        "hub_token": HIDDEN,
        "nested": [{"api_key": HIDDEN}],
        "max_tokens": 5,
        "tokens": HIDDEN,
        "password": HIDDEN,
        "tokenizer": "bpe",
        "note": "Bearer ***",
    }


@given(st.text(max_size=200))
def test_any_words_are_told_and_telling_them_again_changes_nothing(words: str) -> None:
    clean = discretion(dataset="/data/x")
    once = clean.text(words)
    assert clean.text(once) == once
