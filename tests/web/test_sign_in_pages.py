"""Signing in: by a link, by a password, again after the session's end; and signing out."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from browsing import COOKIE, LOCALES, PASSWORD, Opener, Site, settle, word
from house import House
from playwright.sync_api import expect

from trainwright.client import Client


def command(platform: House, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "trainwright", *arguments],
        env=os.environ | {"TRAINWRIGHT_HOME": str(platform.home.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_link_of_the_demo_opens_the_finished_run_signed_in(
    open_page: Opener, platform: House, finished: str
) -> None:
    link = json.loads(command(platform, "open", finished, "--json"))["link"]
    page = open_page(link, person=None)
    page.wait_for_url(f"**/runs/{finished}")
    settle(page)
    expect(page.locator("main")).to_contain_text("digits-1")
    assert "code=" not in page.url
    page.go_back()
    assert "code=" not in page.url, "a code must not stay in the browser's history"


def test_a_link_is_good_once(open_page: Opener, client: Client) -> None:
    link = client.sign_in_link()
    first = open_page(link, person=None)
    first.wait_for_url(lambda url: "/sign-in" not in url)
    second = open_page(None, person=None)
    second.watch.allow(401, "/auth/")  # type: ignore[attr-defined]
    second.goto(link)
    settle(second)
    expect(second.locator("input[type=password]")).to_be_visible()
    assert "/sign-in" in second.url


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_a_password_leads_to_the_page_that_was_asked_for(open_page: Opener, language: str) -> None:
    page = open_page(None, person=None, language=language)
    page.watch.allow(401, "/auth/")  # type: ignore[attr-defined]
    page.goto("/chat?from=bookmark")
    page.wait_for_url("**/sign-in?next=**")
    page.fill("[autocomplete=username]", "kim")
    page.fill("[autocomplete=current-password]", "a wrong guess")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").or_(page.locator("[aria-invalid=true]")).first).to_be_visible()
    assert "/sign-in" in page.url
    page.fill("[autocomplete=current-password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/chat?from=bookmark")
    settle(page)


def test_a_foreign_next_leads_nowhere_else(open_page: Opener, client: Client, site: Site) -> None:
    for place in ("//evil.example/", "https://evil.example/", "/\\evil.example/"):
        link = client.sign_in_link(place)
        page = open_page(link, person=None)
        page.wait_for_url(lambda url: "/sign-in" not in url)
        assert page.url.startswith(site.url)


def test_a_session_that_ends_is_renewed_in_place(open_page: Opener, site: Site) -> None:
    page = open_page("/chat", person="kim")
    settle(page)
    page.locator("textarea").first.fill("a sentence that must not be lost")
    page.watch.allow(401, "/api/")  # type: ignore[attr-defined]
    page.context.clear_cookies(name=COOKIE)
    page.locator("textarea").first.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.locator("[autocomplete=current-password]").fill(PASSWORD)
    dialog.locator("[autocomplete=current-password]").press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("main")).to_contain_text("a sentence that must not be lost")


def test_signing_out_in_one_tab_signs_out_the_other(open_page: Opener) -> None:
    one = open_page("/chat", person="kim")
    settle(one)
    other = open_page("/chat", context=one.context)
    settle(other)
    for page in (one, other):
        page.watch.allow(401, "/api/")  # type: ignore[attr-defined]
    one.get_by_role("button", name=word("shell.user.menu", name="kim")).click()
    one.get_by_role("menuitem", name=word("shell.user.signOut")).click()
    one.wait_for_url("**/sign-in**")
    other.wait_for_url("**/sign-in**")
