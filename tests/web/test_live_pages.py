"""What moves: the connection that is lost and found again, and runs that others start."""

from __future__ import annotations

from browsing import Opener, settle, word
from house import House
from playwright.sync_api import Page, expect

PATIENCE = 30_000


def status(page: Page, key: str) -> None:
    """Wait until the badge says so to those who cannot see it."""
    words = word(f"shell.connection.{key}")
    expect(page.get_by_role("status").filter(has_text=words).first).to_be_attached(timeout=PATIENCE)


def test_a_server_that_dies_is_said_and_found_again(open_page: Opener, platform: House) -> None:
    page = open_page("/chat")
    settle(page)
    status(page, "connected")
    page.evaluate("window.same = true")
    platform.kill("api")
    status(page, "closed")
    status(page, "connected")
    assert page.evaluate("window.same"), "the page was loaded anew"


def test_being_offline_is_said(open_page: Opener) -> None:
    page = open_page("/chat")
    settle(page)
    status(page, "connected")
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_text(word("shell.connection.offline")).first).to_be_attached()
    page.context.set_offline(False)
    status(page, "connected")
