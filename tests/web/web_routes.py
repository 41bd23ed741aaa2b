"""The routes of the app, as its screens declare them."""

from __future__ import annotations

import re

from browsing import WEB

_ROUTE = re.compile(r"\bpath:\s*[\"']([^\"']+)[\"']")
_PARAMETER = re.compile(r"/?:(\w+)(\([^)]*\))?([?*+]?)")


def patterns() -> list[str]:
    """Every path that a screen declares, such as `/runs/:id`; children below their parents."""
    found: list[str] = []
    for file in sorted((WEB / "src" / "screens").glob("*/route.ts")):
        parent = ""
        for path in _ROUTE.findall(file.read_text("utf-8")):
            parent = path if path.startswith("/") else parent
            found.append(path if path.startswith("/") else f"{parent}/{path}")
    return found


def fill(pattern: str, values: dict[str, str]) -> str:
    """A path of the pattern; optional parameters are left out where nothing is said of them.

    Args:
        pattern: Path of a route.
        values: What stands for parameters, by `<first step>.<name>`.
    """
    first = pattern.strip("/").split("/")[0]

    def value(match: re.Match[str]) -> str:
        name, optional = f"{first}.{match[1]}", match[3] in ("?", "*")
        return "" if name not in values and optional else "/" + values[name]

    return _PARAMETER.sub(value, pattern) or "/"
