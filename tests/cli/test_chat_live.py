"""Conversations from the shell: single messages, and a whole one on a terminal with a real run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_train_live import Shell, environment, in_terminal, shell

__all__ = ["shell"]

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]


def piped(home: Path, text: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trainwright", "chat", *argv],
        env=environment(home),
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_single_messages_go_on_with_the_last_conversation(shell: Shell) -> None:
    first = shell.json("chat", "Classify handwritten digits with an MLP, 2 epochs")
    assert first["actions"][0]["type"] == "start_training"
    changed = shell.json("chat", "--session", "last", "make it 3 epochs")
    assert changed["session_id"] == first["session_id"]
    assert changed["spec"]["epochs"] == 3
    shown = shell("chat", "--session", first["session_id"], "what is early stopping?")
    assert "patience" in shown.stdout
    listed = shell.json("chat", "--list")
    assert listed[0]["title"].startswith("Classify handwritten digits")
    shell.json("chat", "--delete", first["session_id"])
    gone = shell("chat", "--session", first["session_id"], "hello")
    assert gone.returncode == 2
    assert "no conversation" in gone.stderr


def test_paths_are_seen_from_the_folder_it_is_called_in(shell: Shell) -> None:
    reply = shell.json("chat", "train lenet5 on ./photos for 2 epochs")
    assert reply["intent"]["dataset"] == str(Path("photos").absolute())


def test_what_is_piped_in_is_one_message(shell: Shell) -> None:
    reply = json.loads(piped(shell.home, "조기 종료가\n뭐야?\n", "--json").stdout)
    assert reply["topic"] == "glossary"
    assert reply["language"] == "ko"
    nothing = piped(shell.home, "  \n")
    assert nothing.returncode == 2
    assert "say something" in nothing.stderr


def test_a_whole_conversation_on_a_terminal(shell: Shell) -> None:
    steps = [
        ("Say what to train", "Classify handwritten digits with an MLP, 2 epochs"),
        (r"Start it\?", "1"),
        ("confusion", "how is my last run doing?"),
        ("It took", "run it again with 5000 epochs"),
        ("epochs 5000", "yes"),
        (r"epoch \d+/5000", "\x03"),  # frames of a fast training may skip any one
        ("goes on training", "멈춰줘"),
        ("중지할까요", "네"),
        ("중지를 요청했습니다.*» ", "\x04"),  # not before the prompt reads again
    ]
    place = 0

    def react(seen: str) -> bytes | None:
        nonlocal place
        if not steps or not re.search(steps[0][0], seen[place:], re.DOTALL):
            return None
        words = steps.pop(0)[1]
        place = len(seen)
        return words.encode() if words in "\x03\x04" else f"{words}\n".encode()

    seen, code = in_terminal(["chat"], shell.home, react)
    assert code == 0, seen
    assert not steps, steps
    runs = list(shell.json("runs", "list"))
    assert len(runs) >= 2
