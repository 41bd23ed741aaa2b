"""Every library that is asked for says why."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def test_every_library_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        asked += extra
    wanted = {found[0] for text in asked if (found := _NAME.match(text))} - {"trainwright"}
    web = json.loads((ROOT / "web" / "package.json").read_text())
    wanted |= {*web["dependencies"], *web["devDependencies"]}
    text = (ROOT / "docs" / "decisions.md").read_text()
    section = text.partition("## Libraries")[2].partition("\n## ")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| ")]
    named = {name.strip() for row in rows for name in row[1].split(",") if row[3].strip()}
    assert wanted - named == set()
    assert named - wanted - {"library"} == set(), "no longer asked for"
