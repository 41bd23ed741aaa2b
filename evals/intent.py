"""How well sentences are read: `python -m evals.intent [FILE …] [--misread] [--llm]`.

A labelled sentence is one line of JSON: `text`, `language`, `status`, `intent` (flat spec fields,
exactly these) and `asks` (the fields asked about). Any reader of sentences can be judged.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwright import intent
from trainwright.spec import ParseResult

Reader = Callable[[str], ParseResult]
LABELLED = Path(__file__).parent / "sentences"
UNREAD = Path(__file__).parent / "unread"
"""Only ever counted: see its README."""


@dataclass(frozen=True)
class Sentence:
    """A sentence and what should be read from it."""

    text: str
    language: str
    status: str
    intent: dict[str, Any]
    asks: frozenset[str]

    @classmethod
    def load(cls, row: dict[str, Any]) -> Sentence:
        return cls(**(row | {"asks": frozenset(row["asks"])}))


@dataclass(frozen=True)
class Verdict:
    """What was read, held against the label."""

    sentence: Sentence
    status: str
    language: str
    intent: dict[str, Any]
    asks: frozenset[str]

    @property
    def invented(self) -> set[str]:
        """Fields that were not said."""
        return set(self.intent) - set(self.sentence.intent)

    @property
    def missing(self) -> set[str]:
        """Fields that were said, and neither read nor asked about."""
        return set(self.sentence.intent) - set(self.intent) - self.asks

    @property
    def asked_instead(self) -> set[str]:
        """Fields that were said clearly, and asked about all the same."""
        return self.asks & set(self.sentence.intent)

    @property
    def wrong(self) -> set[str]:
        label = self.sentence.intent
        return {name for name in label.keys() & self.intent if label[name] != self.intent[name]}

    @property
    def exact(self) -> bool:
        want = self.sentence
        return (self.status, self.language, self.intent, self.asks) == (
            want.status,
            want.language,
            want.intent,
            want.asks,
        )

    @property
    def silent(self) -> bool:
        """A wrong or invented value in what would be trained without a question."""
        return self.status == "complete" and bool(self.wrong or self.invented)

    def __str__(self) -> str:
        want = self.sentence
        pairs = [("status", self.status, want.status), ("language", self.language, want.language)]
        pairs.append(("asks", sorted(self.asks), sorted(want.asks)))
        pairs += [
            (name, self.intent.get(name), want.intent.get(name))
            for name in sorted(self.wrong | self.invented | self.missing | self.asked_instead)
        ]
        told = [f"{name}: {got!r}, not {label!r}" for name, got, label in pairs if got != label]
        return f"{want.text}\n    " + "; ".join(told)


def load(*paths: Path) -> list[Sentence]:
    """Labelled sentences of these files; of all that may be read if none is given."""
    lines = (
        line
        for path in paths or sorted(LABELLED.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    )
    return [Sentence.load(json.loads(line)) for line in lines]


def judge(sentences: Iterable[Sentence], read: Reader) -> list[Verdict]:
    verdicts = []
    for sentence in sentences:
        got = read(sentence.text)
        asks = frozenset(question.field for question in got.questions)
        verdicts.append(Verdict(sentence, got.status, got.language, got.intent, asks))
    return verdicts


def exact_share(verdicts: Sequence[Verdict], status: str | None = None) -> float:
    """The share read exactly, of all or of those labelled with one status."""
    chosen = [v for v in verdicts if status is None or v.sentence.status == status]
    return sum(v.exact for v in chosen) / len(chosen) if chosen else 1.0


def table(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The report: a line a language, then a line a field."""
    yield (
        "| sentences | number | exact | invented | wrong | missing | asked needlessly "
        "| unclear asked | foreign refused |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for name in ("all", "en", "ko"):
        yield _language_line(name, [v for v in verdicts if name in ("all", v.sentence.language)])
    yield ""
    yield "| field | said | read exactly | invented | wrong | missing |"
    yield "|---|---|---|---|---|---|"
    for field in sorted({f for v in verdicts for f in (*v.sentence.intent, *v.intent)}):
        yield _field_line(field, verdicts)


def _language_line(name: str, verdicts: Sequence[Verdict]) -> str:
    unclear = exact_share(verdicts, "needs_clarification")
    foreign = exact_share(verdicts, "not_a_training_request")
    counts = [
        sum(bool(getattr(v, kind)) for v in verdicts)
        for kind in ("invented", "wrong", "missing", "asked_instead")
    ]
    cells = [name, len(verdicts), f"{exact_share(verdicts):.1%}", *counts]
    return "| " + " | ".join(map(str, [*cells, f"{unclear:.1%}", f"{foreign:.1%}"])) + " |"


def _field_line(field: str, verdicts: Sequence[Verdict]) -> str:
    said = [v for v in verdicts if field in v.sentence.intent]
    read = sum(v.intent.get(field) == v.sentence.intent[field] for v in said)
    counts = [sum(field in getattr(v, kind) for v in verdicts) for kind in _KINDS]
    return "| " + " | ".join(map(str, [field, len(said), read, *counts])) + " |"


_KINDS = ("invented", "wrong", "missing")


def readers(*, with_llm: bool) -> Iterator[tuple[str, Reader]]:
    """The readers that can be judged here, by name."""
    yield "rules", intent.parse
    if with_llm:
        yield "rules + LLM", intent.read


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m evals.intent", description=__doc__)
    options.add_argument("files", nargs="*", type=Path, help="labelled sentences (default: all)")
    options.add_argument("--misread", action="store_true", help="list what was not read exactly")
    chosen = options.parse_args(argv)
    keys = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")
    for name, read in readers(with_llm=any(map(os.environ.get, keys))):
        verdicts = judge(load(*chosen.files), read)
        print(f"{name}\n")
        print("\n".join(table(verdicts)), end="\n\n")
        if chosen.misread:
            print("\n".join(str(v) for v in verdicts if not v.exact), end="\n\n")
        if not chosen.files:
            unread = judge(load(*sorted(UNREAD.glob("*.jsonl"))), read)
            print(f"{name}, on sentences set aside unread\n")
            print("\n".join(table(unread)), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
