"""What is typed while a panel is drawn stays out of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec


@contextmanager
def unseen_keys() -> Iterator[None]:
    """Keep the terminal from writing typed keys, `^C` among them, into what is drawn there."""
    if find_spec("termios") is None or not _in_foreground():
        yield
        return
    import termios  # noqa: PLC0415 (not on every system)

    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    silent = list(before)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(keyboard, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        # a program that went into the background would be suspended for touching the terminal
        if _in_foreground():
            termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def _in_foreground() -> bool:
    """Whether what is typed comes to this program."""
    try:
        keyboard = sys.stdin.fileno()
        return os.isatty(keyboard) and os.tcgetpgrp(keyboard) == os.getpgrp()
    except (AttributeError, OSError, ValueError):
        return False  # no terminal, or no standard input at all
