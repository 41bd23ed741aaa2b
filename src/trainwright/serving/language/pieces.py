"""From tokens to text, piece by piece, where a letter may be made of several tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_CUT = "\N{REPLACEMENT CHARACTER}"
_PATIENCE = 8
"""Tokens that are waited for to complete a letter: what is longer is none."""

_BEFORE = 8
"""Tokens of the text before that are looked at: how a word begins depends on them."""


class Pieces:
    """Text that grows with its tokens; what was told is never taken back.

    Args:
        decode: Tokens → text, without special tokens.
        before: Tokens of a text that this one goes on with; none for one that stands alone.
    """

    def __init__(self, decode: Callable[..., str | list[str]], before: Sequence[int] = ()) -> None:
        self._decode = decode
        self._ids = list(before[-_BEFORE:])
        self._told = len(self._ids)

    def add(self, token: int) -> str:
        """What is known to follow, empty while a letter is incomplete."""
        self._ids.append(token)
        return self._next(patience=_PATIENCE)

    def rest(self) -> str:
        """What is left at the end, complete or not."""
        return self._next(patience=0)

    def _next(self, patience: int) -> str:
        known, text = self._text(self._ids[: self._told]), self._text(self._ids)
        if len(self._ids) - self._told <= patience and text.endswith(_CUT):
            return ""
        # of the tokens that were told, the last ones alone bear upon the next
        self._ids = self._ids[self._told :] or self._ids
        self._told = len(self._ids)
        return text[len(known) :]

    def _text(self, ids: list[int]) -> str:
        return str(self._decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))
