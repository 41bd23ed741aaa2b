"""How this program is called, so that every command it suggests can be typed as printed."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from shlex import quote

NAME = "trainwright"


def called_as() -> str:
    """`trainwright`, or the way to it where the shell does not find it by its name."""
    if shutil.which(NAME):
        return NAME
    called = Path(sys.argv[0])
    if called.name == NAME and called.is_file():
        return quote(sys.argv[0])
    return f"{quote(sys.executable)} -m {NAME}"


def runnable(text: str) -> str:
    """`text` with the commands in it as they can be typed here."""
    from trainwright.cli.main import COMMANDS

    here = called_as()
    command = rf"(?<![\w/.'-]){NAME} (?=(?:{'|'.join(COMMANDS)})\b)"
    return re.sub(command, lambda _: here + " ", text)
