"""Answers that come piece by piece, with real child processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from trainwright.serving import Recipe, WorkerPool
from trainwright.serving.errors import AbandonedError, ModelError, ModelTimeoutError
from trainwright.spec.errors import InputError

MakeRecipe = Callable[..., Recipe]

SPEAKER = """
import queue, threading
heard, cancelled = queue.Queue(), set()
def listen():
    for r in requests():
        cancelled.add(r["cancel"]) if "cancel" in r else heard.put(r)
    os._exit(0)
threading.Thread(target=listen, daemon=True).start()
say({"ready": True, "model_version": "v1"})
while True:
    r = heard.get()
    for n in range(r["pieces"]):
        if r["id"] in cancelled: break
        say({"id": r["id"], "delta": f"{n} "})
        time.sleep(r.get("pause", 0))
    say({"id": r["id"], "answer": n + 1, "pid": os.getpid()})
"""


def never() -> bool:
    return False


def converse(
    pool: WorkerPool,
    recipe: Recipe,
    told: list[str] | None = None,
    gone: Callable[[], bool] = never,
    key: str = "a",
    **payload: Any,
) -> dict[str, Any]:
    tell = told.append if told is not None else lambda _: None
    return pool.converse(key, recipe, payload, tell=tell, gone=gone, timeout=20, quiet_seconds=5)


def test_pieces_come_in_order_and_then_the_answer(pool: WorkerPool, recipe: MakeRecipe) -> None:
    told: list[str] = []
    speaker = recipe(SPEAKER)
    assert converse(pool, speaker, told, pieces=3)["answer"] == 3
    assert told == ["0 ", "1 ", "2 "]
    first = converse(pool, speaker, pieces=1)["pid"]
    assert converse(pool, speaker, pieces=1)["pid"] == first


def test_pieces_come_while_the_answer_is_made(pool: WorkerPool, recipe: MakeRecipe) -> None:
    heard = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(
            pool.converse,
            "a",
            recipe(SPEAKER),
            {"pieces": 10**6, "pause": 0.01},
            tell=lambda _: heard.set(),
            gone=heard.is_set,
            timeout=20,
        )
        assert heard.wait(10)
        with pytest.raises(AbandonedError):
            answer.result(10)


def test_who_goes_away_ends_the_answer_and_the_worker_serves_the_next(
    pool: WorkerPool, recipe: MakeRecipe
) -> None:
    speaker, told = recipe(SPEAKER), list[str]()
    with pytest.raises(AbandonedError):
        converse(pool, speaker, told, gone=lambda: len(told) > 2, pieces=10**6, pause=0.01)
    before = [status.pid for status in pool.status()]
    after = converse(pool, speaker, pieces=2)
    assert after["answer"] == 2
    assert [after["pid"]] == before


def test_a_listener_that_fails_ends_the_answer(pool: WorkerPool, recipe: MakeRecipe) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("nobody there")

    speaker = recipe(SPEAKER)
    with pytest.raises(RuntimeError, match="nobody there"):
        pool.converse(
            "a",
            speaker,
            {"pieces": 10**6, "pause": 0.01},
            tell=fail,
            gone=never,
            timeout=5,
        )
    assert converse(pool, speaker, pieces=1)["answer"] == 1


def test_who_goes_away_while_waiting_is_not_answered(pool: WorkerPool, recipe: MakeRecipe) -> None:
    speaker, first, end = recipe(SPEAKER), list[str](), threading.Event()
    with ThreadPoolExecutor(1) as threads:
        long = threads.submit(converse, pool, speaker, first, end.is_set, pieces=10**6, pause=0.01)
        while not first:
            time.sleep(0.01)
        told: list[str] = []
        with pytest.raises(AbandonedError):
            converse(pool, speaker, told, gone=lambda: True, pieces=1)
        assert not told
        assert not long.done()
        end.set()
        with pytest.raises(AbandonedError):
            long.result(10)


def test_nothing_is_loaded_for_whom_nobody_waits(
    pool: WorkerPool, recipe: MakeRecipe, tmp_path: Path
) -> None:
    mark = tmp_path / "started"
    started = recipe("open(sys.argv[1], 'w').close()", str(mark))
    with pytest.raises(AbandonedError):
        converse(pool, started, gone=lambda: True, pieces=1)
    assert not mark.exists()


DIES = """
say({"ready": True})
for r in requests():
    first = not os.path.exists(sys.argv[1])
    open(sys.argv[1], "a").write("x")
    if first or "always" in r:
        if "late" in r: say({"id": r["id"], "delta": "half an"})
        print("the cores melted", file=sys.stderr, flush=True)
        time.sleep(0.2)
        os._exit(9)
    say({"id": r["id"], "answer": "whole"})
"""


def test_a_death_before_the_first_piece_is_survived_once(
    pool: WorkerPool, recipe: MakeRecipe, tmp_path: Path
) -> None:
    mark = str(tmp_path / "mark")
    assert converse(pool, recipe(DIES, mark), pieces=1)["answer"] == "whole"
    with pytest.raises(ModelError, match=r"(?s)died twice.*exit code 9.*cores melted"):
        converse(pool, recipe(DIES, mark), always=True)


def test_a_death_in_the_middle_of_an_answer_is_told(
    pool: WorkerPool, recipe: MakeRecipe, tmp_path: Path
) -> None:
    told: list[str] = []
    dies = recipe(DIES, str(tmp_path / "mark"))
    with pytest.raises(ModelError, match=r"(?s)exit code 9.*cores melted"):
        converse(pool, dies, told, late=True)
    assert told == ["half an"]
    assert converse(pool, dies, pieces=1)["answer"] == "whole"


def test_a_worker_that_falls_silent_is_ended(pool: WorkerPool, recipe: MakeRecipe) -> None:
    silent = recipe("""
        say({"ready": True, "model_version": str(os.getpid())})
        for r in requests():
            say({"id": r["id"], "delta": "and then"})
            time.sleep(60)
    """)
    told: list[str] = []
    with pytest.raises(ModelTimeoutError):
        pool.converse("a", silent, {}, tell=told.append, gone=never, timeout=5, quiet_seconds=0.5)
    assert told == ["and then"]
    assert pool.status() == []


def test_what_the_worker_refuses_is_told(pool: WorkerPool, recipe: MakeRecipe) -> None:
    refusing = recipe("""
        say({"ready": True})
        for r in requests():
            say({"id": r["id"], "error": {"code": "bad_input", "message": "too long"}})
    """)
    with pytest.raises(InputError, match="too long"):
        converse(pool, refusing)
    assert len(pool.status()) == 1


def test_conversations_take_turns(pool: WorkerPool, recipe: MakeRecipe) -> None:
    speaker, told = recipe(SPEAKER), list[list[str]]([[], [], []])
    with ThreadPoolExecutor(3) as threads:
        answers = [
            threads.submit(converse, pool, speaker, mine, pieces=20, pause=0.005) for mine in told
        ]
        assert [answer.result(20)["answer"] for answer in answers] == [20] * 3
    assert all(mine == [f"{n} " for n in range(20)] for mine in told)


def test_a_model_that_is_taken_away_ends_its_answer(pool: WorkerPool, recipe: MakeRecipe) -> None:
    with ThreadPoolExecutor(1) as threads:
        told: list[str] = []
        answer = threads.submit(converse, pool, recipe(SPEAKER), told, pieces=10**6, pause=0.01)
        while not told:
            time.sleep(0.01)
        pool.stop("a")
        with pytest.raises(ModelError, match="taken away"):
            answer.result(10)
    assert pool.status() == []


def test_a_pool_that_closes_ends_an_answer(recipe: MakeRecipe) -> None:
    with WorkerPool(2**30) as pool, ThreadPoolExecutor(1) as threads:
        told: list[str] = []
        answer = threads.submit(converse, pool, recipe(SPEAKER), told, pieces=10**6, pause=0.01)
        while not told:
            time.sleep(0.01)
        pid = pool.status()[0].pid
        pool.close()
        with pytest.raises(ModelError, match="shutting down"):
            answer.result(10)
    assert not psutil.pid_exists(pid)
