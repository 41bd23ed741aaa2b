"""The agent at work: real processes, killed at any moment."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import psutil
import pytest

from trainwright.settings import Home
from trainwright.spec import RunDir
from trainwright.spec.rundir import Control, Outcome, Phase
from trainwright.targets.local import LocalTarget
from trainwright.testing.trial import ThisMachine, Trial, until

CHATTY = """
    import sys, time, pathlib
    from trainwright.job import report
    print("started", flush=True)
    for step in range(60):
        print(f"step: {step} train_loss: {1 / (step + 1):.6f}")
        sys.stdout.write(f"{step}/60 loss={step / 7:.4f}\\r")
        print(f"step: {step} val_accuracy: {step / 60:.6f}")
        if step % 20 == 10:
            path = pathlib.Path(f"checkpoints/step_{step}.ckpt")
            path.write_bytes(b"w" * 1000 * (step + 1))
            report.checkpoint(path, step=step, metrics={"val/accuracy": step / 60})
        if step % 20 == 15:
            pathlib.Path(f"checkpoints/silent_{step}.ckpt").write_bytes(b"v" * step)
        time.sleep(0.05)
    report.note("the last word")
    print("no line end", end="")
"""

SLEEPS = "import time; print('ready', flush=True); time.sleep(600)"


@pytest.fixture
def target(tmp_path):
    return LocalTarget(Home(tmp_path))


@pytest.fixture
def trial_of(target):
    made = []

    def make(name, **config):
        trial = Trial(ThisMachine(), target, RunDir(target.home.runs / name))
        trial.config = trial.config.model_copy(update=config)
        made.append(trial)
        return trial

    yield make
    for trial in made:
        target.cleanup(trial.run)


@pytest.fixture
def trial(trial_of):
    return trial_of("r0001")


def kill_agent(trial):
    agent = trial.state().agent
    os.kill(agent.pid, signal.SIGKILL)
    until(lambda: not trial.look().agent_alive)


def substance(trial):
    """What a run has to tell, without what depends on when it was read."""
    saved = [e["data"] for e in trial.events("checkpoint_saved")]
    return {
        "points": trial.points(),
        "log": "".join(e["data"]["text"] for e in trial.events("log")),
        "saved": sorted((d["path"], d["size"], d["sha256"], d.get("step")) for d in saved),
        "notes": [e["data"]["message"] for e in trial.events("alert")],
        "ends": [e["data"]["metrics"] for e in trial.events("training_complete")],
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments_it_tells_the_same_as_undisturbed(trial_of, platform, seed):
    calm = trial_of("calm").start(CHATTY)
    address = {"api_url": platform.url, "token": platform.token}
    wild = trial_of("wild", **address).start(CHATTY)
    chance = random.Random(seed)
    platform.faults.extend(chance.choice([500, "drop", "drop after", None]) for _ in range(4))
    for _ in range(10):
        time.sleep(chance.uniform(0, 0.4))
        with_state = wild.look().state
        if with_state and psutil.pid_exists(with_state.agent.pid):
            os.kill(with_state.agent.pid, signal.SIGKILL)
        wild.target.ensure_agent(wild.run, wild.config)
    assert wild.wait().outcome is calm.wait().outcome is Outcome.COMPLETED
    assert substance(wild) == substance(calm)
    assert len(substance(wild)["points"]) >= 120
    assert len(substance(wild)["saved"]) == 6
    wild.check_log()
    wild.check_numbers()
    spooled = {e["seq"]: e | {"cursor": None} for e in wild.events()}
    assert {n: e | {"cursor": None} for n, e in platform.applied.items()} == spooled


@pytest.mark.parametrize("delay", [0.0, 0.15, 0.3, 0.4, 0.5])
def test_killed_while_it_starts_the_trainer_is_started_once(trial, delay):
    trial.start("import time; print('started', flush=True); time.sleep(1)")
    agent = trial.target._agents[trial.run.path]
    time.sleep(delay)
    agent.kill()
    agent.wait()
    assert trial.wait().outcome is Outcome.COMPLETED
    assert trial.log() == b"started\n"


def test_a_second_agent_leaves_at_once(trial):
    trial.start(SLEEPS).wait_for("ready")
    command = [sys.executable, "-m", "trainwright.job.agent", str(trial.run.path)]
    assert subprocess.run(command, timeout=20, check=False).returncode == 0
    trial.ask("stop", now=True)
    assert trial.wait().outcome is Outcome.STOPPED
    trial.check_numbers()


def test_without_a_command_there_is_nothing_to_do(run):
    command = [sys.executable, "-m", "trainwright.job.agent", str(run.path)]
    done = subprocess.run(command, timeout=20, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "command.json" in done.stderr


@pytest.mark.parametrize(
    ("module", "heavy"),
    [("agent", {"httpx", "torch", "numpy", "sqlalchemy", "pynvml"}), ("shim", {"pydantic"})],
)
def test_starting_imports_nothing_heavy(module, heavy):
    script = f"import sys, trainwright.job.{module}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", script], text=True).split()
    assert not heavy & set(loaded)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
def test_on_a_full_disk_training_goes_on_and_nothing_is_lost(trial):
    trial.start(CHATTY).wait_for("step: 5 ")
    agent = trial.state().agent.pid
    before = resource.prlimit(agent, resource.RLIMIT_FSIZE)
    resource.prlimit(agent, resource.RLIMIT_FSIZE, (10, before[1]))
    trial.wait_for("step: 30 ")
    resource.prlimit(agent, resource.RLIMIT_FSIZE, before)
    assert trial.wait().outcome is Outcome.COMPLETED
    assert trial.look().state.agent.pid == agent, "it was the same agent all the time"
    told = substance(trial)
    assert [step for name, _, step in told["points"] if name == "val/accuracy"] == list(range(60))
    assert len(told["saved"]) == 6
    assert any("none is lost" in note for note in told["notes"])
    trial.check_log()
    trial.check_numbers()


def test_a_stall_is_told_and_its_end_too(trial_of):
    trial = trial_of("r0001", stall_minutes=0.6 / 60)
    trial.start("import time; print('a', flush=True); time.sleep(2.5); print('b', flush=True)")
    until(lambda: (state := trial.look().state) and state.stalled)
    kill_agent(trial)
    assert trial.wait().outcome is Outcome.COMPLETED
    codes = [e["data"]["code"] for e in trial.events("alert")]
    assert codes[0] == "stall"
    assert codes.count("stall") <= 1 + codes.count("stall_over")


def test_reports_become_events(trial):
    script = """
        from trainwright.job import report
        report.resumed(40)
        report.progress(step=41, total=100)
        report.note("mixed precision is off")
        report.checkpoint("checkpoints/gone.pt", step=41)
    """
    assert trial.start(script).wait().outcome is Outcome.COMPLETED
    progress = [e["data"] for e in trial.events("training_progress")]
    assert progress[0]["resumed_from"] == 40
    assert (progress[1]["step"], progress[1]["total"]) == (41, 100)
    alerts = [(e["data"]["code"], e["data"]["message"]) for e in trial.events("alert")]
    assert alerts[0] == ("note", "mixed precision is off")
    assert alerts[1][0] == "checkpoint_missing"


def test_user_patterns_and_bad_ones(trial_of):
    script = "print('Q=0.5 at 3')"
    good = trial_of("good").start(script, metric_patterns=[r"Q=(?P<quality>\S+) at (?P<step>\d+)"])
    bad = trial_of("bad").start(script, metric_patterns=["("])
    assert good.wait().outcome is bad.wait().outcome is Outcome.COMPLETED
    assert [(value, step) for _, value, step in good.points()] == [(0.5, 3)]
    assert [e["data"]["code"] for e in bad.events("alert")] == ["bad_pattern"]


def test_vitals_of_the_whole_process_tree(trial):
    script = """
        import subprocess, sys
        burn = "import time; x = b'x' * 150_000_000; end = time.time() + 2.5"
        burn += "\\nwhile time.time() < end: pass"
        subprocess.run([sys.executable, "-c", burn])
    """
    trial.start(script).wait()
    vitals = [e["data"] for e in trial.events("vitals")]
    assert max(v["cpu_percent"] for v in vitals) > 20
    assert max(v["memory_gb"] for v in vitals) > 0.1
    assert [bool(v.get("note")) for v in vitals] == [True] + [False] * (len(vitals) - 1)
    assert vitals[0]["disk_free_gb"] > 0


def test_the_platforms_secrets_stay_with_the_platform(trial, monkeypatch):
    monkeypatch.setenv("JWT_SECRET", "s1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s2")
    script = "from os import environ as e; print(e.get('JWT_SECRET'), e['AWS_SECRET_ACCESS_KEY'])"
    trial.start(script, env_names=["AWS_SECRET_ACCESS_KEY"]).wait()
    assert trial.log() == b"None s2\n"
    assert b"s2" not in trial.place.read(trial.run, "command.json")
    assert trial.run.agent.stat().st_mode & 0o777 == 0o600


def test_another_agent_does_not_disturb_a_trainer_that_saves(trial):
    script = """
        import signal, sys, time
        signals = []
        signal.signal(signal.SIGTERM, lambda *_: signals.append(1))
        print("ready", flush=True)
        while not signals: time.sleep(0.01)
        print("saving", flush=True)
        time.sleep(2.5)
        print(f"saved after {len(signals)} signals", flush=True)
    """
    trial.start(script, saves_on_stop=True).wait_for("ready")
    trial.ask("stop", save_grace_seconds=30)
    until(lambda: trial.look().phase is Phase.SAVING)
    kill_agent(trial)
    assert trial.wait().outcome is Outcome.STOPPED
    assert b"saved after 1 signals" in trial.log()
    assert [e["data"]["code"] for e in trial.events("alert")] == ["stopping"]


def test_what_no_agent_lived_to_read_belongs_to_its_own_attempt(trial):
    trial.start("import time; print('one: 1', flush=True); time.sleep(1.5); print('late: 2')")
    trial.wait_for("one")
    trainer = trial.state().trainer
    kill_agent(trial)
    until(lambda: not psutil.pid_exists(trainer.pid))
    trial.start("print('two: 3')", attempt=2)
    assert trial.wait().outcome is Outcome.COMPLETED
    attempts = [(e["attempt"], e["data"]["text"]) for e in trial.events("log")]
    assert "".join(text for attempt, text in attempts if attempt == 1) == "one: 1\nlate: 2\n"
    assert "".join(text for attempt, text in attempts if attempt == 2) == "two: 3\n"
    trial.check_log()


def test_the_platform_is_away_at_the_end_and_comes_back(trial_of, platform):
    port = platform.server.server_address[1]
    trial = trial_of("r0001", api_url=platform.url, token=platform.token)
    platform.close()
    trial.start("print('loss: 1')")
    seen = until(lambda: (o := trial.look()).outcome and o)
    assert seen.phase is Phase.DRAINING
    kill_agent(trial)
    assert trial.target.ensure_agent(trial.run, trial.config)
    platform.open(port)
    assert trial.wait().outcome is Outcome.COMPLETED
    assert platform.numbers() == [e["seq"] for e in trial.events()]


def test_a_stop_before_the_trainer_was_started(trial):
    asked = Control(attempt=1, request="pause", requested_at=datetime.now(UTC))
    trial.target.request(trial.run, asked)
    trial.start("print('never')")
    assert trial.wait().outcome is Outcome.PAUSED
    assert trial.log() == b""


def test_a_shim_that_cannot_work_is_a_start_that_failed(trial):
    trial.run.shim_lock.mkdir(parents=True)
    assert trial.start("print('never')").wait().outcome is Outcome.FAILED
    assert trial.error()["code"] == "cannot_start"
    assert "Is a directory" in trial.error()["message"]


def test_a_child_that_prints_for_ever_does_not_keep_the_run_open(trial):
    script = """
        import subprocess
        child = "while True: print('y' * 1000, flush=True)"
        subprocess.Popen([__import__("sys").executable, "-c", child])
    """
    assert trial.start(script).wait().outcome is Outcome.COMPLETED
    trial.target.cleanup(trial.run)


def test_a_platform_that_refuses_does_not_keep_the_agent(trial_of, platform):
    trial = trial_of("r0001", api_url=platform.url, token="wrong")
    assert trial.start("print('loss: 1')").wait().outcome is Outcome.COMPLETED
    assert platform.applied == {}


def test_without_a_run_directory_it_says_how_it_is_used() -> None:
    command = [sys.executable, "-m", "trainwright.job.agent"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "RUN_DIR" in done.stderr
