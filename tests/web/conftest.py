"""Fixtures of browser tests: a real platform with trained runs, and pages that are watched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from browsing import BROWSERS, PASSWORD, ROOT, Opener, Site, Watch, context_of
from house import House
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from trainwright.client import Client

expect.set_options(timeout=15_000)  # on a busy machine a screen may take more than the usual 5 s
RUN = {"model": "builtin/mlp", "dataset": "digits", "overrides": {"hidden": [16]}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for the tests of one file: while it is driven, this thread has an event loop."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium on this machine: scripts/setup-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def built() -> None:
    """The app as its sources are now, unless `TRAINWRIGHT_WEB` names one."""
    if "TRAINWRIGHT_WEB" not in os.environ:
        subprocess.run([sys.executable, ROOT / "scripts" / "web.py", "build"], check=True)


@pytest.fixture(scope="session")
def platform(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One platform for all tests that do not hurt it."""
    house = House(tmp_path_factory.mktemp("web") / "home")
    house.start()
    try:
        yield house
    finally:
        house.end_everything()


@pytest.fixture(scope="session")
def client(platform: House) -> Iterator[Client]:
    with platform.client() as client:
        yield client


@pytest.fixture(scope="session")
def site(platform: House, client: Client) -> Site:
    """The platform with its owner, `kim` who has a password, and a `viewer`."""
    tokens = {"admin": platform.home.token.read_text().strip()}
    for name, role in (("kim", "user"), ("viewer", "viewer")):
        person = client._post("/users", {"name": name, "role": role, "password": PASSWORD})
        made = client._post(f"/users/{person['id']}/tokens", {"name": "tests"})
        tokens[name] = made["token"]
    return Site(client.url, tokens)


@pytest.fixture(scope="session")
def finished(client: Client, site: Site) -> str:
    """The id of a run that was really trained."""
    runs = [client.create_run(RUN | {"name": f"digits-{n}", "epochs": 2 + n}) for n in (1, 2)]
    for run in runs:
        assert client.wait(run.id, 120).status == "completed"
    return runs[0].id


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Opener]:
    """Opens pages, each in a profile of its own, and fails the test for what goes wrong in them.

    Takes what `context_of` does; `page.watch` tells which errors are expected.
    """
    watches: list[Watch] = []
    with ExitStack() as stack:

        def open_one(
            path: str | None = "/", context: BrowserContext | None = None, **options: Any
        ) -> Page:
            where = context or stack.enter_context(context_of(browser, site, **options))
            page = where.new_page()
            watch = Watch(page)
            watch.listen()
            watches.append(watch)
            page.watch = watch  # type: ignore[attr-defined]
            if path is not None:
                page.goto(path)
            return page

        yield open_one
        for watch in watches:
            watch.check()
