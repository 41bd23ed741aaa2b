"""What must hold on every screen: axe, both languages, both themes, a telephone's width."""

from __future__ import annotations

import pytest
from browsing import DESK, PHONE, Opener, bare_keys, overflow, settle, violations
from web_routes import fill, patterns


@pytest.fixture(scope="module")
def values(finished: str) -> dict[str, str]:
    """What parameters of routes stand for."""
    return {"runs.id": finished, "runs.run": finished, "playground.run": finished}


@pytest.mark.parametrize("pattern", patterns())
def test_a_screen_is_whole(open_page: Opener, values: dict[str, str], pattern: str) -> None:
    person = None if pattern == "/sign-in" else "admin"
    path, wrong = fill(pattern, values), []
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
