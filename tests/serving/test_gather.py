"""Requests that wait for one model, with real workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from trainwright.serving import Recipe, WorkerPool
from trainwright.serving.errors import BusyError, ModelError, ModelTimeoutError
from trainwright.serving.gather import Gathering
from trainwright.spec import TrainwrightError

MakeRecipe = Callable[..., Recipe]

COUNTING = """
    say({"ready": True})
    for r in requests():
        while "gate" in r["inputs"] and not os.path.exists(sys.argv[1]): time.sleep(0.01)
        if "poison" in r["inputs"]: os._exit(3)
        if "hang" in r["inputs"]: time.sleep(60)
        size = len(r["inputs"])
        say({"id": r["id"], "predictions": [[text, size, r["top_k"]] for text in r["inputs"]]})
"""


class Asked:
    """Several requests at once, all of which wait behind one that holds the worker."""

    def __init__(self, pool: WorkerPool, recipe: Recipe, gate: Path, **limits: int) -> None:
        self.gathering = Gathering(pool, **limits)
        self.recipe = recipe
        self.gate = gate
        self.threads = ThreadPoolExecutor(16)

    def ask(self, *inputs: str, top_k: int = 1, timeout: float = 20) -> object:
        try:
            return self.gathering.predict("a", self.recipe, inputs, top_k, timeout=timeout)
        except TrainwrightError as error:
            return error

    def behind_the_gate(self, *requests: tuple[str, ...], **kwargs: float) -> list[object]:
        first = self.threads.submit(self.ask, "gate")
        self._until_waiting(0)
        later = []
        for number, inputs in enumerate(requests, start=1):
            later.append(self.threads.submit(self.ask, *inputs, **kwargs))
            self._until_waiting(number)
        self.gate.touch()
        answers = [one.result(30) for one in later]
        assert first.result(30) == [["gate", 1, 1]]
        return answers

    def _until_waiting(self, count: int) -> None:
        deadline = time.monotonic() + 10
        while True:
            queue = self.gathering._queues.get("a")
            if queue and queue.turn.locked() and len(queue.waiting) == count:
                return
            assert time.monotonic() < deadline
            time.sleep(0.005)


@pytest.fixture
def asked(pool: WorkerPool, recipe: MakeRecipe, tmp_path: Path) -> Asked:
    gate = tmp_path / "gate"
    return Asked(pool, recipe(COUNTING, str(gate)), gate)


def test_what_came_while_the_model_was_busy_is_put_to_it_at_once(asked: Asked) -> None:
    answers = asked.behind_the_gate(("a", "b"), ("c",), ("d", "e", "f"))
    assert answers == [
        [["a", 6, 1], ["b", 6, 1]],
        [["c", 6, 1]],
        [["d", 6, 1], ["e", 6, 1], ["f", 6, 1]],
    ]


def test_only_as_much_together_as_the_model_takes(asked: Asked) -> None:
    asked.gathering.max_inputs = 3
    first, second, third = asked.behind_the_gate(("a", "b"), ("c",), ("d",) * 9)
    assert (first, second) == ([["a", 3, 1], ["b", 3, 1]], [["c", 3, 1]])
    assert third == [["d", 9, 1]] * 9


def test_requests_that_differ_are_not_put_together(asked: Asked) -> None:
    assert asked.behind_the_gate(("a",), ("b",), top_k=2) == [[["a", 2, 2]], [["b", 2, 2]]]


def test_one_that_kills_the_worker_harms_nobody_else(asked: Asked) -> None:
    good, bad, fine = asked.behind_the_gate(("a",), ("poison",), ("b",))
    assert (good, fine) == ([["a", 1, 1]], [["b", 1, 1]])
    assert isinstance(bad, ModelError)


def test_one_that_hangs_is_ended_and_the_next_is_answered(asked: Asked) -> None:
    assert isinstance(asked.ask("hang", timeout=0.5), ModelTimeoutError)
    assert asked.ask("a") == [["a", 1, 1]]


def test_too_many_waiting_are_told_to_come_again(asked: Asked) -> None:
    asked.gathering.max_waiting = 2
    told: list[object] = []

    def one_too_many() -> None:
        asked._until_waiting(2)
        told.append(asked.ask("c"))

    watcher = threading.Thread(target=one_too_many)
    watcher.start()
    first = asked.threads.submit(asked.ask, "gate")
    asked._until_waiting(0)
    more = [asked.threads.submit(asked.ask, name) for name in "ab"]
    watcher.join(10)
    asked.gate.touch()
    (error,) = told
    assert isinstance(error, BusyError)
    assert error.status == 429
    assert error.details["retry_after_seconds"] > 0
    assert [one.result(20) for one in (first, *more)] == [
        [["gate", 1, 1]],
        [["a", 2, 1]],
        [["b", 2, 1]],
    ]


def test_waiting_ends_in_time(asked: Asked) -> None:
    first = asked.threads.submit(asked.ask, "gate")
    asked._until_waiting(0)
    started = time.monotonic()
    late = asked.ask("a", timeout=0.3)
    assert isinstance(late, ModelTimeoutError)
    assert time.monotonic() - started < 5
    asked.gate.touch()
    assert first.result(20) == [["gate", 1, 1]]
    assert asked.ask("b") == [["b", 1, 1]]


def test_a_storm_leaves_no_request_without_its_own_answer(asked: Asked) -> None:
    asked.gate.touch()
    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(lambda n: asked.ask(f"x{n}", top_k=1 + n // 150), range(300)))
    assert [(a[0][0], a[0][2]) for a in answers] == [  # type: ignore[index]
        (f"x{n}", 1 + n // 150) for n in range(300)
    ]
    assert max(a[0][1] for a in answers) > 1  # type: ignore[index]
