"""What moves: the connection that is lost and found again, and runs that others start."""

from __future__ import annotations

from browsing import Opener, settle, word
from house import House
from playwright.sync_api import Page, expect

from trainwright.client import Client

PATIENCE = 30_000
RUN = {"model": "builtin/mlp", "dataset": "digits", "overrides": {"hidden": [16]}}


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


def test_a_run_that_others_start_appears_and_ends_before_ones_eyes(
    open_page: Opener, client: Client, finished: str
) -> None:
    page = open_page("/runs")
    settle(page)
    page.evaluate("window.same = true")
    run = client.create_run(RUN | {"name": "seen-live", "epochs": 3})
    row = page.get_by_role("row").filter(has_text="seen-live")
    expect(row).to_be_visible(timeout=PATIENCE)
    other = open_page(f"/runs/{run.id}", context=page.context)
    settle(other)
    expect(row).to_contain_text(word("ui.status.completed"), timeout=2 * PATIENCE)
    expect(other.locator("main")).to_contain_text(word("ui.status.completed"), timeout=PATIENCE)
    assert page.evaluate("window.same"), "the page was loaded anew"


def test_a_run_goes_on_being_watched_when_the_server_is_killed(
    open_page: Opener, client: Client, platform: House
) -> None:
    spec = {"model": "builtin/lenet5", "dataset": "digits", "epochs": 40, "name": "through-a-crash"}
    run = client.create_run(spec)
    page = open_page(f"/runs/{run.id}")
    settle(page)
    expect(page.locator("main")).to_contain_text(word("ui.status.running"), timeout=2 * PATIENCE)
    platform.kill("api")
    status(page, "closed")
    status(page, "connected")
    client.stop(run.id)
    expect(page.locator("main")).to_contain_text(word("ui.status.stopped"), timeout=2 * PATIENCE)
