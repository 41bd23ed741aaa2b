"""The commands that messages tell people to type are commands of the program."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from trainwright.cli.command import Command
from trainwright.cli.main import cli

SOURCES = Path(__file__).parents[2] / "src" / "trainwright"
PROGRAM = "trainwright"
# the program's name at the start, or after a colon, a bracket, a quote or "then"
SUGGESTION = re.compile(rf"(?:^|[:;,(`'\"—] ?|\bthen |\bwith )({PROGRAM} [a-z][^`;)\n]*)")


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every string of a module; what an f-string fills in reads `X`."""
    inside = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (v.value if isinstance(v, ast.Constant) else "X" for v in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and id(node) not in inside:
            yield node.lineno, str(node.value)


def suggestions() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCES.rglob("*.py")):
        for line, text in texts(ast.parse(path.read_text("utf-8"))):
            for found in SUGGESTION.findall(text):
                yield f"{path.relative_to(SOURCES)}:{line}", found


def fault_of(suggestion: str) -> str | None:
    """What is wrong with a command line, if anything; its arguments may be anything."""
    words = iter(shlex.split(suggestion)[1:])
    command: click.Command = cli
    for word in words:
        found = (
            command.get_command(click.Context(command), word)
            if isinstance(command, click.Group)
            else None
        )
        if found is None:
            break
        command = found
    else:
        word = ""
    if isinstance(command, click.Group) and command is cli:
        return f"no command {word!r}"
    if isinstance(command, click.Group) and word and not word.startswith("-"):
        return f"no command {word!r} in {command.name!r}"
    options = [o for p in command.params for o in (*p.opts, *p.secondary_opts)]
    known = {*options, "--help"}
    unknown = {w for w in (word, *words) if w.startswith("--") and w not in known}
    return f"no option {sorted(unknown)}" if unknown else None


FOUND = sorted(set(suggestions()))


def test_the_messages_are_found() -> None:
    assert len({text for _, text in FOUND}) > 30
    assert {text.split()[1] for _, text in FOUND} >= {"up", "doctor", "runs", "models", "train"}


@pytest.mark.parametrize(("place", "text"), FOUND)
def test_a_suggested_command_exists(place: str, text: str) -> None:
    assert fault_of(text) is None, f"{place}: {text}: {fault_of(text)}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("trainwright runs list --status failed", None),
        ("trainwright runs", None),
        ("trainwright surgery merge", "no command 'surgery'"),
        ("trainwright runs lst", "no command 'lst' in 'runs'"),
        ("trainwright models list --instaled", "no option ['--instaled']"),
    ],
)
def test_a_wrong_one_would_be_noticed(text: str, fault: str | None) -> None:
    assert fault_of(text) == fault


def examples(group: click.Group = cli) -> Iterator[str]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from examples(command)
        elif isinstance(command, Command):
            yield from command.examples


@pytest.mark.parametrize("example", sorted(set(examples())))
def test_an_example_of_the_help_is_a_command(example: str) -> None:
    assert fault_of(f"{PROGRAM} {example}") is None


def test_examples_are_shown_whole() -> None:
    from click.testing import CliRunner

    sentence = 'trainwright train "Classify handwritten digits with LeNet-5, 5 epochs"'
    assert f"  {sentence}\n" in CliRunner().invoke(cli, ["train", "--help"]).output
