"""The chat: from a sentence to a run that is watched."""

from __future__ import annotations

import json
import re

from browsing import PHONE, Opener, settle, word
from playwright.sync_api import Page, expect

from trainwright.client import Client

PATIENCE = 30_000


def say(page: Page, words: str, language: str = "en") -> None:
    box = page.get_by_role("textbox", name=word("chat.composer.label", language), exact=True)
    box.fill(words)
    box.press("Enter")


def setting(page: Page, name: str, language: str = "en") -> str:
    label = word(f"chat.field.{name}", language)
    row = page.get_by_role("button", name=re.compile(f"^{re.escape(label)}: "))
    return row.get_attribute("aria-label") or ""


def test_from_a_sentence_over_a_question_to_a_run(open_page: Opener, client: Client) -> None:
    page = open_page("/chat")
    settle(page)
    say(page, "train lenet5 for 2 epochs")
    log = page.get_by_role("log")
    log.get_by_role("button", name="digits", exact=True).click(timeout=PATIENCE)
    start = page.get_by_role("button", name=word("chat.spec.start"))
    expect(start).to_be_enabled(timeout=PATIENCE)
    assert "builtin/lenet5" in setting(page, "model")

    page.get_by_role("button", name=re.compile("^Batch size: ")).click()
    form = page.get_by_role("spinbutton", name="Batch size").or_(
        page.get_by_role("textbox", name="Batch size")
    )
    form.fill("48")
    form.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Batch size: 48"))).to_be_visible()

    start.click()
    card = log.get_by_role("link", name=re.compile("lenet5-digits"))
    expect(card).to_be_visible(timeout=PATIENCE)
    expect(log).to_contain_text(word("ui.status.completed"), timeout=6 * PATIENCE)
    run_id = re.sub(r".*/", "", card.get_attribute("href") or "")
    run = client.run(run_id)
    assert run.spec["batch_size"] == 48
    assert run.spec["epochs"] == 2
    assert run.provenance["batch_size"] == "user"

    page.reload()
    settle(page)
    expect(log).to_contain_text("train lenet5 for 2 epochs")
    expect(log).to_contain_text(word("ui.status.completed"), timeout=PATIENCE)


def test_korean_on_a_phone(open_page: Opener) -> None:
    page = open_page("/chat", language="ko", viewport=PHONE)
    settle(page)
    say(page, "손글씨 숫자를 르넷으로 5 에폭 분류해 줘", "ko")
    page.get_by_role("button", name=word("chat.spec.title", "ko"), exact=True).click(
        timeout=PATIENCE
    )
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("button", name=word("chat.spec.start", "ko"))).to_be_visible()
    assert setting(page, "epochs", "ko").startswith("에폭: 5")


def test_enter_that_ends_a_hangul_syllable_sends_nothing(open_page: Opener) -> None:
    page = open_page("/chat", language="ko")
    settle(page)
    box = page.get_by_role("textbox", name=word("chat.composer.label", "ko"), exact=True)
    box.fill("안녕")
    box.evaluate(
        """(area) => area.dispatchEvent(new KeyboardEvent(
             "keydown", { key: "Enter", keyCode: 229, isComposing: true, bubbles: true }))"""
    )
    expect(box).to_have_value("안녕")
    box.press("Enter")
    expect(box).to_have_value("")


def test_a_change_that_cannot_be_is_said_and_changes_nothing(open_page: Opener) -> None:
    page = open_page("/chat")
    page.watch.allow(422, "/chat/edit")  # type: ignore[attr-defined]
    settle(page)
    say(page, "train lenet5 on digits for 3 epochs")
    row = page.get_by_role("button", name=re.compile("^Image size: "))
    row.click(timeout=PATIENCE)
    form = page.get_by_role("textbox", name="Image size")
    form.fill("huge")
    form.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Image size")).to_be_visible()
    page.get_by_role("button", name=word("common.cancel")).click()
    expect(row).to_be_visible()


def test_who_may_only_look_cannot_start(open_page: Opener) -> None:
    page = open_page("/chat", person="viewer")
    settle(page)
    say(page, "train lenet5 on digits for 3 epochs")
    start = page.get_by_role("button", name=word("chat.spec.start"))
    expect(start).to_be_disabled(timeout=PATIENCE)


def test_a_message_that_does_not_arrive_is_not_lost(open_page: Opener) -> None:
    page = open_page("/chat")
    page.watch.allow(503, "/chat/message")  # type: ignore[attr-defined]
    settle(page)
    fault = {
        "error": {"code": "unavailable", "message": "not now", "details": {}, "request_id": "r"}
    }
    page.route(
        "**/api/v1/chat/message",
        lambda route: route.fulfill(
            status=503, content_type="application/json", body=json.dumps(fault)
        ),
    )
    say(page, "train lenet5 on digits for 3 epochs")
    retry = page.get_by_role("button", name=word("common.retry"))
    expect(retry).to_be_visible(timeout=PATIENCE)
    page.unroute("**/api/v1/chat/message")
    retry.click()
    expect(page.get_by_role("button", name=word("chat.spec.start"))).to_be_enabled(timeout=PATIENCE)


def test_conversations_are_found_and_forgotten(open_page: Opener) -> None:
    page = open_page("/chat")
    settle(page)
    say(page, "what is early stopping?")
    places = page.get_by_role("complementary", name=word("chat.sessions.title"))
    entry = places.get_by_role("link", name=re.compile("what is early stopping"))
    expect(entry.first).to_be_visible(timeout=PATIENCE)
    places.get_by_role("searchbox").or_(places.get_by_role("textbox")).first.fill(
        "nobody said this"
    )
    expect(entry).to_have_count(0)
    places.get_by_role("searchbox").or_(places.get_by_role("textbox")).first.fill("early")
    entry.first.hover()
    places.get_by_role("button", name=re.compile("what is early")).first.click()
    page.get_by_role("alertdialog").or_(page.get_by_role("dialog")).get_by_role(
        "button", name=word("common.delete")
    ).click()
    expect(entry).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/chat$"))
