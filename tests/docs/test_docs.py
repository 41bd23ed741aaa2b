"""What the documentation says is there: links, settings, commands, the two ways to start."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from trainwright.cli.main import cli
from trainwright.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?<!import )\btrainwright +([a-z][a-z-]*)((?: +[^\s`|]+)*)")
OPTION = re.compile(r"\[?(--[a-z-]+)")
CODE = re.compile(r"`([^`\n]+)`")


def prose(page: Path) -> str:
    return FENCE.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[str]:
    return LINK.findall(CODE.sub("code", prose(page)))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ +(.+)$", prose(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


def code(page: Path) -> list[str]:
    """Lines of code blocks, and code within the text."""
    text = page.read_text("utf-8")
    blocks = [line for _, body in FENCE.findall(text) for line in body.splitlines()]
    return [line.split(" #")[0] for line in blocks] + CODE.findall(prose(page))


def relative(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        place = (page.parent / path).resolve() if path else page
        if not place.exists() or (anchor and anchor not in anchors(place)):
            broken.append(link)
    assert not broken


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.split("#")[0]).resolve() for link in links(index)}
    pages = {page for page in (ROOT / "docs").rglob("*.md") if page != index}
    assert not sorted(map(relative, pages - linked))


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "operations" / "running-the-platform.md").read_text("utf-8")
    tables = [line for line in page.splitlines() if line.startswith("|")]
    named = {word for row in tables for word in CODE.findall(row.split("|")[1])}
    assert not {name.upper() for name in Settings.model_fields} - named


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_commands_exist(page: Path) -> None:
    unknown = []
    for line in code(page):
        for name, rest in COMMAND.findall(line):
            if not is_command([name, *rest.split()]):
                unknown.append(line)
    assert not unknown


def is_command(words: list[str]) -> bool:
    """Whether the words name a command of the program, and their `--options` are its own."""
    command: click.Command = cli
    for word in words:
        if not isinstance(command, click.Group):
            break
        if word == "…":
            return True
        found = command.get_command(click.Context(command), word)
        if found is None:
            return False
        command = found
    options = {option for param in command.params for option in param.opts} | {"--help"}
    named = {found[1] for found in map(OPTION.match, words) if found}
    return named <= options


def test_readme_starts_with_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    start = text.split("## Start\n")[1].split("\n## ")[0]
    [block] = FENCE.findall(text)
    assert block in FENCE.findall(start)
    commands = [line.split("#")[0].strip() for line in block[1].splitlines()]
    assert commands == ["make demo", "make test"]
    assert len(text.splitlines()) <= 60
