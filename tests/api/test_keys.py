import os
import pty
import select
import subprocess
import sys

PROGRAM = """
from trainwright.api.panel.keys import unseen_keys
with unseen_keys():
    print("drawing", flush=True)
    input()
print("done", flush=True)
input()
"""


def read(master, until):
    text = b""
    while until not in text:
        assert select.select([master], [], [], 20)[0], text
        text += os.read(master, 1000)
    return text


def test_typed_keys_are_not_written_into_what_is_drawn():
    child, master = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM])
    read(master, b"drawing")
    os.write(master, b"unseen\n")
    assert b"unseen" not in read(master, b"done")
    os.write(master, b"seen\n")  # echoed again afterwards
    assert b"seen" in read(master, b"seen")
    os.waitpid(child, 0)
    os.close(master)


def test_without_a_terminal_nothing_is_asked_of_one():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=b"a\nb\n", capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    closed = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" <&-', sys.executable, PROGRAM.replace("input()", "pass")],
        capture_output=True,
        check=False,
    )
    assert (closed.returncode, closed.stderr) == (0, b"")
