"""Showing a run to people who have no account: the dialog, their page, and the report."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from browsing import Opener
from playwright.sync_api import expect

from trainwright.client import Client


def test_a_link_is_made_followed_by_a_stranger_and_revoked(
    open_page: Opener, finished: str, client: Client
) -> None:
    for link in client.shares(finished):
        client.revoke_share(finished, link.id)
    page = open_page(f"/runs/{finished}")
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share this run")
    expect(dialog.get_by_text("Nobody has a link")).to_be_visible()
    dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_role("link", name="/share/")
    expect(link).to_be_visible()
    url = link.get_attribute("href")
    assert url is not None

    guest = open_page(None, person=None)
    guest.goto(url)
    expect(guest.get_by_role("heading", level=1, name="digits-1")).to_be_visible()
    expect(guest.get_by_role("group", name="loss", exact=True).locator("canvas")).to_be_visible()
    expect(guest.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    expect(guest.get_by_role("row", name=re.compile("Epochs 3"))).to_be_visible()
    for name in ("Stop", "Resume", "Clone and edit", "Share", "Keep"):
        expect(guest.get_by_role("button", name=name)).to_have_count(0)
    expect(guest.get_by_role("log")).to_have_count(0)

    guest.watch.allow(410, "/shared/")  # type: ignore[attr-defined]
    dialog.get_by_role("button", name="Revoke", exact=True).click()
    expect(dialog.get_by_text("Nobody has a link")).to_be_visible()
    guest.reload()
    expect(guest.get_by_text("This link has ended")).to_be_visible()
    assert client.shares(finished) == []


def test_a_guest_sees_a_run_move_until_the_link_is_revoked(
    open_page: Opener, client: Client
) -> None:
    run = client.create_run(
        {"model": "builtin/mlp", "dataset": "digits", "overrides": {"hidden": [16]}}
        | {"name": "shared-live", "epochs": 5000}
    )
    link = client.share(run.id, expires=timedelta(hours=1), with_log=True)
    guest = open_page(link.path, person=None)
    step = guest.get_by_role("region", name="Progress").get_by_text(re.compile(r"[\d,]+ / [\d,]+"))
    step.first.wait_for(timeout=60_000)
    before = step.first.inner_text()
    expect(step.first).not_to_have_text(before, timeout=60_000)
    expect(guest.get_by_role("log")).to_contain_text("epoch 1/5000", timeout=60_000)
    guest.watch.allow(410, "/shared/")  # type: ignore[attr-defined]
    client.revoke_share(run.id, link.id)
    expect(guest.get_by_text("This link has ended")).to_be_visible(timeout=60_000)
    client.stop(run.id, now=True)


def test_what_is_no_link_is_said_to_be_none(open_page: Opener) -> None:
    guest = open_page(None, person=None)
    guest.watch.allow(404, "/shared/")  # type: ignore[attr-defined]
    guest.goto("/share/tws_sh0_nothing")
    expect(guest.get_by_text("There is no such link")).to_be_visible()


def test_the_report_is_saved_and_shows_itself_offline(
    open_page: Opener, finished: str, tmp_path: Path
) -> None:
    page = open_page(f"/runs/{finished}")
    page.get_by_role("button", name="More actions").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save report").click()
    assert download.value.suggested_filename == "digits-1.html"
    saved = tmp_path / "report.html"
    download.value.save_as(saved)
    report = open_page(None, person=None)
    report.context.set_offline(True)
    report.goto(saved.as_uri())
    expect(report.get_by_role("heading", level=1, name="digits-1")).to_be_visible()
    expect(report.get_by_role("img").first).to_be_visible()
    assert report.evaluate("getComputedStyle(document.body).margin") == "0px"
