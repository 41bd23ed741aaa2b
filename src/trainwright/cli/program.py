"""How this program is called, so that every command it suggests can be typed as printed."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from shlex import quote

NAME = "trainwright"
_COMMANDS = frozenset(
    (NAME, "pip", "export", "unset", "chmod", "chown", "mkdir", "mv", "rm", "ulimit", "sudo")
)


def called_as() -> str:
    """`trainwright`, or the way to it where the shell does not find it by its name."""
    if shutil.which(NAME):
        return NAME
    called = Path(sys.argv[0])
    if called.name == NAME and called.is_file():
        return quote(sys.argv[0])
    return f"{quote(sys.executable)} -m {NAME}"


def is_command(text: str) -> bool:
    """Whether `text` can be typed, rather than only read."""
    first = text.split(maxsplit=1)[:1]
    return bool(first) and (first[0] in _COMMANDS or first[0].startswith("--"))


def remedy(text: str) -> str:
    """What is to be done about a fault, as a command that mends it or as a hint."""
    return f"{'mend it with' if is_command(text) else 'hint'}: {runnable(text)}"


def runnable(text: str) -> str:
    """`text` with the commands in it as they can be typed here."""
    from trainwright.cli.main import COMMANDS

    here = called_as()
    command = rf"(?<![\w/.'-]){NAME} (?=(?:{'|'.join(COMMANDS)})\b)"
    return re.sub(command, lambda _: here + " ", text)
