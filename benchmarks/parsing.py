"""How long the rules take over a sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.measure import Row

PER_SENTENCE_MS, WORST_MS, LOAD_MS = 5.0, 50.0, 50.0


def rows() -> Iterator[Row]:
    from evals.hostile import HOSTILE
    from evals.intent import load

    from trainwright import intent
    from trainwright.catalog.shelf import Shelf

    def milliseconds(text: str) -> float:
        # processor time, the best of three: other programs do not count
        def once() -> float:
            start = time.process_time()
            intent.parse(text)
            return (time.process_time() - start) * 1000

        return min(once() for _ in range(3))

    start = time.process_time()
    intent.parse("train lenet5 on mnist")
    yield _row("first sentence, once imported", (time.process_time() - start) * 1000, WORST_MS)
    times = sorted(milliseconds(sentence.text) for sentence in load())
    name = f"parse by rules, p95 of {len(times)} sentences"
    yield _row(name, times[int(len(times) * 0.95)], PER_SENTENCE_MS)
    yield _row("parse by rules, worst hostile text", max(map(milliseconds, HOSTILE)), WORST_MS)
    yield _row("refusing 100 kB of text", milliseconds("train lenet5 on mnist " * 5000), WORST_MS)
    start = time.process_time()
    models = len(Shelf().records)
    spent = (time.process_time() - start) * 1000
    yield _row(f"load the catalogue, {models} models", spent, LOAD_MS)


def _row(what: str, measured: float, limit: float) -> Row:
    return Row(what, measured, "ms", f"< {limit:g} ms", ok=measured < limit)
