"""The whole road from the shell: a real platform, a real training, a real terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]

SHORT = "model: builtin/mlp\ndataset: digits\nepochs: 2\n"
LONG = "model: builtin/mlp\ndataset: digits\nepochs: 5000\n"


def environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TRAINWRIGHT_")}
    kept.pop("DATABASE_URL", None)
    return kept | {"TRAINWRIGHT_HOME": str(home), "OMP_NUM_THREADS": "1", "COLUMNS": "100"}


class Shell:
    """Runs the program on one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trainwright", *argv],
            env=environment(self.home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def json(self, *argv: str) -> dict:
        done = self(*argv, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Iterator[Shell]:
    """A home with a platform on it."""
    home = tmp_path_factory.mktemp("live") / "home"
    platform = subprocess.Popen(
        [sys.executable, "-m", "trainwright", "up", "--port", "0", "--json"],
        env=environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "url" in json.loads(platform.stdout.readline())
    yield Shell(home)
    platform.send_signal(signal.SIGINT)
    assert platform.wait(60) == 0


@pytest.fixture
def spec(tmp_path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "spec.yaml"
        path.write_text(text)
        return str(path)

    return write


def in_terminal(
    argv: list[str], home: Path, react: Callable[[str], bytes | None]
) -> tuple[str, int]:
    """Run a program on a terminal; `react` sees what is on it and may type."""
    pid, master = pty.fork()
    if pid == 0:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "trainwright", *argv],
            environment(home) | {"TERM": "xterm-256color", "LINES": "40"},
        )
    seen, deadline = b"", time.monotonic() + 180
    while time.monotonic() < deadline:
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            seen += os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if keys := react(words(seen)):
            os.write(master, keys)
    else:
        os.kill(pid, signal.SIGKILL)  # what is on the terminal tells more than a test that hangs
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(master)
    return words(seen), code


def words(seen: bytes) -> str:
    """What a person reads of what came to a terminal."""
    return re.sub(r"\x1b(?:\[[0-9;?]*(?:[A-Za-z]|$)|$)", "", seen.decode(errors="replace"))


def once(when: str, keys: bytes) -> Callable[[str], bytes | None]:
    """Type `keys` as soon as `when` is on the terminal."""
    todo = [keys]
    return lambda seen: todo.pop() if when in seen and todo else None


def test_train_with_json_prints_the_result_and_nothing_else(shell, spec):
    done = shell("train", spec(SHORT), "--json", "--name", "short", "--set", "epochs=1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert (result["status"], result["name"]) == ("completed", "short")
    assert result["metrics"]["test/accuracy"]["final"] > 0.5
    assert len(result["confusion"]["labels"]) == 10
    run = shell.json("runs", "show", result["run_id"])
    assert run["result"]["confusion"] == result["confusion"]
    assert run["provenance"]["epochs"] == "user"
    assert run["spec"]["epochs"] == 1


def test_train_tells_plain_lines_and_what_to_do_next(shell, spec):
    done = shell("train", spec(SHORT))
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert any(re.match(r"epochs +2 +you", line) for line in lines)
    assert any(line.startswith("epoch 2/2") for line in lines)
    assert any("precision" in line for line in lines)
    run = re.search(r"trainwright runs show (\w+)", done.stdout)[1]
    assert shell("runs", "show", run).returncode == 0
    assert "the platform stays" not in done.stderr


@pytest.mark.parametrize("how", [["--detach"], []])
def test_a_reader_that_goes_away_keeps_no_run_from_being_started(shell, spec, how):
    reader, writer = os.pipe()
    os.close(reader)
    name = f"unread-{len(how)}"
    with os.fdopen(writer, "wb") as nobody:
        done = subprocess.run(
            [sys.executable, "-m", "trainwright", "train", spec(SHORT), "--name", name, *how],
            env=environment(shell.home),
            stdin=subprocess.DEVNULL,
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr
    assert shell("runs", "watch", name).returncode == 0


def test_data_that_cannot_be_trained_on_is_told_once(shell, tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
    done = in_terminal(
        ["train", f"Classify the images in {tmp_path}/pets with BasicCNN", "--yes"],
        shell.home,
        lambda _: None,
    )
    assert done[1] == 2
    ending = done[0][done[0].rindex("failed") :]
    assert "cannot be trained on" not in ending
    run = shell.json("runs", "list", "--limit", "1")[0]["id"]
    assert shell("runs", "show", run).stdout.count("cannot be trained on") == 1


def test_a_failing_run_is_exit_code_1_and_says_why(shell, tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("raise SystemExit('no such luck')\n")
    spec = tmp_path / "spec.yaml"
    spec.write_text(f"model: script/{script}\ntask: image_classification\n")
    done = shell("train", str(spec), "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["status"] == "failed"
    assert "no such luck" in " ".join(result["error"]["log_tail"])
    assert shell("runs", "watch", result["run_id"]).returncode == 1
    assert shell("runs", "diagnose", result["run_id"]).returncode == 0


def test_detach_look_compare_clone_and_delete(shell, spec):
    started = shell.json("train", spec(LONG), "--detach", "--name", "long")
    run = started["run_id"]
    assert shell.json("runs", "list", "--search", "long")[0]["id"] == run
    shell.json("runs", "stop", run, "--now")
    assert shell("runs", "watch", run).returncode == 1
    assert shell.json("runs", "show", run)["status"] == "stopped"
    pruned = shell.json("runs", "prune", "--status", "stopped", "--older-than", "1h", "--dry-run")
    assert (pruned["deleted"], pruned["runs"], pruned["dry_run"]) == ([], [], True)
    assert shell("runs", "prune", "--older-than", "soon").returncode == 2
    assert run in [one["run_id"] for one in shell.json("storage")["runs"]]
    assert shell("storage").returncode == 0
    saved = shell.json("runs", "show", run)["checkpoints"]
    for step in {one["step"] for one in saved}:
        assert all(one["kept"] for one in shell.json("runs", "keep", run, str(step)))
    clone = shell.json("runs", "clone", run, "--set", "epochs=1")
    assert shell("runs", "watch", clone["id"]).returncode == 0
    compared = shell.json("runs", "compare", run, clone["id"])
    assert compared["settings"]["epochs"] == [5000, 1]
    assert shell("runs", "delete", run).returncode == 2  # nobody can be asked
    assert shell.json("runs", "delete", run, "--yes") == {"deleted": [run]}
    assert run in [one["id"] for one in shell.json("runs", "list", "--trashed")]
    assert shell.json("runs", "restore", run) == {"restored": [run]}
    assert shell.json("runs", "delete", run, "--now", "--yes") == {"deleted": [run]}
    assert shell("runs", "restore", run).returncode == 2
    assert shell("runs", "show", run).returncode == 2
    events = [
        json.loads(line)
        for line in shell("runs", "watch", clone["id"], "--json").stdout.splitlines()
    ]
    assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
    assert "status_changed" in {e["type"] for e in events}


def test_the_trained_model_at_work(shell, spec, tmp_path):
    from PIL import Image

    run = shell.json("train", spec(SHORT))["run_id"]
    Image.new("L", (28, 28), 200).save(tmp_path / "a.png")
    image = str(tmp_path / "a.png")
    answer = shell.json("predict", run, image, image, "--top-k", "2")
    assert len(answer["results"]) == 2
    assert len(answer["predictions"]) == 2
    assert answer["predictions"][0]["class"] in "0123456789"
    assert shell("predict", run, str(tmp_path / "none.png")).returncode == 2
    (tmp_path / "bad.png").write_text("not an image")
    mixed = shell("predict", run, str(tmp_path / "bad.png"), image, str(tmp_path / "none.png"))
    assert mixed.returncode == 2
    assert mixed.stdout.count("a.png") == 1
    told = mixed.stderr.splitlines()
    assert [line.partition(": ")[2].partition(": ")[0] for line in told] == [
        str(tmp_path / "bad.png"),
        f"cannot read {tmp_path / 'none.png'}",
    ]
    assert shell.json("evaluate", run)["metrics"]
    artifact = shell.json("export", run, "--format", "safetensors", "--out", str(tmp_path))
    assert (tmp_path / Path(artifact["name"]).name).stat().st_size == artifact["bytes"]


def test_a_registered_folder_is_trained_on_by_its_name(shell, tmp_path):
    from trainwright.testing.images import make_messy_folder

    messy = make_messy_folder(tmp_path / "photos", per_class=8)
    added = shell.json("datasets", "add", str(messy.root), "--name", "my-photos")
    assert shell.json("datasets", "show", "my-photos")["id"] == added["id"]
    spec = tmp_path / "spec.yaml"
    spec.write_text("model: builtin/basic_cnn\ndataset: my-photos\nepochs: 2\n")
    done = shell("train", str(spec))
    assert done.returncode == 0, done.stderr
    run = shell.json("runs", "show", "last")
    assert run["dataset"] == str(messy.root)
    assert len(run["result"]["confusion"]["labels"]) == len(messy.class_names)


def test_a_sentence_on_a_terminal_is_asked_about_and_shown_live(shell):
    answers = [("number, or your own words", b"1\n"), ("Start?", b"y\n")]

    def react(seen: str) -> bytes | None:
        if answers and answers[0][0] in seen:
            return answers.pop(0)[1]
        return None

    argv = ["train", "Train an MLP for 2 epochs", "--name", "asked"]
    seen, code = in_terminal(argv, shell.home, react)
    assert code == 0, seen
    assert not answers
    assert "digits" in seen
    assert "completed" in seen
    assert "epoch 2/2" in seen
    assert "confusion" in seen


def test_ctrl_c_detaches_and_training_goes_on(shell, spec):
    argv = ["train", spec(LONG), "--yes", "--name", "left"]
    seen, code = in_terminal(argv, shell.home, once("starting the trainer", b"\x03"))
    assert code == 130
    assert "detached" in seen
    run = re.search(r"trainwright runs stop (\w+)", seen)[1]
    assert shell.json("runs", "show", run)["status"] == "running"
    seen, code = in_terminal(["runs", "watch", run], shell.home, once("left", b"\x03"))
    assert code == 130
    assert "left goes on" in seen
    assert shell.json("runs", "show", run)["status"] == "running"
    shell.json("runs", "stop", run, "--now")
    shell("runs", "watch", run)


def test_one_platform_to_a_home(shell):
    done = shell("up", "--port", "0")
    assert done.returncode == 2
    assert "another platform" in done.stderr


def test_a_taken_port_is_told_with_a_free_one(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = Shell(tmp_path / "home")("up", "--port", str(port))
    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr
    assert "trainwright up --port" in done.stderr


def test_status_names_what_runs(shell):
    body = shell.json("status")
    assert body["running"] is True
    assert set(body["children"]) == {"temporal", "api", "worker"}


def test_a_sentence_names_a_dataset_that_was_registered(shell, tmp_path):
    from trainwright.testing.images import make_messy_folder

    make_messy_folder(tmp_path / "shapes", per_class=12)
    added = shell("datasets", "add", str(tmp_path / "shapes"), "--name", "helmets")
    assert added.returncode == 0, added.stderr
    sentence = "Classify my helmets dataset with LeNet-5, 1 epoch"
    read = shell.json("parse", sentence)
    assert (read["intent"]["dataset"], read["provenance"]["dataset"]) == ("helmets", "user")
    assert shell("plan", sentence).returncode == 0
    result = shell.json("train", sentence)
    assert (result["status"], result["dataset"]) == ("completed", str(tmp_path / "shapes"))
    unknown = shell("parse", "Classify my helmet dataset with LeNet-5")
    assert "helmets" in unknown.stdout
