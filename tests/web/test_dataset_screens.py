"""Archives that are sent through kills, reloads and lost sessions; datasets that are looked at."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from browsing import PASSWORD, Opener, Site, settle, violations, word
from house import House, eventually
from PIL import Image
from playwright.sync_api import Locator, Page, Request, expect

from trainwright.client import Client
from trainwright.spec.api import UploadView

PATIENCE = 60_000
RATE = 1 << 20
"""Bytes a second of the slow line that something is done to."""

MEGABYTE = 1 << 20


def make_archive(path: Path, ballast: int = 0) -> Path:
    rng = np.random.default_rng(7)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("README", os.urandom(ballast))
        for name in ("cat", "dog", "고양이"):
            for n in range(8):
                pixels = rng.integers(0, 255, (60, 90, 3), dtype=np.uint8)
                place = path.with_name("pixels.png")
                Image.fromarray(pixels).save(place)
                archive.write(place, f"train/{name}/{n}.png")
                archive.write(place, f"test/{name}/{n}.png")
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "pets.zip", ballast=4 * MEGABYTE)


@pytest.fixture
def forgotten(client: Client, site: Site) -> Iterator[None]:
    """Whatever is on its way is given up before and after."""

    def forget() -> None:
        for token in (site.tokens["admin"], site.tokens["kim"]):
            with Client(site.url, token) as person:
                for one in person.uploads():
                    person.cancel_upload(one.id)

    forget()
    yield
    forget()


@contextmanager
def slow_line(page: Page) -> Iterator[None]:
    """A line that sends no more than `RATE`."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", limits | {"uploadThroughput": RATE})
    yield
    session.send("Network.emulateNetworkConditions", limits | {"uploadThroughput": -1})


def open_dialog(page: Page) -> Locator:
    settle(page)
    page.get_by_role("button", name=word("datasets.upload.send"), exact=True).click()
    dialog = page.get_by_role("dialog", name=word("datasets.upload.title"))
    expect(dialog).to_be_visible()
    return dialog


def begin(page: Page, file: Path) -> Locator:
    dialog = open_dialog(page)
    dialog.locator("input[type=file]").set_input_files(file)
    dialog.get_by_role("button", name=word("datasets.upload.send"), exact=True).click()
    return dialog


def on_its_way(client: Client) -> UploadView:
    """The upload, once so much of it is here."""

    def look() -> UploadView | None:
        return next((one for one in client.uploads() if one.offset >= MEGABYTE), None)

    found: UploadView = eventually(look)
    return found


def offsets(page: Page) -> Callable[[], list[int]]:
    """Where the pieces begin that a page sends from now on."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            found.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return lambda: found


def goes_on(request: Request) -> bool:
    """Whether this sends the rest of something."""
    return request.method == "PATCH" and int(request.headers["upload-offset"]) > 0


def test_an_upload_goes_on_when_the_platform_is_killed(
    open_page: Opener, client: Client, platform: House, archive: Path, forgotten: None
) -> None:
    page = open_page("/datasets")
    # the browser itself sends once more what a connection was lost with
    page.watch.allow(409, "/datasets/uploads/")  # type: ignore[attr-defined]
    sent = offsets(page)
    with slow_line(page):
        dialog = begin(page, archive)
        expect(dialog.get_by_text("/s", exact=False).first).to_be_visible(timeout=PATIENCE)
        on_its_way(client)
        platform.kill("api")
    expect(page).to_have_url(re.compile(r"/datasets/d\w+"), timeout=PATIENCE)
    assert sent()[0] == 0
    assert sent()[-1] >= MEGABYTE
    drawer = page.get_by_role("dialog")
    expect(drawer.locator("img").first).to_be_visible(timeout=PATIENCE)


def test_an_upload_goes_on_after_a_reload_with_the_same_file(
    open_page: Opener, client: Client, archive: Path, forgotten: None
) -> None:
    page = open_page("/datasets")
    page.on("dialog", lambda question: question.accept())
    with slow_line(page):
        begin(page, archive)
        on_its_way(client)
        page.reload()
    sent = offsets(page)
    dialog = open_dialog(page)
    left = dialog.get_by_role("region", name=word("datasets.upload.unfinished"))
    expect(left).to_contain_text(archive.name)
    dialog.locator("input[type=file]").set_input_files(archive)
    expect(left).to_have_count(0)
    dialog.get_by_role("button", name=word("datasets.upload.send"), exact=True).click()
    expect(page).to_have_url(re.compile(r"/datasets/d\w+"), timeout=PATIENCE)
    assert sent()[0] >= MEGABYTE


def test_an_upload_is_paused_gone_on_with_and_given_up(
    open_page: Opener, client: Client, archive: Path, forgotten: None
) -> None:
    page = open_page("/datasets")
    with slow_line(page):
        dialog = begin(page, archive)
        on_its_way(client)
        assert violations(page) == []
        dialog.get_by_role("button", name=word("datasets.upload.pause")).click()
        expect(dialog).to_contain_text(word("datasets.upload.state.paused"))
        with page.expect_request(goes_on, timeout=PATIENCE):
            dialog.get_by_role("button", name=word("datasets.upload.resume")).click()
        row = dialog.get_by_role("list", name=word("datasets.upload.files"))
        row.get_by_role("button", name=word("common.cancel")).click()
        expect(row).to_have_count(0)
    eventually(lambda: not client.uploads())


def test_an_upload_waits_for_who_has_to_sign_in_again(
    open_page: Opener, site: Site, archive: Path, forgotten: None
) -> None:
    page = open_page("/datasets", person="kim")
    page.watch.allow(401, "/")  # type: ignore[attr-defined]
    with Client(site.url, site.tokens["kim"]) as kim, slow_line(page):
        dialog = begin(page, archive)
        on_its_way(kim)
        dialog.get_by_role("button", name=word("datasets.upload.pause")).click()
        page.context.clear_cookies()
        dialog.get_by_role("button", name=word("datasets.upload.resume")).click()
        again = page.get_by_role("dialog", name=word("shell.expired.title"))
        secret = again.get_by_label(word("shell.signIn.password.password"))
        expect(secret).to_be_focused()
        secret.fill(PASSWORD)
        again.get_by_role("button", name=word("shell.signIn.do")).first.click()
        expect(again).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/datasets/d\w+"), timeout=PATIENCE)


def test_several_files_go_one_after_the_other_while_one_looks_elsewhere(
    open_page: Opener, client: Client, tmp_path: Path, forgotten: None
) -> None:
    files = [make_archive(tmp_path / name) for name in ("first.zip", "second.zip")]
    (tmp_path / "broken.zip").write_bytes(b"no archive")
    page = open_page("/datasets")
    page.watch.allow(422, "/datasets/uploads")  # type: ignore[attr-defined]
    dialog = open_dialog(page)
    dialog.locator("input[type=file]").set_input_files([tmp_path / "broken.zip", *files])
    dialog.get_by_role("button", name=word("datasets.upload.send"), exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("link", name=word("shell.nav.runs")).first.click()
    eventually(lambda: {"first", "second"} <= {one.name for one in client.datasets()})
    page.get_by_role("link", name=word("shell.nav.datasets")).first.click()
    dialog = open_dialog(page)
    expect(dialog.get_by_role("link", name=re.compile("first|second"))).to_have_count(2)
    expect(dialog.get_by_role("alert")).to_contain_text(word("errors.bad_archive.title"))


@pytest.fixture(scope="module")
def pets(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    return client.upload_dataset(make_archive(tmp_path_factory.mktemp("p") / "gallery.zip")).id


def shown(page: Page) -> list[bool]:
    """Whether each picture has come."""
    found: list[bool] = page.evaluate(
        "[...document.querySelectorAll('[role=dialog] li img')].map((i) => i.naturalWidth > 0)"
    )
    return found


def test_a_dataset_is_looked_at_by_class_split_and_key(open_page: Opener, pets: str) -> None:
    page = open_page(f"/datasets/{pets}")
    settle(page)
    gallery = page.get_by_role("region", name=word("datasets.preview.title"))
    tiles = gallery.get_by_role("listitem").get_by_role("button")
    expect(tiles).to_have_count(48)
    eventually(lambda: any(shown(page)))
    assert violations(page) == []
    gallery.get_by_role("radio", name=re.compile("test")).click()
    expect(tiles).to_have_count(24)
    gallery.get_by_label(word("datasets.preview.class")).click()
    page.get_by_role("option", name=re.compile("고양이")).click()
    expect(tiles).to_have_count(8)
    tiles.first.focus()
    page.keyboard.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    alone = page.get_by_role("dialog", name="고양이")
    expect(alone).to_contain_text("test/고양이/1.png")
    page.keyboard.press("ArrowRight")
    expect(alone).to_contain_text("test/고양이/2.png")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(alone).to_have_count(0)


def test_samples_are_looked_at_where_they_are_here(open_page: Opener) -> None:
    page = open_page("/datasets/digits")
    settle(page)
    eventually(lambda: any(shown(page)))
    other = open_page("/datasets/mnist")
    other.watch.allow(409, "/datasets/mnist/preview")  # type: ignore[attr-defined]
    settle(other)
    gallery = other.get_by_role("region", name=word("datasets.preview.title"))
    expect(gallery).to_contain_text(word("datasets.preview.absent"))


def test_boxes_are_drawn(open_page: Opener, client: Client, tmp_path: Path) -> None:
    for part in ("images", "labels"):
        (tmp_path / "helmets" / part / "train").mkdir(parents=True)
    Image.new("RGB", (120, 80), "teal").save(tmp_path / "helmets/images/train/a.jpg")
    (tmp_path / "helmets/labels/train/a.txt").write_text("0 0.5 0.5 0.5 0.5\n1 0.2 0.2 0.1 0.1\n")
    (tmp_path / "helmets/data.yaml").write_text("names: [helmet, head]")
    dataset = client.add_dataset(tmp_path / "helmets", "helmets-here", "object_detection")
    page = open_page(f"/datasets/{dataset.id}")
    settle(page)
    tile = page.get_by_role("dialog").get_by_role("listitem").get_by_role("button")
    expect(tile.locator("rect")).to_have_count(2)
    tile.click()
    alone = page.get_by_role("dialog", name="helmet, head")
    expect(alone.locator("rect")).to_have_count(2)
    expect(alone).to_contain_text("helmet")
    assert violations(page) == []
