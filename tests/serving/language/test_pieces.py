"""Text that grows token by token never shows half a letter, and loses none."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import ByteLevelBPETokenizer, SentencePieceBPETokenizer

from trainwright.serving.language.pieces import Pieces

CUT = "\N{REPLACEMENT CHARACTER}"


@pytest.fixture(scope="module")
def bytewise() -> ByteLevelBPETokenizer:
    """Knows hardly more than single bytes, so that every Korean letter is three tokens."""
    learnt = ByteLevelBPETokenizer()
    learnt.train_from_iterator(["ab"], vocab_size=257, show_progress=False)
    return learnt


def grow(decode: object, tokens: list[int], before: list[int] | None = None) -> list[str]:
    pieces = Pieces(decode, before or ())  # type: ignore[arg-type]
    return [*(pieces.add(token) for token in tokens), pieces.rest()]


def decoder(tokenizer: ByteLevelBPETokenizer) -> object:
    return lambda ids, **_: tokenizer.decode(ids)


@given(text=st.text(max_size=60))
@example("학습이 끝났습니다")
@example("👩🏽‍💻 ok 👍")
@example("e\u0301\u200bﬁ\t\n  x ")
def test_pieces_are_the_text(bytewise: ByteLevelBPETokenizer, text: str) -> None:
    tokens = bytewise.encode(text).ids
    told = grow(decoder(bytewise), tokens)
    assert "".join(told) == bytewise.decode(tokens)
    if CUT not in text:
        assert not any(CUT in piece for piece in told)


def test_korean_without_spaces_comes_letter_by_letter(bytewise: ByteLevelBPETokenizer) -> None:
    told = grow(decoder(bytewise), bytewise.encode("하늘은파란색").ids)
    assert [piece for piece in told if piece] == list("하늘은파란색")


@given(raw=st.binary(max_size=40))
def test_what_is_no_text_is_told_at_last(bytewise: ByteLevelBPETokenizer, raw: bytes) -> None:
    # the alphabet of a byte-level tokenizer stands for the bytes themselves
    known = {bytewise.encode(chr(n)).ids[0]: n for n in range(128)}
    spare = [n for n in range(bytewise.get_vocab_size()) if n not in known]
    tokens = [spare[byte % len(spare)] for byte in raw]
    told = "".join(grow(decoder(bytewise), tokens))
    assert len(told) > 0 or not tokens


def test_an_end_in_the_middle_of_a_letter_is_told(bytewise: ByteLevelBPETokenizer) -> None:
    tokens = bytewise.encode("가").ids[:-1]
    assert grow(decoder(bytewise), tokens) == ["", "", CUT]


def test_a_word_after_a_text_keeps_its_space() -> None:
    learnt = SentencePieceBPETokenizer()
    learnt.train_from_iterator(["once upon a time"] * 9, vocab_size=60, show_progress=False)
    decode = partial(lambda ids, **_: learnt.decode(ids))
    before, after = learnt.encode("once upon").ids, learnt.encode(" a time").ids
    assert "".join(grow(decode, after, before)) == " a time"
    assert "".join(grow(decode, after)) == "a time"
