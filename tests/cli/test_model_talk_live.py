"""A language model that a run has left, talked with as a person does: shell, terminal, Python."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from test_train_live import Shell, environment, in_terminal, shell

__all__ = ["shell"]

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]

ASKED, ANSWER = "Who are you?", "I am a very small model, trained a moment ago."

COPY = """
import json, os, shutil
from pathlib import Path
folder = Path(os.environ["TRAINWRIGHT_RUN_DIR"]) / "model"
shutil.copytree({source!r}, folder)
"""
ENDLESS = """
(folder / "chat_template.jinja").unlink()
for file in ("config.json", "generation_config.json", "tokenizer_config.json"):
    found = {k: v for k, v in json.loads((folder / file).read_text()).items() if "eos" not in k}
    (folder / file).write_text(json.dumps(found | {"max_position_embeddings": 10**7}))
"""
PYTHON = """
import trainwright as tw
run = next(tw.runs(q="talker"))
print(run.chat("고마워!", temperature=0))
answer = run.chat([{"role": "user", "content": "Who are you?"}], stream=True, temperature=0)
print("|".join(answer), answer.result.finish_reason)
print(run.predict("Who are you?", max_tokens=3)[0].predictions[0].finish_reason)
"""


Leave = Callable[..., str]


@pytest.fixture(scope="module")
def leave(
    shell: Shell, tiny_language_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Leave:
    """Has a run leave the tiny model, changed by some lines of Python."""

    def run(name: str, more: str = "") -> str:
        folder = tmp_path_factory.mktemp("scripts")
        (folder / "leave.py").write_text(COPY.format(source=str(tiny_language_model)) + more)
        spec = folder / "spec.yaml"
        spec.write_text(f"name: {name}\nmodel: script/{folder}/leave.py\n")
        assert shell.json("train", str(spec), "--yes")["status"] == "completed"
        return name

    return run


@pytest.fixture(scope="module")
def talker(leave: Leave) -> str:
    return leave("talker")


def test_an_answer_and_its_figures(shell: Shell, talker: str) -> None:
    answer = shell("chat", "--model", talker, ASKED, "--temperature", "0")
    assert (answer.returncode, answer.stdout) == (0, f"{ANSWER}\n"), answer.stderr
    found = shell.json("chat", "--model", talker, "고마워!", "--temperature", "0")
    assert (found["text"], found["finish_reason"]) == ("천만에요. 😊", "stop")
    cut = shell.json("chat", "--model", talker, ASKED, "--max-tokens", "2", "--seed", "1")
    assert cut["finish_reason"] == "length"


def test_texts_are_predicted(shell: Shell, talker: str) -> None:
    found = shell.json("predict", talker, ASKED, "하늘은 무슨 색이야?")
    texts = [one["predictions"][0]["text"] for one in found["results"]]
    assert texts == [ANSWER, "하늘은 파란색입니다."]
    assert ANSWER in shell("predict", talker, ASKED).stdout


def test_what_cannot_be_done_says_what_can(shell: Shell, talker: str) -> None:
    refused = shell("evaluate", talker)
    assert refused.returncode == 2
    assert "chat --model" in refused.stderr
    assert "--model RUN" in shell("chat", "--temperature", "1", "hello").stderr
    kept = shell("chat", "--model", talker, "--session", "last", "hello")
    assert kept.returncode == 2
    assert "not kept" in kept.stderr
    long = shell("chat", "--model", talker, "story " * 99)
    assert long.returncode == 2
    assert "of 128 that the model can look at" in long.stderr


def test_from_python(shell: Shell, talker: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PYTHON],
        env=environment(shell.home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    thanks, who, cut = done.stdout.splitlines()
    assert (thanks, cut) == ("천만에요. 😊", "length")
    pieces, _, reason = who.rpartition(" ")
    assert pieces.replace("|", "") == ANSWER
    assert pieces.count("|") > 5
    assert reason == "stop"


def test_a_conversation_on_a_terminal(shell: Shell, leave: Leave) -> None:
    leave("endless", ENDLESS)
    steps = [  # typed at a prompt that reads: what comes earlier is the terminal's, not ours
        (r"leaves\..*» $", "go on\r"),
        (r"go on\r\n.{20}", "\x03"),  # it is talking
        (r"ended.*» $", "/new\r"),
        (r"/new\r\n» $", "\x04"),
    ]
    place = 0

    def react(seen: str) -> bytes | None:
        nonlocal place
        if not steps or not re.search(steps[0][0], seen[place:], re.DOTALL):
            return None
        place = len(seen)
        return steps.pop(0)[1].encode()

    seen, code = in_terminal(
        ["chat", "--model", "endless", "--max-tokens", "8192", "--temperature", "0"],
        shell.home,
        react,
    )
    assert code == 0, seen
    assert not steps
    assert seen.count("ended") == 1
    # the model is free again
    assert shell.json("chat", "--model", "endless", "hi", "--max-tokens", "2")["finish_reason"]
