"""The shim: one trainer, once, and how it ended."""

import re
import shutil
import subprocess
import sys

import psutil
import pytest

from trainwright.job.records import read_record, write_record
from trainwright.job.shim import WITHHELD, environment
from trainwright.settings import Settings
from trainwright.spec.rundir import ExitRecord, Launch, ShimRecord
from trainwright.testing.trial import until


@pytest.fixture
def shim_for(run):
    shims = []

    def start(script="", **launch):
        launch.setdefault("argv", [sys.executable, "-c", script])
        write_record(run.command, Launch.model_validate(launch))
        command = [sys.executable, "-P", "-m", "trainwright.job.shim", str(run.path)]
        shim = subprocess.Popen(command, cwd=run.path, start_new_session=True)
        shims.append(shim)
        return shim

    yield start
    for shim in shims:
        shim.kill()
        shim.wait()


def records(run):
    return read_record(run.shim, ShimRecord), read_record(run.exit, ExitRecord)


def test_it_writes_down_who_and_how(run, shim_for):
    run.log.write_bytes(b"earlier attempt\n")
    script = "import os, sys; print(os.getpid(), os.getsid(0), sys.stdin.read()); sys.exit(5)"
    shim = shim_for(script, attempt=2)
    assert shim.wait(20) == 0
    started, ended = records(run)
    assert (started.attempt, ended.attempt) == (2, 2)
    assert (ended.exit_code, ended.signal, ended.error) == (5, None, None)
    assert ended.started_at == started.started_at <= ended.ended_at
    assert started.shim.pid == shim.pid
    assert started.log_offset == 16
    pid, session = run.log.read_bytes()[16:].split()
    assert int(pid) == int(session) == started.trainer.pid


def test_stderr_goes_to_the_same_log_in_order(run, shim_for):
    shim_for("import os; os.write(1, b'a\\n'); os.write(2, b'b\\n'); os.write(1, b'c\\n')").wait(20)
    assert run.log.read_bytes() == b"a\nb\nc\n"


def test_a_second_shim_does_nothing(run, shim_for):
    first = shim_for("print('started', flush=True); import time; time.sleep(60)")
    until(lambda: run.log.exists() and run.log.read_bytes())
    command = [sys.executable, "-m", "trainwright.job.shim", str(run.path)]
    assert subprocess.run(command, timeout=20, check=False).returncode == 0
    psutil.Process(records(run)[0].trainer.pid).kill()
    first.wait(20)
    assert subprocess.run(command, timeout=20, check=False).returncode == 0
    assert run.log.read_bytes() == b"started\n"
    assert records(run)[1].signal == 9


@pytest.mark.parametrize(
    ("launch", "words"),
    [
        ({"argv": ["/no/such/program"]}, "/no/such/program: No such file"),
        ({"argv": ["no-such-program-on-path"]}, "no-such-program-on-path: No such file"),
        ({"argv": ["true"], "cwd": "missing"}, "missing: No such file"),
        ({"argv": ["a\0b"]}, "embedded null"),
    ],
)
def test_why_a_program_cannot_be_started(run, shim_for, launch, words):
    shim_for(**launch).wait(20)
    assert words in records(run)[1].error


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#!/no/such/interpreter\n", "the interpreter its first line names is not there"),
        ("echo hello\n", "its first line names no interpreter"),
    ],
)
def test_a_script_without_its_interpreter(run, shim_for, text, words):
    script = run.path / "train"
    script.write_text(text)
    script.chmod(0o755)
    shim_for(argv=[str(script)]).wait(20)
    error = records(run)[1].error
    assert error.startswith(f"{script}: ")
    assert words in error


def test_the_trainer_outlives_it_and_is_known(run, shim_for):
    shim = shim_for("import time; time.sleep(60)")
    until(lambda: (record := records(run)[0]) and record.trainer)
    shim.kill()
    shim.wait()
    trainer = psutil.Process(records(run)[0].trainer.pid)
    assert trainer.is_running()
    assert records(run)[1] is None
    trainer.kill()


def test_it_ends_with_its_trainer_though_the_run_was_removed(run, shim_for):
    shim = shim_for("print('started', flush=True); import time; time.sleep(60)")
    until(lambda: run.log.exists() and run.log.read_bytes())
    trainer = psutil.Process(records(run)[0].trainer.pid)
    shutil.rmtree(run.path)
    trainer.kill()
    assert shim.wait(20) == 1


def test_a_broken_pipe_ends_a_trainer_as_it_would_in_a_shell(run, shim_for):
    shim_for(argv=["sh", "-c", "yes | head -1; exit 0"]).wait(20)
    assert run.log.read_bytes() == b"y\n"


def test_the_environment_of_a_trainer(run):
    launch = Launch(argv=["x"], env={"A": "1", "B": "2"}, env_names=["JWT_SECRET"])
    agent = {"PATH": "/bin", "JWT_SECRET": "s", "OPENAI_API_KEY": "k", "A": "0"}
    assert environment(run.path, launch.model_dump(), agent) == {
        "PATH": "/bin",
        "JWT_SECRET": "s",
        "A": "1",
        "B": "2",
        "PYTHONUNBUFFERED": "1",
        "TRAINWRIGHT_RUN_DIR": str(run.path),
        "TRAINWRIGHT_RUN_ID": "r0001",
        "TRAINWRIGHT_ATTEMPT": "1",
    }


def test_every_secret_of_the_settings_is_withheld():
    secret = re.compile(r"(token|secret|api_key|secret_access_key|database_url|redis_url)$")
    names = {name.upper() for name in Settings.model_fields if secret.search(name)}
    assert len(names) >= 7
    assert names <= WITHHELD


def test_what_is_meant_for_the_trainers_python_does_not_reach_the_shims(run, shim_for):
    (run.path / "json.py").write_text("raise SystemExit('shadowed')")
    shim_for("import json", env={"PYTHONPATH": str(run.path)}).wait(20)
    assert records(run)[1].exit_code == 1
    assert run.log.read_bytes() == b"shadowed\n"
