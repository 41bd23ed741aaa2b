"""The whole way, as somebody new goes it: from the sign-in to an answer of one's own model."""

from __future__ import annotations

import io
import re

import pytest
from browsing import PASSWORD, Opener, settle, word
from PIL import Image
from playwright.sync_api import Page, expect

PATIENCE = 30_000
TRAINING = 6 * PATIENCE
LONG = 80
"""Epochs: enough to be stopped in between, few enough to be waited for."""


def press(page: Page, key: str) -> None:
    page.get_by_role("button", name=word(key), exact=True).first.click()


def say(page: Page, words: str) -> None:
    box = page.get_by_role("textbox", name=word("chat.composer.label"), exact=True)
    box.fill(words)
    box.press("Enter")


def sign_in(page: Page) -> None:
    page.watch.allow(401, "/auth/")  # type: ignore[attr-defined]
    page.goto("/chat")
    page.fill("[autocomplete=username]", "kim")
    page.fill("[autocomplete=current-password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith("/chat"))
    settle(page)


def watch_stop_and_resume(page: Page) -> None:
    progress = page.get_by_role("region", name=word("run.progress.label"))
    at = progress.get_by_text(re.compile(r"[\d,]+ / [\d,]+")).first
    at.wait_for(timeout=2 * PATIENCE)
    before = at.inner_text()
    expect(at).not_to_have_text(before, timeout=PATIENCE)
    expect(page.locator("main canvas").first).to_be_visible()
    press(page, "run.action.stop")
    main = page.locator("main")
    expect(main).to_contain_text(word("ui.status.stopped"), timeout=3 * PATIENCE)
    press(page, "run.action.resume")
    expect(main).to_contain_text(word("ui.status.completed"), timeout=TRAINING)


def compare(page: Page, *names: str) -> None:
    page.goto("/runs")
    settle(page)
    for name in names:
        page.get_by_role("checkbox", name=word("ui.table.selectRow", row=name)).check()
    page.get_by_role("link", name=word("runs.compare"), exact=True).click()
    page.wait_for_url("**/compare?runs=*")
    table = page.get_by_role("region", name=word("compare.table"))
    expect(table).to_contain_text("epochs", ignore_case=True)
    expect(table).to_contain_text(str(LONG))


def ask_the_model(page: Page) -> None:
    page.get_by_role("button", name=word("run.actions")).click()
    page.get_by_role("menuitem", name=word("run.action.try")).click()
    page.wait_for_url("**/playground**")
    picture = io.BytesIO()
    Image.new("L", (8, 8), 90).save(picture, "PNG")
    page.locator("input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    )
    answers = page.get_by_role("list", name=word("playground.answers"))
    expect(answers.get_by_text("%").first).to_be_visible(timeout=2 * PATIENCE)


@pytest.mark.timeout(420)
def test_from_the_sign_in_to_an_answer_of_ones_own_model(open_page: Opener) -> None:
    page = open_page(None, person=None)
    sign_in(page)
    talk = page.get_by_role("log")

    say(page, f"train an mlp for {LONG} epochs, name it journey")
    talk.get_by_role("button", name="digits", exact=True).click(timeout=PATIENCE)
    press(page, "chat.spec.start")
    talk.get_by_role("link", name=re.compile("journey")).click(timeout=PATIENCE)
    page.wait_for_url("**/runs/*")
    run = page.url
    watch_stop_and_resume(page)

    page.goto("/chat")
    settle(page)
    say(page, "train an mlp on digits for 2 epochs, name it sibling")
    press(page, "chat.spec.start")
    expect(talk).to_contain_text(word("ui.status.completed"), timeout=TRAINING)

    compare(page, "journey", "sibling")
    page.goto(run)
    settle(page)
    ask_the_model(page)
