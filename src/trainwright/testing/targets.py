"""What every target must do, as tests.

A target passes by subclassing in a test module, with two fixtures:

    class TestMine(TargetContract):
        @pytest.fixture
        def target(self): return MyTarget(...)

        @pytest.fixture
        def make_run(self, tmp_path): ...   # a function that gives a RunDir not made yet

The trainers are real, tiny programs. Where run directories are not on this machine, override
what `ThisMachine` has as well.
"""

# ruff: noqa: S101, S311 (a suite of tests)

from __future__ import annotations

import base64
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from trainwright.spec.errors import ConflictError, InvalidRequestError
from trainwright.spec.rundir import Outcome, Phase, RunDir
from trainwright.targets.base import Allocation, Observation, Target, UnreachableError
from trainwright.testing.trial import ONE_CPU, ThisMachine, Trial, until

MakeRun = Callable[[], RunDir]

SAVES_ON_TERM = """
    import pathlib, signal, sys, time
    def save(*_):
        pathlib.Path("checkpoints/saved.pt").write_bytes(b"weights")
        print("saved", flush=True)
        sys.exit(0)
    signal.signal(signal.SIGTERM, save)
    print("ready", flush=True)
    time.sleep(600)
"""

IGNORES_TERM = """
    import signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    for away in (False, True):
        print(subprocess.Popen([sys.executable, "-c", child], start_new_session=away).pid)
    print("ready", flush=True)
    time.sleep(600)
"""


class TargetContract(ThisMachine):
    """Subclass it and give the fixtures `target` and `make_run`."""

    @pytest.fixture
    def trial(self, target: Target, make_run: MakeRun) -> Any:
        run = make_run()
        yield Trial(self, target, run)
        if run.path.exists():
            target.cleanup(run)

    def test_is_a_target(self, target: Target) -> None:
        assert isinstance(target, Target)
        assert target.name
        assert target.capacity().cpus >= 1

    def test_before_the_start_there_is_nothing_to_see(self, trial: Trial) -> None:
        trial.target.prepare(trial.run, {"notes/a.txt": "a"})
        assert self.read(trial.run, "notes/a.txt") == b"a"
        assert trial.look() == Observation()
        assert not trial.target.ensure_agent(trial.run, trial.config)

    def test_files_stay_inside_the_run_directory(self, trial: Trial) -> None:
        with pytest.raises(InvalidRequestError):
            trial.target.prepare(trial.run, {"../outside.txt": "a"})

    def test_a_run_that_cannot_be_seen_is_unreachable(self, trial: Trial) -> None:
        with pytest.raises(UnreachableError):
            trial.look()

    def test_trains_to_the_end(self, trial: Trial) -> None:
        seen = trial.start("for i in range(5): print(f'step: {i} loss: {1 / (i + 1)}')").wait()
        assert seen.outcome is Outcome.COMPLETED
        assert seen.exit
        assert seen.exit.exit_code == 0
        assert not seen.trainer_alive
        assert len(trial.events("training_complete")) == 1
        assert [(value, step) for _, value, step in trial.points()] == [
            (1 / (i + 1), i) for i in range(5)
        ]
        trial.check_log()
        trial.check_numbers()

    def test_starts_an_attempt_once(self, trial: Trial) -> None:
        script = "print('started', flush=True); import time; time.sleep(1)"
        trial.start(script)
        args = (trial.run, trial.launch, trial.config, ONE_CPU)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: trial.target.start(*args), range(4)))
        trial.wait()
        trial.target.start(*args)
        assert trial.log() == b"started\n"
        assert trial.look().phase is Phase.DONE

    def test_environment(self, trial: Trial) -> None:
        script = """
            import os
            for name in ("TRAINWRIGHT_RUN_ID", "TRAINWRIGHT_ATTEMPT", "PYTHONUNBUFFERED",
                         "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "MINE"):
                print(name, "=", repr(os.environ.get(name)))
            print(os.path.samefile(os.environ["TRAINWRIGHT_RUN_DIR"], os.getcwd()))
        """
        allocation = Allocation(gpus=[1, 3], cpus=2)
        trial.start(script, env={"MINE": "yes"}, allocation=allocation).wait()
        assert trial.log().decode().splitlines() == [
            f"TRAINWRIGHT_RUN_ID = {trial.run.run_id!r}",
            "TRAINWRIGHT_ATTEMPT = '1'",
            "PYTHONUNBUFFERED = '1'",
            "CUDA_VISIBLE_DEVICES = '1,3'",
            "OMP_NUM_THREADS = '2'",
            "MINE = 'yes'",
            "True",
        ]

    def test_without_gpus_none_is_visible(self, trial: Trial) -> None:
        trial.start("import os; print(repr(os.environ['CUDA_VISIBLE_DEVICES']))").wait()
        assert trial.log() == b"''\n"

    def test_exit_code(self, trial: Trial) -> None:
        seen = trial.start("print('bad day'); raise SystemExit(3)").wait()
        assert seen.outcome is Outcome.FAILED
        assert seen.exit
        assert seen.exit.exit_code == 3
        error = trial.error()
        assert (error["code"], error["exit_code"]) == ("exit_nonzero", 3)
        assert "bad day" in error["log_tail"]

    def test_death_by_signal(self, trial: Trial) -> None:
        seen = trial.start("import os; os.kill(os.getpid(), 9)").wait()
        assert seen.outcome is Outcome.FAILED
        assert seen.exit
        assert (seen.exit.exit_code, seen.exit.signal) == (None, 9)
        assert (trial.error()["code"], trial.error()["signal"]) == ("killed", 9)

    def test_a_program_that_cannot_be_started(self, trial: Trial) -> None:
        seen = trial.start("", argv=["/no/such/program"]).wait()
        assert seen.outcome is Outcome.FAILED
        error = trial.error()
        assert error["code"] == "cannot_start"
        assert "/no/such/program" in error["message"]

    def test_no_output_and_a_very_fast_end(self, trial: Trial) -> None:
        seen = trial.start("", argv=["true"]).wait()
        assert seen.outcome is Outcome.COMPLETED
        assert trial.log() == b""
        assert trial.events("log") == []

    def test_binary_output(self, trial: Trial) -> None:
        garbage = random.Random(7).randbytes(300_000)
        script = f"import sys, base64; sys.stdout.buffer.write(base64.b64decode({_b64(garbage)!r}))"
        assert trial.start(script).wait().outcome is Outcome.COMPLETED
        assert trial.log() == garbage
        trial.check_log()

    def test_a_huge_line_and_one_without_an_end(self, trial: Trial) -> None:
        script = "print('가' * 1_200_000); print('loss: 0.25', end='')"
        assert trial.start(script).wait().outcome is Outcome.COMPLETED
        trial.check_log()
        assert [value for _, value, _ in trial.points()] == [0.25]

    def test_stop_lets_the_trainer_save(self, trial: Trial) -> None:
        trial.start(SAVES_ON_TERM, saves_on_stop=True).wait_for("ready")
        trial.ask("stop", save_grace_seconds=30)
        assert trial.wait().outcome is Outcome.STOPPED
        assert trial.log() == b"ready\nsaved\n"
        assert [e["data"]["path"] for e in trial.events("checkpoint_saved")] == [
            "checkpoints/saved.pt"
        ]
        assert trial.events("training_error") == []

    def test_pause(self, trial: Trial) -> None:
        trial.start(SAVES_ON_TERM, saves_on_stop=True).wait_for("ready")
        trial.ask("pause", save_grace_seconds=30)
        assert trial.wait().outcome is Outcome.PAUSED

    def test_stop_now_skips_the_save_of_a_stubborn_trainer(self, trial: Trial) -> None:
        trial.start(IGNORES_TERM, saves_on_stop=True).wait_for("ready")
        began = time.monotonic()
        trial.ask("stop", now=True, save_grace_seconds=60)
        assert trial.wait().outcome is Outcome.STOPPED
        assert time.monotonic() - began < 20

    def test_stop_leaves_nothing_behind(self, trial: Trial) -> None:
        trial.start(IGNORES_TERM).wait_for("ready")
        trainer = trial.state().trainer
        trial.ask("stop")
        seen = trial.wait()
        assert seen.outcome is Outcome.STOPPED
        assert seen.exit
        assert seen.exit.signal == signal.SIGKILL
        trial.target.cleanup(trial.run)
        trial.target.cleanup(trial.run)
        assert trainer
        children = [int(line) for line in trial.log().split() if line.isdigit()]
        assert len(children) == 2
        assert not any(map(self.is_alive, [trainer.pid, *children]))

    def test_a_stop_before_the_end_of_a_finished_training_is_completed(self, trial: Trial) -> None:
        script = """
            import pathlib, signal, sys, time
            def finish(*_):
                pathlib.Path("result.json").write_text("{}")
                sys.exit(0)
            signal.signal(signal.SIGTERM, finish)
            print("ready", flush=True)
            time.sleep(600)
        """
        trial.start(script, saves_on_stop=True).wait_for("ready")
        trial.ask("stop")
        assert trial.wait().outcome is Outcome.COMPLETED

    def test_a_request_to_another_attempt_is_ignored(self, trial: Trial) -> None:
        trial.start("import time; print('ready', flush=True); time.sleep(1.5)").wait_for("ready")
        trial.launch.attempt = 7
        trial.ask("stop", now=True)
        assert trial.wait().outcome is Outcome.COMPLETED

    def test_the_next_attempt_goes_on_in_the_same_directory(self, trial: Trial) -> None:
        trial.start("print('one', end=''); raise SystemExit(1)").wait()
        trial.start("print('two: 2')", attempt=2)
        assert trial.wait().outcome is Outcome.COMPLETED
        assert trial.log() == b"onetwo: 2\n"
        texts = [(e["attempt"], e["data"]["text"]) for e in trial.events("log")]
        assert texts == [(1, "one"), (2, "two: 2\n")]
        trial.check_log()
        trial.check_numbers()

    def test_attempts_never_overlap(self, trial: Trial) -> None:
        trial.start("import time; print('ready', flush=True); time.sleep(600)").wait_for("ready")
        later = trial.launch.model_copy(update={"attempt": 2})
        with pytest.raises(ConflictError):
            trial.target.start(trial.run, later, trial.config, ONE_CPU)
        trial.ask("stop", now=True)
        trial.wait()
        earlier = trial.launch.model_copy(update={"attempt": 0})
        with pytest.raises(ConflictError):
            trial.target.start(trial.run, earlier, trial.config, ONE_CPU)

    def test_a_killed_agent_is_replaced_without_loss_or_repetition(self, trial: Trial) -> None:
        script = """
            import itertools, pathlib, time
            for step in itertools.count():
                print(f"step: {step} loss: {1 / (step + 1)}", flush=True)
                if step % 4 == 0: time.sleep(0.03)
                if pathlib.Path("enough").exists(): break
        """
        trial.start(script)
        chance = random.Random(11)
        for _ in range(5):
            agent = trial.state().agent
            time.sleep(chance.uniform(0, 0.3))
            self.kill(agent.pid, signal.SIGKILL)
            until(lambda: not trial.look().agent_alive)
            trial.target.ensure_agent(trial.run, trial.config)
        trial.target.prepare(trial.run, {"enough": ""})
        assert trial.wait().outcome is Outcome.COMPLETED
        steps = trial.log().count(b"\n")
        assert [(value, step) for _, value, step in trial.points()] == [
            (1 / (step + 1), step) for step in range(steps)
        ]
        assert len(trial.events("training_complete")) == 1
        trial.check_log()
        trial.check_numbers()

    def test_a_killed_shim_does_not_end_the_training(self, trial: Trial) -> None:
        trial.start("import time; print('ready', flush=True); time.sleep(2); print('end')")
        trial.wait_for("ready")
        shim = trial.state().child
        assert shim
        self.kill(shim.pid, signal.SIGKILL)
        seen = trial.wait()
        assert b"end" in trial.log()
        assert seen.outcome is Outcome.FAILED
        assert trial.error()["code"] == "trainer_vanished"

    def test_agent_shim_and_trainer_killed_together(self, trial: Trial) -> None:
        trial.start("import time; print('ready', flush=True); time.sleep(600)").wait_for("ready")
        state = trial.state()
        for process in (state.agent, state.child, state.trainer):
            assert process
            self.kill(process.pid, signal.SIGKILL)
        assert trial.wait().outcome is Outcome.FAILED
        assert trial.error()["code"] == "trainer_vanished"
        assert trial.log() == b"ready\n"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
