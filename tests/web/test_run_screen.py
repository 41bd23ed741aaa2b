"""The page of one run, against a platform that really trains."""

from __future__ import annotations

import re

import pytest
from browsing import Opener, Site, word
from house import eventually
from playwright.sync_api import Page, expect

from trainwright.client import Client

SPEC = {"model": "builtin/mlp", "dataset": "digits", "overrides": {"hidden": [16]}}


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


@pytest.fixture(scope="module")
def failed(client: Client) -> str:
    """The id of a run whose loss was no number."""
    run = client.create_run(
        SPEC
        | {"name": "too-hot", "epochs": 3, "model": "builtin/lenet5", "overrides": {}}
        | {"learning_rate": 90, "optimizer": "sgd"}
    )
    assert client.wait(run.id, 120).status == "failed"
    return run.id


def test_a_finished_run_shows_its_curves_checkpoints_and_results(
    open_page: Opener, finished: str
) -> None:
    page = open_page(f"/runs/{finished}")
    expect(page.get_by_role("heading", level=1, name="digits-1")).to_be_visible()
    expect(page.get_by_role("group", name="loss", exact=True).locator("canvas")).to_be_visible()
    tab(page, "Log")
    expect(page.get_by_role("log")).to_contain_text("epoch 1/3")
    expect(page.get_by_role("log")).not_to_contain_text("::trainwright::")
    tab(page, "Checkpoints")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("last.pt")).click()
    assert download.value.path().stat().st_size > 0
    tab(page, "Results")
    expect(page.get_by_role("heading", name="Confusion matrix")).to_be_visible()
    tab(page, "Provenance")
    expect(page.get_by_role("row", name=re.compile("Epochs 3"))).to_contain_text("You")


def test_name_tags_and_notes_are_edited_in_place(
    open_page: Opener, finished: str, client: Client
) -> None:
    page = open_page(f"/runs/{finished}")
    page.get_by_role("button", name="Add tag").click()
    page.get_by_role("textbox", name="Add tag").fill("seen, 좋음")
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Tags").get_by_role("listitem")).to_have_count(2)
    page.keyboard.press("e")
    page.get_by_role("textbox", name="Rename").fill("digits-renamed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="digits-renamed")).to_be_visible()
    run = client.run(finished)
    assert (run.name, set(run.tags)) == ("digits-renamed", {"seen", "좋음"})
    client.edit_run(finished, name="digits-1", tags=[])


def test_a_failure_is_explained_and_mended_by_a_clone(
    open_page: Opener, failed: str, client: Client
) -> None:
    page = open_page(f"/runs/{failed}")
    expect(page.get_by_role("region", name="Why it failed")).to_contain_text("nan")
    page.get_by_role("button", name="Diagnose").click()
    page.get_by_role("button", name="Clone with this").first.click()
    expect(page.get_by_role("status").filter(has_text="1 change")).to_be_visible()
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(lambda url: "/runs/" in url and failed not in url)
    clone = client.run(page.url.rpartition("/")[2])
    assert clone.spec["learning_rate"] == 9
    client.stop(clone.id, now=True)


def test_a_failure_is_said_in_korean_above_what_the_trainer_said(
    open_page: Opener, failed: str, client: Client
) -> None:
    error = client.run(failed).error
    assert error is not None
    page = open_page(f"/runs/{failed}", language="ko")
    panel = page.get_by_role("region", name=word("run.error.title", "ko"))
    expect(panel.get_by_role("heading", level=2)).to_have_text(word("failures.nan.title", "ko"))
    expect(panel).to_contain_text(error.message)
    expect(panel).to_contain_text(word("failures.nan.hint", "ko"))
    tab(page, word("run.tabs.run-alerts", "ko"))
    alert = page.get_by_role("listitem").filter(has_text=word("alerts.rule.failed", "ko"))
    expect(alert).to_contain_text(word("failures.nan.title", "ko"))


def test_a_run_moves_while_one_looks_and_is_stopped(open_page: Opener, client: Client) -> None:
    run = client.create_run(SPEC | {"name": "to-be-watched", "epochs": 5000})
    page = open_page(f"/runs/{run.id}")
    expect(page.get_by_role("heading", level=1, name="to-be-watched")).to_be_visible()
    step = page.get_by_role("region", name="Progress").get_by_text(re.compile(r"[\d,]+ / [\d,]+"))
    step.first.wait_for(timeout=60_000)
    before = step.first.inner_text()
    expect(step.first).not_to_have_text(before, timeout=30_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible(timeout=90_000)
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_a_run_goes_back_to_an_earlier_checkpoint(open_page: Opener, client: Client) -> None:
    run_id = client.create_run(SPEC | {"name": "to-go-back", "epochs": 5000}).id

    def steps() -> list[int]:
        return sorted({c.step or 0 for c in client.checkpoints(run_id) if c.resumable})

    eventually(lambda: len(steps()) > 2)
    client.stop(run_id)
    eventually(lambda: client.run(run_id).status == "stopped")
    page = open_page(f"/runs/{run_id}")
    tab(page, "Checkpoints")
    chosen, *_, end_of_epoch, _ = steps()
    # what is given up makes room for later steps, and the same step is saved again; not this one
    client.keep_checkpoint(run_id, end_of_epoch)
    rows = page.get_by_role("row").filter(has=page.get_by_role("button", name="Resume from here"))
    expect(rows).to_have_count(len(steps()))
    rows.last.get_by_role("button", name="Resume from here").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("are trained anew")
    dialog.get_by_role("button", name="Resume", exact=True).click()
    expect(dialog).to_have_count(0)
    eventually(lambda: client.attempts(run_id)[-1].start_step)
    assert client.attempts(run_id)[-1].start_step == chosen
    eventually(lambda: client.run(run_id).progress.step > end_of_epoch)
    client.stop(run_id)
    eventually(lambda: client.run(run_id).status == "stopped")
    # what was given up is shown by its attempt, and starts another run
    given_up = page.get_by_role("row").filter(has=page.get_by_text("Given up", exact=True))
    expect(given_up.filter(has_text="Kept")).to_have_count(1)
    given_up.filter(has_text="Kept").get_by_role("button", name="Start a new run").click()
    clone = page.get_by_role("dialog")
    expect(clone).to_contain_text("that starts from to-go-back, step")
    clone.get_by_role("button", name="Cancel").click()
    tab(page, "Overview")
    with page.expect_response(re.compile(r"/metrics\?.*attempt=1")):
        page.get_by_role("combobox", name="Attempt").click()
        page.get_by_role("option", name=re.compile("^Attempt 1")).click()


def test_who_may_only_look_is_offered_nothing_to_change(
    open_page: Opener, finished: str, site: Site
) -> None:
    page = open_page(f"/runs/{finished}", person="viewer")
    expect(page.get_by_role("button", name="Diagnose")).to_be_visible()
    for name in ("Clone and edit", "Rename", "Add tag"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
