"""The worker pool, with real child processes."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from trainwright.serving import Recipe, WorkerPool
from trainwright.serving.errors import ModelError, ModelTimeoutError
from trainwright.spec import DataError, TrainwrightError, UnavailableError

MakeRecipe = Callable[..., Recipe]


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """No such process, not even a zombie."""
    return not psutil.pid_exists(pid)


def test_a_worker_is_started_once_and_kept_warm(pool: WorkerPool, recipe: MakeRecipe) -> None:
    same = recipe()
    first = pool.request("a", same, {"text": "hello"})
    second = pool.request("a", same, {"text": "wörld"})
    assert (first["echo"], second["echo"]) == ("hello", "wörld")
    assert first["pid"] == second["pid"]
    (status,) = pool.status()
    assert (status.key, status.pid, status.model_version) == ("a", first["pid"], "v1")
    assert status.memory_bytes > 0


def test_large_requests_pass(pool: WorkerPool, recipe: MakeRecipe) -> None:
    text = "x" * 3_000_000
    assert pool.request("a", recipe(), {"text": text})["echo"] == text


def test_many_threads_many_keys(pool: WorkerPool, recipe: MakeRecipe) -> None:
    recipes = {key: recipe() for key in "abc"}

    def ask(number: int) -> tuple[str, int, object]:
        key = "abc"[number % 3]
        answer = pool.request(key, recipes[key], {"text": number})
        return key, answer["pid"], answer["echo"] == number

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(200)))
    assert all(right for *_, right in answers)
    assert len({(key, pid) for key, pid, _ in answers}) == 3


def test_a_new_stamp_means_a_new_worker(pool: WorkerPool, recipe: MakeRecipe) -> None:
    old = recipe(stamp="1")
    first = pool.request("a", old, {})
    second = pool.request("a", dataclasses.replace(old, stamp="2"), {})
    assert first["pid"] != second["pid"]
    assert gone(first["pid"])


def test_no_answer_in_time_ends_the_worker(pool: WorkerPool, recipe: MakeRecipe) -> None:
    slow = recipe("""
        say({"ready": True})
        print(os.getpid(), file=sys.stderr, flush=True)
        for r in requests(): time.sleep(60)
    """)
    started = time.monotonic()
    with pytest.raises(ModelTimeoutError) as error:
        pool.request("a", slow, {}, timeout=0.5)
    assert time.monotonic() - started < 5
    assert gone(int(error.value.message.splitlines()[-1]))


def test_waiting_for_ones_turn_is_bounded_too(pool: WorkerPool, recipe: MakeRecipe) -> None:
    slow = recipe("""
        say({"ready": True})
        for r in requests():
            open(sys.argv[1], "w").close()
            time.sleep(60)
    """)
    sign = Path(slow.argv[-1]).with_suffix(".busy")
    slow = dataclasses.replace(slow, argv=(*slow.argv, str(sign)))
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(pool.request, "a", slow, {}, timeout=3)
        until(sign.exists)
        with pytest.raises(ModelTimeoutError, match="busy"):
            pool.request("a", slow, {}, timeout=0.1)
        with pytest.raises(ModelTimeoutError):
            first.result()


CRASH_ONCE = """
    say({"ready": True})
    for r in requests():
        if not os.path.exists(sys.argv[1]):
            open(sys.argv[1], "w").close()
            os._exit(3)
        say({"id": r["id"], "fine": True})
"""


def test_a_crash_is_survived_once(pool: WorkerPool, recipe: MakeRecipe, tmp_path: Path) -> None:
    assert pool.request("a", recipe(CRASH_ONCE, str(tmp_path / "mark")), {})["fine"]


def test_crashing_again_is_an_error_with_the_last_words(
    pool: WorkerPool, recipe: MakeRecipe
) -> None:
    crashing = recipe("""
        say({"ready": True})
        for r in requests():
            print("segment 7 is broken", file=sys.stderr)
            sys.exit(9)
    """)
    with pytest.raises(ModelError, match=r"(?s)twice.*exit code 9.*segment 7 is broken"):
        pool.request("a", crashing, {})
    assert pool.status() == []


def test_a_worker_that_died_idle_is_replaced(pool: WorkerPool, recipe: MakeRecipe) -> None:
    same = recipe()
    first = pool.request("a", same, {})["pid"]
    psutil.Process(first).kill()
    assert pool.request("a", same, {})["pid"] != first


def test_what_is_wrong_with_the_model_is_said(pool: WorkerPool, recipe: MakeRecipe) -> None:
    broken = recipe("""
        say({"error": {"code": "no_model", "message": "weights are gone", "hint": "train again"}})
        time.sleep(60)
    """)
    with pytest.raises(ModelError) as error:
        pool.request("a", broken, {})
    assert error.value.message == "weights are gone"
    assert error.value.mend == "train again"
    assert error.value.details["reason"] == "no_model"
    assert pool.status() == []


def test_bad_input_is_the_callers_fault_and_costs_no_worker(
    pool: WorkerPool, recipe: MakeRecipe
) -> None:
    picky = recipe("""
        say({"ready": True, "model_version": str(os.getpid())})
        for r in requests():
            say({"id": r["id"], "error": {"code": "bad_image", "message": "truncated"}})
    """)
    for _ in range(2):
        with pytest.raises(DataError, match="truncated"):
            pool.request("a", picky, {})
    assert [s.model_version for s in pool.status()] == [str(s.pid) for s in pool.status()]


@pytest.mark.parametrize(
    ("argv", "words"),
    [(("/no/such/program",), "cannot be started"), (("/bin/sh", "-c", "exit 4"), "exit code 4")],
)
def test_a_worker_that_does_not_start(pool: WorkerPool, argv: tuple[str, ...], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        pool.request("a", Recipe(argv), {})


def test_a_start_that_takes_too_long(recipe: MakeRecipe) -> None:
    with WorkerPool(2**30, start_seconds=0.3) as pool, pytest.raises(ModelTimeoutError):
        pool.request("a", recipe("time.sleep(60)"), {})


def test_prints_on_stdout_do_no_harm(pool: WorkerPool, recipe: MakeRecipe) -> None:
    noisy = recipe("""
        print("loading…"); print("[1, 2]"); print("{"); say({"progress": 1})
        say({"ready": True})
        for r in requests():
            print("garbage " * 1000)
            say({"id": 999, "echo": "another's"})
            say({"id": r["id"], "echo": "mine"})
    """)
    assert pool.request("a", noisy, {})["echo"] == "mine"


def test_only_garbage_times_out(pool: WorkerPool, recipe: MakeRecipe) -> None:
    endless = recipe("""
        say({"ready": True})
        while True: print("garbage")
    """)
    with pytest.raises(ModelTimeoutError, match="garbage"):
        pool.request("a", endless, {}, timeout=0.5)


HUNGRY = """
    say({"ready": True, "model_version": sys.argv[1]})
    ballast = b""
    for r in requests():
        ballast = bytearray(os.urandom(1)) * (r.get("mb", 0) * 1_000_000)
        say({"id": r["id"], "pid": os.getpid(), "size": len(ballast)})
        if r.get("linger"): time.sleep(60)
"""


def test_the_longest_idle_gives_way(recipe: MakeRecipe) -> None:
    with WorkerPool(200_000_000, sweep_seconds=0.05) as pool:
        for key in "abc":
            pool.request(key, recipe(HUNGRY, key), {"mb": 70})
        until(lambda: [s.key for s in pool.status()] == ["c", "b"])
        assert sum(s.memory_bytes for s in pool.status()) <= 200_000_000


def test_a_model_larger_than_the_budget_is_refused(recipe: MakeRecipe) -> None:
    with WorkerPool(1_000_000) as pool:
        with pytest.raises(ModelError, match="more than the 1 MB"):
            pool.request("a", recipe(), {})
        assert pool.status() == []


def test_growing_beyond_the_budget_is_ended_and_not_tried_again(
    recipe: MakeRecipe, tmp_path: Path
) -> None:
    growing = recipe(
        """
        open(sys.argv[1], "a").write("started\\n")
        say({"ready": True})
        for r in requests():
            ballast = bytearray(os.urandom(1)) * 150_000_000
            time.sleep(60)
        """,
        str(tmp_path / "starts"),
    )
    with WorkerPool(100_000_000, sweep_seconds=0.05) as pool:
        with pytest.raises(ModelError, match="more than the 100 MB"):
            pool.request("a", growing, {})
        assert (tmp_path / "starts").read_text() == "started\n"


def test_idle_workers_are_ended(recipe: MakeRecipe) -> None:
    with WorkerPool(2**30, idle_seconds=0.1, sweep_seconds=0.02) as pool:
        pid = pool.request("a", recipe(), {})["pid"]
        until(lambda: gone(pid))
        assert pool.status() == []


def test_closing_lets_workers_end_by_themselves(recipe: MakeRecipe, tmp_path: Path) -> None:
    polite = recipe(
        """
        say({"ready": True})
        for r in requests(): say({"id": r["id"], "pid": os.getpid()})
        open(sys.argv[1], "w").close()
        """,
        str(tmp_path / "farewell"),
    )
    pool = WorkerPool(2**30)
    pid = pool.request("a", polite, {})["pid"]
    pool.close()
    assert (tmp_path / "farewell").exists()
    assert gone(pid)
    with pytest.raises(UnavailableError):
        pool.request("a", polite, {})


def test_closing_ends_the_busy_and_their_children(recipe: MakeRecipe, tmp_path: Path) -> None:
    stubborn = recipe(
        """
        import signal, subprocess
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        say({"ready": True})
        for r in requests():
            child = subprocess.Popen(["sleep", "60"])
            open(sys.argv[1] + ".part", "w").write(f"{os.getpid()} {child.pid}")
            os.rename(sys.argv[1] + ".part", sys.argv[1])
            time.sleep(60)
        """,
        str(tmp_path / "pids"),
    )
    pool = WorkerPool(2**30)
    caught: list[TrainwrightError] = []

    def ask() -> None:
        try:
            pool.request("a", stubborn, {})
        except TrainwrightError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    until((tmp_path / "pids").exists)
    pool.close()
    thread.join(10)
    assert "shutting down" in caught[0].message
    for pid in (tmp_path / "pids").read_text().split():
        until(lambda pid=int(pid): gone(pid) or psutil.Process(pid).status() == "zombie")


def test_the_next_request_is_in_the_pipe_before_its_turn(
    pool: WorkerPool, recipe: MakeRecipe
) -> None:
    greedy = recipe("""
        say({"ready": True})
        coming = requests()
        for first in coming:
            if first.get("text") == "warm":
                say({"id": first["id"]})
                continue
            second = next(coming)  # the first is answered only when there is a second
            say({"id": second["id"], "text": second["text"]})
            say({"id": "nobody's", "text": "unasked"})
            say({"id": first["id"], "text": first["text"]})
    """)
    pool.request("a", greedy, {"text": "warm"})
    with ThreadPoolExecutor(2) as threads:
        found = threads.map(lambda text: pool.request("a", greedy, {"text": text}), "xy")
        assert [answer["text"] for answer in found] == ["x", "y"]


def test_a_request_is_not_blamed_for_the_one_behind_it(
    pool: WorkerPool, recipe: MakeRecipe
) -> None:
    looking_ahead = recipe("""
        import select
        say({"ready": True})
        while line := sys.stdin.buffer.raw.read(4096):
            told = [json.loads(one) for one in line.splitlines()]
            if told[0]["text"] == "slow" and select.select([0], [], [], 0.3)[0]:
                told += map(json.loads, sys.stdin.buffer.raw.read(4096).splitlines())
            if any(r["text"] == "poison" for r in told): os._exit(3)
            for r in told: say({"id": r["id"], "text": r["text"]})
    """)
    pool.request("a", looking_ahead, {"text": "warm"})
    with ThreadPoolExecutor(3) as threads:
        slow = threads.submit(pool.request, "a", looking_ahead, {"text": "slow"})
        time.sleep(0.1)
        poison = threads.submit(pool.request, "a", looking_ahead, {"text": "poison"})
        time.sleep(0.1)
        after = threads.submit(pool.request, "a", looking_ahead, {"text": "after"})
        assert slow.result()["text"] == "slow"
        with pytest.raises(ModelError, match="died twice"):
            poison.result()
        assert after.result()["text"] == "after"


def test_secrets_are_not_handed_on(
    pool: WorkerPool, recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JWT_SECRET", "OPENAI_API_KEY", "DATABASE_URL", "HF_TOKEN", "PLAIN_SETTING"):
        monkeypatch.setenv(name, "x")
    nosy = recipe("""
        say({"ready": True})
        for r in requests(): say({"id": r["id"], "names": list(os.environ)})
    """)
    names = pool.request("a", nosy, {})["names"]
    assert "PLAIN_SETTING" in names
    assert not {"JWT_SECRET", "OPENAI_API_KEY", "DATABASE_URL", "HF_TOKEN"} & set(names)


def test_threads_of_a_model_sleep_while_they_wait_unless_told_otherwise(
    pool: WorkerPool, recipe: MakeRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = """
        say({"ready": True})
        for r in requests(): say({"id": r["id"], "how": os.environ["OMP_WAIT_POLICY"]})
    """
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert pool.request("a", recipe(waiting), {})["how"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert pool.request("b", recipe(waiting), {})["how"] == "ACTIVE"


def test_stopping_one_leaves_the_others(pool: WorkerPool, recipe: MakeRecipe) -> None:
    a, b = (pool.request(key, recipe(), {})["pid"] for key in "ab")
    pool.stop("a")
    pool.stop("unknown")
    assert gone(a)
    assert [s.pid for s in pool.status()] == [b]


def test_nothing_is_left_after_a_storm(recipe: MakeRecipe) -> None:
    moody = recipe("""
        import random
        say({"ready": True})
        for r in requests():
            mood = random.random()
            if mood < 0.1: os._exit(1)
            if mood < 0.2: time.sleep(60)
            if mood < 0.3: print("noise")
            say({"id": r["id"], "echo": r["text"]})
    """)
    before = {p.pid for p in psutil.Process().children()}
    outcomes: list[str] = []

    def ask(number: int) -> None:
        try:
            answer = pool.request("abc"[number % 3], moody, {"text": number}, timeout=0.3)
            outcomes.append("right" if answer["echo"] == number else "wrong")
        except TrainwrightError as error:
            outcomes.append(error.code)

    with WorkerPool(2**30, idle_seconds=0.05, sweep_seconds=0.01) as pool:
        with ThreadPoolExecutor(6) as threads:
            list(threads.map(ask, range(90)))
        assert len(outcomes) == 90
        assert set(outcomes) <= {"right", "model_error", "model_timeout"}
        assert "right" in outcomes
    assert {p.pid for p in psutil.Process().children()} <= before
