"""What only the local target has: hardware limits, strays, protection against crash loops."""

import os
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from trainwright.job import nvml, process
from trainwright.job.records import read_record, write_record
from trainwright.registry import Registry
from trainwright.settings import Home
from trainwright.spec import RunDir
from trainwright.spec.rundir import AgentConfig, Launch, Outcome, ShimRecord
from trainwright.targets import Allocation, registry
from trainwright.targets.local import LocalTarget, hardware
from trainwright.targets.local.target import STARTS, with_allocation
from trainwright.testing.trial import ONE_CPU, ThisMachine, Trial, until

SLEEPS = "import time; print('ready', flush=True); time.sleep(600)"
LEAVES_A_CHILD = """
    import subprocess, sys
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, flush=True)
"""


@pytest.fixture
def target(tmp_path):
    return LocalTarget(Home(tmp_path))


@pytest.fixture
def trial(target):
    trial = Trial(ThisMachine(), target, RunDir(target.home.runs / "r0001"))
    yield trial
    target.cleanup(trial.run)


def strays(target, *known):
    return [(s.run_id, s.code) for s in target.find_strays(set(known))]


def test_it_is_registered_and_finds_its_home_in_the_environment(home_path):
    target = registry.get("local")
    assert isinstance(target, LocalTarget)
    assert LocalTarget().home.path == home_path


def test_the_allocation_goes_into_the_environment():
    launch = Launch(argv=["x"], env={"OMP_NUM_THREADS": "7", "CUDA_VISIBLE_DEVICES": "0,1,2"})
    env = with_allocation(launch, Allocation(gpus=[2], cpus=4)).env
    assert env == {
        "OMP_NUM_THREADS": "7",
        "CUDA_VISIBLE_DEVICES": "2",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    }
    env = with_allocation(launch, Allocation(gpus=[0, 1]), ["4", "GPU-8f2"]).env
    assert env["CUDA_VISIBLE_DEVICES"] == "4,GPU-8f2"


def test_a_platform_that_was_given_some_gpus_gives_no_others(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1, 3")
    assert hardware.gpus() == (["1", "3"] if nvml.count() else [])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert len(hardware.gpus()) == nvml.count()


@pytest.mark.parametrize(
    ("files", "cpus"),
    [
        ({}, None),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu.max": "100000 100000"}, 1),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({"cpu.max": "nonsense"}, None),
    ],
)
def test_a_container_gets_no_more_than_its_quota(tmp_path, files, cpus):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    allowed = len(os.sched_getaffinity(0))
    assert hardware.cpus(tmp_path) == (cpus or allowed)


def test_a_containers_memory(tmp_path):
    whole = hardware.memory_gb(tmp_path)
    assert whole > 0
    (tmp_path / "memory.max").write_text(str(2**30))
    assert hardware.memory_gb(tmp_path) == 1.0
    (tmp_path / "memory.max").write_text("max")
    assert hardware.memory_gb(tmp_path) == whole


def test_a_healthy_run_is_no_stray_but_one_nobody_knows_is(trial, target):
    assert strays(target) == []
    trial.start(SLEEPS).wait_for("ready")
    trial.state()
    assert strays(target, "r0001") == []
    assert strays(target) == [("r0001", "unknown_run")]
    trial.ask("stop", now=True)
    trial.wait()
    assert strays(target) == strays(target, "r0001") == []


def test_a_dead_agent_is_found(trial, target):
    trial.start(SLEEPS).wait_for("ready")
    os.kill(trial.state().agent.pid, signal.SIGKILL)
    until(lambda: not trial.look().agent_alive)
    assert strays(target, "r0001") == [("r0001", "dead_agent")]


def test_children_that_outlive_their_trainer_are_found_and_ended(trial, target):
    assert trial.start(LEAVES_A_CHILD).wait().outcome is Outcome.COMPLETED
    child = int(trial.log())
    (stray,) = target.find_strays(set())
    assert (stray.code, stray.pids) == ("leftover_processes", (child,))
    target.cleanup(trial.run)
    assert not ThisMachine().is_alive(child)
    assert strays(target) == []


def test_cleanup_never_touches_a_stranger_with_the_trainers_pid(trial, target):
    trial.start("print('x')").wait()
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        record = read_record(trial.run.shim, ShimRecord)
        old = process.identify(stranger.pid)
        old.started, old.birth = old.started - 5000, None
        write_record(trial.run.shim, record.model_copy(update={"trainer": old}))
        target.cleanup(trial.run)
        assert stranger.poll() is None
        stranger.kill()


def test_an_agent_that_hangs_makes_way_for_the_next_attempt(trial):
    trial.start(SLEEPS).wait_for("ready")
    os.kill(trial.state().agent.pid, signal.SIGSTOP)
    os.kill(trial.look().state.trainer.pid, signal.SIGKILL)
    until(lambda: trial.look().exit)
    trial.start("print('again')", attempt=2)
    assert trial.wait().outcome is Outcome.COMPLETED


def test_threads_that_ask_at_once_get_the_same_instance():
    arrived = threading.Barrier(2, timeout=10)

    class Slow:
        def __init__(self):
            arrived.wait()

    slow = Registry("slow thing")
    slow.add("one", Slow)
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(slow.get, ["one", "one"])
    assert first is second


def test_an_agent_that_cannot_live_is_not_started_for_ever(target):
    run = RunDir(target.home.runs / "r0002")
    target.prepare(run, {})
    run.events.mkdir()  # no spool can be opened here
    config = AgentConfig(run_id="r0002")
    target.start(run, Launch(argv=["true"]), config, ONE_CPU)
    until(lambda: target._agents[run.path].poll() is not None)
    assert target.ensure_agent(run, config)
    until(lambda: target._agents[run.path].poll() is not None)
    target._starts[run.path] *= STARTS // 2
    assert not target.ensure_agent(run, config)
    assert b"Is a directory" in run.agent_log.read_bytes()
