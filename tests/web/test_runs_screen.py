"""The list of runs: many are tagged, moved and taken back at once; projects are kept in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import Opener
from playwright.sync_api import Page, expect

from trainwright.client import Client

SPEC = {"model": "builtin/mlp", "dataset": "digits", "overrides": {"hidden": [16]}}


@pytest.fixture
def pair(client: Client) -> Iterator[list[str]]:
    """Two runs that have been stopped before they began."""
    ids = [client.create_run(SPEC | {"name": f"sorted-{n}"}).id for n in (1, 2)]
    for run_id in ids:
        client.stop(run_id, now=True)
    yield ids
    for run_id in ids:
        client.wait(run_id, 60)
        client.delete(run_id, now=True)


def choose_both(page: Page) -> None:
    for n in (1, 2):
        page.get_by_role("row", name=f"sorted-{n}").get_by_role("checkbox").check()


def test_chosen_runs_are_tagged_and_moved_with_undo(
    open_page: Opener, pair: list[str], client: Client
) -> None:
    page = open_page("/runs?q=sorted-")
    choose_both(page)
    page.get_by_role("button", name="Tags", exact=True).click()
    page.get_by_role("textbox", name="Add").fill("sweep, 좋음")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Tags of 2 runs are changed", exact=True)).to_be_visible()
    assert [set(client.run(run_id).tags) for run_id in pair] == [{"sweep", "좋음"}] * 2
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The change is taken back", exact=True)).to_be_visible()
    assert [client.run(run_id).tags for run_id in pair] == [[], []]

    page.get_by_role("button", name="Projects").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="New project").fill("kept-together")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog.get_by_role("listitem")).to_contain_text("kept-together")
    page.keyboard.press("Escape")
    choose_both(page)
    page.get_by_role("button", name="Move to project").click()
    page.get_by_role("menuitem", name="kept-together").click()
    expect(page.get_by_text("2 runs are moved", exact=True)).to_be_visible()
    project = client.project("kept-together")
    assert project.runs == 2

    page.get_by_role("button", name="Projects").click()
    dialog.get_by_role("button", name="Delete kept-together").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    # while the question is open, the dialog below it has no roles at all
    expect(dialog.get_by_role("textbox", name="New project")).to_be_visible()
    expect(dialog.get_by_role("listitem")).to_have_count(0)
    assert [client.run(run_id).project_id for run_id in pair] == [None, None]


def test_a_run_to_compare_has_its_name_and_a_search_that_fails_says_so(
    open_page: Opener, finished: str, client: Client
) -> None:
    page = open_page(f"/compare?runs={finished}")
    main = page.get_by_role("main")
    expect(main.get_by_text(client.run(finished).name, exact=True)).to_be_visible()
    main.get_by_role("combobox").click()
    expect(page.get_by_role("option").first).to_be_visible()
    page.route("**/api/v1/runs?*", lambda route: route.abort())
    main.get_by_role("combobox").fill("digits")
    expect(main.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(0)
    page.unroute("**/api/v1/runs?*")
    main.get_by_role("alert").get_by_role("button").last.click()
    expect(main.get_by_role("alert")).to_have_count(0)
