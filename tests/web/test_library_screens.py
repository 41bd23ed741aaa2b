"""Models, recipes, datasets, playground, targets and settings, used as a person uses them."""

from __future__ import annotations

import io
import re
import zipfile

import numpy as np
import pytest
from browsing import PASSWORD, Opener, Site, settle, word
from PIL import Image
from playwright.sync_api import expect

from trainwright.client import Client

PATIENCE = 30_000


def picture(value: int = 128) -> bytes:
    rng = np.random.default_rng(value)
    pixels = rng.integers(0, 255, (28, 28), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in ("cat", "dog"):
            for n in range(12):
                made.writestr(f"{name}/{n}.png", picture(n + 100 * (name == "dog")))
    return out.getvalue()


def test_a_model_is_found_in_spite_of_a_slip_and_trained(open_page: Opener) -> None:
    page = open_page("/models")
    settle(page)
    page.get_by_role("searchbox").or_(page.get_by_label(word("models.search"))).first.fill(
        "le net5"
    )
    found = page.get_by_role("main").get_by_role("status").first
    expect(found).to_have_text(re.compile(r"^\d{1,2}$"))  # before, rows move under the click
    row = page.get_by_role("row").filter(has_text="builtin/lenet5")
    row.click(timeout=PATIENCE)
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("builtin/lenet5")
    drawer.get_by_role("link", name=word("models.train")).click()
    box = page.get_by_role("textbox", name=word("chat.composer.label"), exact=True)
    expect(box).to_have_value(re.compile("builtin/lenet5"))


def test_a_model_has_an_address(open_page: Opener) -> None:
    page = open_page("/models/trl/Qwen/Qwen2.5-0.5B-Instruct")
    settle(page)
    expect(page.get_by_role("dialog")).to_contain_text("trl/Qwen/Qwen2.5-0.5B-Instruct")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/models$"))


@pytest.mark.parametrize("area", ["models", "datasets"])
def test_what_is_not_there_is_not_offered(open_page: Opener, area: str) -> None:
    page = open_page(None)
    page.watch.allow(404, f"/{area}/")  # type: ignore[attr-defined]
    page.goto(f"/{area}/nothing")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("alert")).to_be_visible()
    expect(drawer.get_by_role("link", name=word(f"{area}.train"))).to_have_count(0)


def test_a_recipe_is_started(open_page: Opener, client: Client) -> None:
    page = open_page("/recipes")
    settle(page)
    card = page.get_by_role("article").or_(page.locator("section")).filter(has_text="half a minute")
    card.get_by_role("button", name=word("recipes.start")).last.click()
    expect(page).to_have_url(re.compile(r"/runs/\w+"), timeout=PATIENCE)
    client.stop(page.url.rsplit("/", 1)[1], now=True)


def test_data_are_uploaded_checked_and_deleted(open_page: Opener) -> None:
    page = open_page("/datasets")
    settle(page)
    page.get_by_role("button", name=word("datasets.upload.send")).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "pets.zip", "mimeType": "application/zip", "buffer": archive()}
    )
    dialog.get_by_role("button", name=word("datasets.upload.send")).click()
    expect(page).to_have_url(re.compile(r"/datasets/\w+"), timeout=PATIENCE)
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("pets")
    drawer.get_by_role("button", name=word("datasets.check")).click()
    drawer.get_by_role("button", name=word("common.delete")).click()
    page.get_by_role("button", name=word("common.delete")).last.click()
    expect(page).to_have_url(re.compile(r"/datasets$"), timeout=PATIENCE)
    page.get_by_role("button", name=word("ui.toast.undo")).click()
    page.get_by_label(word("datasets.search")).fill("pets")
    expect(page.get_by_role("gridcell", name="pets", exact=True)).to_be_visible(timeout=PATIENCE)


def test_an_archive_that_is_none_is_refused_with_the_reason(open_page: Opener) -> None:
    page = open_page("/datasets")
    page.watch.allow(422, "/datasets/upload")  # type: ignore[attr-defined]
    page.watch.allow(400, "/datasets/upload")  # type: ignore[attr-defined]
    settle(page)
    page.get_by_role("button", name=word("datasets.upload.send")).click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "pets.zip", "mimeType": "application/zip", "buffer": b"no archive"}
    )
    dialog.get_by_role("button", name=word("datasets.upload.send")).click()
    expect(dialog.get_by_role("alert").first).to_contain_text("archive", timeout=PATIENCE)


def test_a_trained_model_looks_at_pictures(open_page: Opener, finished: str) -> None:
    page = open_page(f"/playground?run={finished}")
    settle(page)
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "one.png", "mimeType": "image/png", "buffer": picture()},
            {"name": "broken.png", "mimeType": "image/png", "buffer": b"not a picture"},
        ]
    )
    answers = page.get_by_role("list", name=word("playground.answers"))
    expect(answers.get_by_text("%").first).to_be_visible(timeout=2 * PATIENCE)
    expect(answers).to_contain_text("broken.png")


def test_a_target_is_tried(open_page: Opener) -> None:
    page = open_page("/targets")
    settle(page)
    page.get_by_role("button", name=word("targets.test")).first.click()
    expect(page.get_by_role("main").get_by_role("status")).to_be_visible(timeout=PATIENCE)


def test_a_token_is_made_shown_once_and_revoked(open_page: Opener) -> None:
    page = open_page("/settings/tokens")
    settle(page)
    page.get_by_label(word("common.name")).fill("notebook")
    page.get_by_role("button", name=word("settings.tokens.make")).click()
    expect(page.get_by_text(word("settings.tokens.once"))).to_be_visible()
    page.get_by_role("button", name=re.compile("notebook")).click()
    page.get_by_role("button", name=word("settings.tokens.revoke"), exact=True).last.click()
    expect(page.get_by_role("button", name=re.compile("notebook"))).to_have_count(0)


def test_people_change_their_own_password_and_email(
    open_page: Opener, client: Client, site: Site
) -> None:
    person = client._post("/users", {"name": "park", "password": PASSWORD})
    made = client._post(f"/users/{person['id']}/tokens", {"name": "tests"})
    site.tokens["park"] = made["token"]
    page = open_page("/settings", person="park")
    page.watch.allow(400, "/auth/me")  # type: ignore[attr-defined]
    settle(page)
    page.fill("[autocomplete=new-password]", "quite another")
    page.fill("[autocomplete=current-password]", "a wrong one")
    page.get_by_role("button", name=word("settings.password.change")).click()
    expect(page.get_by_text(word("settings.password.wrong"))).to_be_visible(timeout=PATIENCE)
    page.fill("[autocomplete=current-password]", PASSWORD)
    page.get_by_role("button", name=word("settings.password.change")).click()
    done = page.get_by_text(word("settings.password.changed")).first
    expect(done).to_be_visible(timeout=PATIENCE)
    page.get_by_label(word("settings.email")).fill("park@example.org")
    page.get_by_role("button", name=word("common.save")).click()
    expect(page.get_by_text(word("settings.emailChanged")).first).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_label(word("settings.email"))).to_have_value("park@example.org")


def test_only_an_admin_sees_people(open_page: Opener) -> None:
    page = open_page("/settings/people")
    settle(page)
    expect(page.get_by_role("main")).to_contain_text("kim")
    other = open_page("/settings/people", person="kim")
    settle(other)
    expect(other.get_by_role("tab", name=word("settings.tab.people"))).to_have_count(0)
    expect(other.get_by_role("tab", name=word("settings.tab.profile"))).to_be_visible()


def test_the_language_is_chosen_and_kept(open_page: Opener) -> None:
    page = open_page("/settings")
    settle(page)
    page.get_by_role("radio", name="한국어").or_(
        page.get_by_text("한국어", exact=True)
    ).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word("settings.title", "ko"))
    page.reload()
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(word("settings.title", "ko"))
