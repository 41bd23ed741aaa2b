"""Texts made to cost time: long runs of whatever the rules look for."""

from __future__ import annotations

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
