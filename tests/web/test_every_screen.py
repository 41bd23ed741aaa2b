"""What must hold on every screen: axe, both languages, both themes, a telephone's width."""

from __future__ import annotations

import pytest
from browsing import PHONE, Opener, bare_keys, overflow, settle, violations
from web_routes import fill, patterns


@pytest.fixture(scope="module")
def values(finished: str) -> dict[str, str]:
    """What parameters of routes stand for."""
    return {"runs.id": finished, "runs.run": finished, "playground.run": finished}


@pytest.mark.parametrize("pattern", patterns())
def test_a_screen_is_whole(open_page: Opener, values: dict[str, str], pattern: str) -> None:
    person = None if pattern == "/sign-in" else "admin"
    wrong: list[str] = []
    for language, theme in (("en", "light"), ("ko", "dark")):
        page = open_page(fill(pattern, values), person=person, language=language, theme=theme)
        settle(page)
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("html").get_attribute("data-theme") == theme
        assert page.title()
        wrong += [f"{theme}: {found}" for found in violations(page)]
        wrong += [f"{language}: no words for {key}" for key in bare_keys(page)]
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        settle(page)
        wrong += [f"{language}, 360 pixels: too wide: {found}" for found in overflow(page)]
    wrong += [f"on a telephone: {found}" for found in violations(page)]
    assert not wrong, "\n".join(wrong)


def test_there_are_screens() -> None:
    assert {"/sign-in"} < set(patterns())
