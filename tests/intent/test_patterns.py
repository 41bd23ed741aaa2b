"""Patterns that are passed over where they cannot be found: never where they could."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator

import pytest
from evals.intent import load as load_sentences
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trainwright import intent
from trainwright.intent.rules import vocabulary
from trainwright.intent.rules.patterns import FirstOf, Pattern, marks


def words(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from words(value)
    elif isinstance(node, list):
        for value in node:
            yield from [value] if isinstance(value, str) else words(value)


assert intent  # with it, its rules
RULES = [one for one in gc.get_objects() if isinstance(one, Pattern)]
KINDS = ("answers", "choices", "requests", "settings", "tasks", "topics")
WORDS = [word for kind in KINDS for word in words(vocabulary.load(kind))]


@pytest.mark.parametrize(
    ("source", "known"),
    [
        (r"adam[\s-]?w", {"adam"}),
        (r"(?:no|without)\s+augment(?:ation)?", {"augment"}),
        (r"(?:linear|선형)\s?(?:감쇠|decay)", {"linear", "선형"}),
        (r"epochs?(?!\s?of)|에폭", {"epoch", "에폭"}),
        (r"(?<=batch\s)size", {"size"}),
        (r"ho{0,2}urs{2}", {"ur"}),
        (r"x*\d+", set()),
        (r"(?:a|b?)c*", set()),
        (r"one|\d", set()),
        (r"\(ssh\)", {"ssh"}),
        (r"\.{1,2}/?", {"."}),
        (r"\.?\s", set()),
        (r"(?:last|best)\s+epochs", {"last", "best"}),
        (r"[(|)]ab\ue000c", {"ab"}),
    ],
)
def test_marks_are_what_every_match_holds(source: str, known: set[str]) -> None:
    assert set(marks(source)) == known


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(WORDS), st.data())
def test_whatever_a_word_fits_holds_one_of_its_marks(word: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(word))
    assume(re.search(word, text))
    assert Pattern(word).search(text)


def test_no_sentence_is_passed_over_that_holds_a_word() -> None:
    texts = [sentence.text.lower() for sentence in load_sentences()[::4]]
    for word in WORDS:
        fits = Pattern(word).fits
        passed = " \ue000 ".join(text for text in texts if not fits(text))
        assert re.search(word, passed) is None


def test_no_pattern_of_the_rules_passes_over_a_sentence_it_fits() -> None:
    texts = [sentence.text for sentence in load_sentences()[::9]]
    texts += [text.lower() for text in texts]
    for pattern in RULES:
        compiled = re.compile(pattern.source, pattern.flags)
        missed = [text for text in texts if not pattern.fits(text) and compiled.search(text)]
        assert not missed, pattern.source


def test_case_may_be_ignored() -> None:
    assert Pattern("epoch", re.IGNORECASE).search("5 EPOCHS")
    assert Pattern("(?i)Epoch").search("5 EPOCHS")
    assert Pattern(r"(?i)\d+b|chat").search("7B")
    assert not Pattern("epoch", re.IGNORECASE).fits("5 STEPS")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "ab", "b+", "ba", "c?a", "(?<=a)b", "cc"]), max_size=5),
    st.text("abc ", max_size=20),
)
def test_patterns_are_read_as_one_alternation(sources: list[str], text: str) -> None:
    together = re.compile("|".join(sources) or r"(?!)")
    found = [match.span() for match in FirstOf(map(Pattern, sources)).finditer(text)]
    assert found == [match.span() for match in together.finditer(text)]
