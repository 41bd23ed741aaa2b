"""What must hold on every screen: axe, both languages, both themes, a telephone's width."""

from __future__ import annotations

import pytest
from browsing import DESK, PHONE, Opener, bare_keys, overflow, settle, violations
from web_routes import fill, patterns

from trainwright.client import Client


@pytest.fixture(scope="module")
def values(finished: str, client: Client) -> dict[str, str]:
    """What parameters of routes stand for."""
    other = next(run.id for run in client.runs(status="completed") if run.id != finished)
    link = client.share(finished).token
    return {"runs.id": finished, "run": finished, "other": other, "share.token": link}


DEEPER = [
    "/compare?runs={run},{other}",
    "/playground?run={run}",
    "/models/builtin/lenet5",
    "/datasets/digits",
    "/settings/tokens",
    "/settings/people",
    "/settings/platform",
    "/no/such/page",
]
"""Addresses that show what a screen alone does not; `run` and `other` are finished runs."""


@pytest.mark.parametrize("pattern", patterns() + DEEPER)
def test_a_screen_is_whole(open_page: Opener, values: dict[str, str], pattern: str) -> None:
    person = None if pattern == "/sign-in" else "admin"
    path = pattern.format(**values) if pattern in DEEPER else fill(pattern, values)
    wrong = []
    for language, theme, viewport in (("en", "light", PHONE), ("ko", "dark", DESK)):
        page = open_page(path, person=person, language=language, theme=theme, viewport=viewport)
        settle(page)
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("html").get_attribute("data-theme") == theme
        assert page.title()
        found = violations(page)
        found += [f"no words for {key}" for key in bare_keys(page)]
        found += [f"too wide: {part}" for part in overflow(page)]
        wrong += [f"{language}, {theme}, {viewport['width']} pixels: {one}" for one in found]
    assert not wrong, "\n".join(wrong)


def test_there_are_screens() -> None:
    assert {"/sign-in"} < set(patterns())
