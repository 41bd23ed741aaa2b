"""The playground's chat: a language model that was really trained, talked with as a person does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browsing import PHONE, ROOT, Opener, bare_keys, overflow, settle, violations, word
from house import House
from playwright.sync_api import Locator, Page, Route, expect

from trainwright.client import Client

PATIENCE = 30_000
ASKED, ANSWER = "Who are you?", "I am a very small model, trained a moment ago."
CHAT = re.compile(r"/inference/\w+/chat$")

COPY = """
import os, shutil, sys
shutil.copytree({source!r}, os.path.join(os.environ["TRAINWRIGHT_RUN_DIR"], "model"))
"""


@pytest.fixture(scope="module")
def talker(client: Client) -> str:
    """A run that has left a tiny language model."""
    return train(client, ROOT / "examples" / "tiny_chat.py", "talker")


@pytest.fixture(scope="module")
def twin(
    client: Client, platform: House, talker: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Another run with the same model."""
    script = tmp_path_factory.mktemp("twin") / "copy_model.py"
    script.write_text(COPY.format(source=str(platform.directory(talker).path / "model")))
    return train(client, script, "twin")


@pytest.fixture(scope="module")
def mute(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run that has left no model."""
    script = tmp_path_factory.mktemp("mute") / "nothing.py"
    script.write_text("print('step=1 loss=0.5')\n")
    return train(client, script, "mute")


def train(client: Client, script: Path, name: str) -> str:
    run = client.create_run({"model": f"script/{script}", "name": name})
    assert client.wait(run.id, 120).status == "completed"
    return run.id


def composer(page: Page, language: str = "en") -> Locator:
    return page.get_by_role("textbox", name=word("playground.chat.label", language), exact=True)


def say(page: Page, text: str, language: str = "en") -> None:
    box = composer(page, language)
    box.fill(text)
    box.press("Enter")


def answers_of(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def always_the_likeliest(page: Page, language: str = "en") -> None:
    """What was learnt by heart is answered for sure."""
    slider = page.get_by_role("slider", name=word("playground.chat.temperature", language))
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")


def button(page: Page | Locator, key: str, language: str = "en", **values: str) -> Locator:
    return page.get_by_role("button", name=word(key, language, **values), exact=True)


def test_a_conversation_stays_branches_and_is_saved(open_page: Opener, talker: str) -> None:
    page = open_page(f"/runs/{talker}")
    settle(page)
    page.get_by_role("button", name=word("run.actions")).click()
    page.get_by_role("menuitem", name=word("run.action.try")).click()
    page.wait_for_url(f"**/playground?run={talker}")
    always_the_likeliest(page)
    say(page, ASKED)
    answer = answers_of(page, "talker")
    expect(answer).to_contain_text(ANSWER, timeout=PATIENCE)
    expect(answer).to_contain_text("tokens/s")
    expect(composer(page)).to_be_focused()

    page.reload()
    expect(answer).to_contain_text(ANSWER)
    expect(page.get_by_role("slider").first).to_have_attribute("aria-valuenow", "0")

    button(page, "playground.chat.edit").click()
    box = page.get_by_role("textbox", name=word("playground.chat.edit"))
    expect(box).to_have_value(ASKED)
    box.fill("What colour is the sky?")
    box.press("Enter")
    expect(answer).to_contain_text("The sky is blue.", timeout=PATIENCE)
    button(page, "playground.chat.version.previous").click()
    expect(answer).to_contain_text(ANSWER)

    button(page, "playground.chat.again").click()
    expect(answer).to_contain_text("2/2")
    expect(answer).to_contain_text(ANSWER, timeout=PATIENCE)

    with page.expect_download() as saved:
        button(page, "playground.chat.export").click()
    (line,) = saved.value.path().read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "messages": [
            {"role": "user", "content": ASKED},
            {"role": "assistant", "content": ANSWER},
        ]
    }
    button(page, "playground.chat.new").click()
    expect(answer).to_have_count(0)
    button(page, "ui.toast.undo").click()
    expect(answer).to_contain_text(ANSWER)


def test_models_answer_beside_each_other_and_fail_alone(
    open_page: Opener, talker: str, twin: str
) -> None:
    page = open_page(f"/playground?run={talker},{twin}")
    page.watch.allow(503, f"/inference/{twin}/chat")  # type: ignore[attr-defined]
    fault = {"code": "overloaded", "message": "not now", "details": {}, "request_id": "r"}
    twins = f"**/inference/{twin}/chat"
    page.route(twins, lambda route: route.fulfill(status=503, json={"error": fault}))
    always_the_likeliest(page)
    say(page, ASKED)
    expect(answers_of(page, "talker")).to_contain_text(ANSWER, timeout=PATIENCE)
    broken = answers_of(page, "twin")
    expect(broken.get_by_role("alert")).to_contain_text("not now")
    page.unroute(twins)
    button(broken, "ui.error.retry").click()
    expect(broken).to_contain_text(ANSWER, timeout=PATIENCE)
    expect(broken.get_by_role("alert")).to_have_count(0)
    settle(page)
    assert violations(page) == []

    say(page, "Thank you!")
    for name in ("talker", "twin"):
        expect(answers_of(page, name)).to_have_count(2)
        expect(answers_of(page, name).last).to_contain_text("tokens/s", timeout=PATIENCE)


def test_an_answer_is_stopped_and_asked_for_again(open_page: Opener, talker: str) -> None:
    page = open_page(f"/playground?run={talker}")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(CHAT, hold)
    always_the_likeliest(page)
    say(page, ASKED)
    answer = answers_of(page, "talker")
    expect(button(page, "ui.composer.stop")).to_be_visible()
    composer(page).fill("written meanwhile")
    composer(page).press("Enter")
    composer(page).press("Escape")
    expect(answer).to_contain_text(word("playground.chat.stopped"))
    expect(composer(page)).to_have_value("written meanwhile")
    page.unroute(CHAT)
    button(answer, "playground.chat.again").click()
    expect(answer).to_contain_text(ANSWER, timeout=PATIENCE)
    assert len(held) == 1


def test_korean_on_a_phone(open_page: Opener, talker: str) -> None:
    path = f"/playground?run={talker}"
    page = open_page(path, language="ko", theme="dark", viewport=PHONE)
    button(page, "playground.chat.settings", "ko").click()
    always_the_likeliest(page, "ko")
    page.keyboard.press("Escape")
    box = composer(page, "ko")
    box.fill("너는 누구니?")
    box.evaluate(
        """(area) => area.dispatchEvent(new KeyboardEvent(
             "keydown", { key: "Enter", keyCode: 229, isComposing: true, bubbles: true }))"""
    )
    expect(box).to_have_value("너는 누구니?")
    box.press("Enter")
    answer = answers_of(page, "talker")
    expect(answer).to_contain_text("저는 방금 학습된 아주 작은 모델입니다.", timeout=PATIENCE)
    settle(page)
    assert violations(page) + overflow(page) + bare_keys(page) == []


def test_models_of_several_kinds_are_told_apart(
    open_page: Opener, talker: str, finished: str, mute: str
) -> None:
    page = open_page(f"/playground?run={talker},{finished},{mute}", person="viewer")
    main = page.get_by_role("main")
    expect(composer(page)).to_be_disabled()
    expect(main).to_contain_text(word("common.readOnly"))
    expect(main.get_by_role("status").filter(has_text="mute")).to_be_visible()
    page.get_by_role("radio", name=word("playground.kind.labels", count="1")).click()
    expect(page.locator("input[type=file]")).to_be_attached()
    page.get_by_role("radio", name=word("playground.kind.text", count="1")).click()
    expect(composer(page)).to_be_visible()
