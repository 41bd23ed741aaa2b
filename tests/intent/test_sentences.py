"""Labelled sentences: every field exact, and nothing invented. What is read may not fall."""

from __future__ import annotations

import pytest
from evals.intent import UNREAD, Verdict, exact_share, judge, load, table

from trainwright import intent
from trainwright.spec import ParseResult


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return judge(load(), intent.parse)


def test_there_are_enough_labelled_sentences_and_none_twice(verdicts: list[Verdict]) -> None:
    assert len(verdicts) >= 400
    assert len({v.sentence.text for v in verdicts}) > 0.99 * len(verdicts)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("status", "floor"),
    [("complete", 0.98), ("needs_clarification", 0.98), ("not_a_training_request", 0.98)],
)
def test_sentences_are_read_exactly(
    verdicts: list[Verdict], language: str, status: str, floor: float
) -> None:
    chosen = [v for v in verdicts if v.sentence.language == language]
    misread = [str(v) for v in chosen if v.sentence.status == status and not v.exact]
    assert exact_share(chosen, status) >= floor, "\n".join(misread)


def test_no_value_is_wrong_or_invented_in_silence(verdicts: list[Verdict]) -> None:
    silent = [str(v) for v in verdicts if v.silent]
    assert len(silent) <= 0.005 * len(verdicts), "\n".join(silent)


def test_what_unseen_sentences_get_does_not_fall() -> None:
    unseen = judge(load(*sorted(UNREAD.glob("*.jsonl"))), intent.parse)
    assert len(unseen) >= 150
    assert exact_share(unseen) >= 0.8


def test_a_reader_that_invents_is_told_apart_from_one_that_asks() -> None:
    (sentence,) = [s for s in load() if s.text == "train on mnist"]

    def invents(_: str) -> ParseResult:
        read = intent.parse(sentence.text)
        return read.model_copy(update={"intent": read.intent | {"epochs": 7}})

    (asked,) = judge([sentence], lambda _: intent.parse("train"))
    (invented,) = judge([sentence], invents)
    assert (asked.silent, asked.asked_instead) == (False, {"task", "dataset"})
    assert (invented.silent, invented.invented, invented.exact) == (True, {"epochs"}, False)
    assert any("| epochs | 0 | 0 | 1 |" in line for line in table([invented]))
