"""The rules one by one, where a mistake would hide inside a whole sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.intent.rules import numbers, places, settings

DIGITS = "영일이삼사오육칠팔구"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("two hundred and fifty-six", "256"),
        ("a dozen epochs", "12 epochs"),
        ("one billion", "1000000000"),
        ("백 에폭", "100 에폭"),
        ("배치 이백오십육", "배치 256"),
        ("만 스텝", "10000 스텝"),
        ("3만 스텝", "30000 스텝"),
        ("스물다섯 번", "25 번"),
        ("천분의 일", "0.001"),
        ("100k steps", "100000 steps"),
        ("1,024", "1024"),
        ("10^-4", "1e-4"),
        ("3 x 10^-4", "3e-4"),
        ("1/4", "0.25"),
        ("고양이 강아지 구분", "고양이 강아지 구분"),
        ("이번 학습", "이번 학습"),
        ("someone", "someone"),
    ],
)
def test_numbers_in_words(text: str, digits: str) -> None:
    assert numbers.to_digits(text) == digits


@given(st.integers(1, 99_999_999))
def test_every_korean_number_is_read(value: int) -> None:
    assert numbers.korean(_korean(value)) == value


def _korean(value: int) -> str:
    high, low = divmod(value, 10_000)
    return (_below_myriad(high) + "만" if high else "") + _below_myriad(low)


def _below_myriad(value: int) -> str:
    word = ""
    for unit, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            word += DIGITS[digit] + name
    return word


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("./chat.jsonl로 학습", "./chat.jsonl"),
        ("/data/cars에서 학습", "/data/cars"),
        (r"D:\사진\꽃 폴더로", r"D:\사진\꽃"),
        (r"\\server\share\photos를", r"\\server\share\photos"),
        ("./도로 픽셀 단위", "./도로"),
        ("./사진으로 학습", "./사진"),
        ("(./flowers)을", "./flowers"),
        ("on ~/birds, please", "~/birds"),
        ("s3://bucket/key.", "s3://bucket/key"),
        ("use train.jsonl.", "train.jsonl"),
    ],
)
def test_paths_end_where_the_sentence_goes_on(text: str, path: str) -> None:
    assert [place.value for place in places.places(text)] == [path]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("batch size 64 epochs 5", {"batch_size": 64, "epochs": 5}),
        ("5 epochs 64 batch size", {"batch_size": 64, "epochs": 5}),
        ("on gpu 10 epochs", {"epochs": 10}),
        ("bs16 lr1e-3 20ep", {"batch_size": 16, "learning_rate": 1e-3, "epochs": 20}),
        ("warm up for 5% of steps", {"warmup": 0.05}),
        ("30 minutes", {"max_hours": 0.5}),
        ("640x480", {"image_size": [640, 480]}),
        ("adam at 0.01", {"learning_rate": 0.01}),
        ("from 0 to 9", {}),
        ("version 2.1", {}),
    ],
)
def test_numbers_go_to_the_setting_beside_them(text: str, found: dict[str, object]) -> None:
    assert {f.field: f.value for f in settings.read(text)} == found
