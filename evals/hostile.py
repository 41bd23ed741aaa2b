"""Texts made to cost time: long runs of whatever the rules look for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

from trainwright.intent import rules
from trainwright.intent.rules.text import MAX_LENGTH

HOSTILE = [
    "a" * MAX_LENGTH,
    "ab " * (MAX_LENGTH // 6),
    "train " * (MAX_LENGTH // 6),
    "1" * MAX_LENGTH,
    "1e" * (MAX_LENGTH // 2),
    "./" * (MAX_LENGTH // 2),
    "'" * MAX_LENGTH,
    "백" * MAX_LENGTH,
    "one " * (MAX_LENGTH // 4),
    "a/b " * (MAX_LENGTH // 4),
    "no " * (MAX_LENGTH // 4) + "pretrained",
    "epochs " * (MAX_LENGTH // 7),
    "5 or " * (MAX_LENGTH // 5),
    "- " * (MAX_LENGTH // 2),
    "a-" * (MAX_LENGTH // 2),
    "folder " * (MAX_LENGTH // 7),
    "\ue000" * 900 + "train" + "\x00" * 900,
    "fine" + " " * (MAX_LENGTH - 20) + "tune",
    "batch" + " " * (MAX_LENGTH - 20) + "5",
    "10" + " x" * (MAX_LENGTH // 2),
    "\n" * MAX_LENGTH,
    "can you please " * (MAX_LENGTH // 15),
    "a: b\n" * (MAX_LENGTH // 5),
    "- a\n" * (MAX_LENGTH // 4),
    "(class names: a, " * (MAX_LENGTH // 17),
    "e-1 " * (MAX_LENGTH // 4),
    "instead of the " * (MAX_LENGTH // 15),
    "if it does not improve " * (MAX_LENGTH // 23),
    "tell a b c d e " * (MAX_LENGTH // 15),
    "하나 하나 " * (MAX_LENGTH // 6),
    "two a100s " * (MAX_LENGTH // 10),
    "resnet18 mnist " * (MAX_LENGTH // 15),
]

_BETWEEN = (" ", "", ", ", "\n")
_SIGNS = "-_.,;:!?/\\'\"()[]{}=~*+#|@<>%$`^&"


def vocabulary() -> list[str]:
    """Every run of letters or digits that stands in the rules, and every sign."""
    folder = files(rules)
    sources = [*folder.iterdir(), *folder.joinpath("words").iterdir()]
    text = "".join(f.read_text("utf-8") for f in sources if f.name.endswith((".py", ".toml")))
    return sorted({*re.findall(r"[a-z]+|[가-힣]+|[0-9]+", text.lower()), *_SIGNS, "1e-4"})


def repetitions(stride: int = 1) -> Iterator[str]:
    """The rules' own words over and over: each alone, and with another one far from it.

    Args:
        stride: Only every so-manieth of them.
    """
    words = vocabulary()
    for at in range(0, len(words), stride):
        between = _BETWEEN[at // stride % len(_BETWEEN)]
        other = words[(at * 7919 + 1) % len(words)]
        for piece in (f"{words[at]} ", f"{words[at]}{between}{other}{between or ' '}"):
            yield (piece * MAX_LENGTH)[:MAX_LENGTH]
