"""The app as browsers get it: its policy, what they keep, deep links, and what stands in for it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from browsing import Opener, Site, settle
from house import House
from playwright.sync_api import Browser, Route


def test_a_deep_link_survives_a_reload(open_page: Opener, finished: str) -> None:
    page = open_page(f"/runs/{finished}?tab=log#end")
    settle(page)
    page.reload()
    settle(page)
    assert page.url.endswith(f"/runs/{finished}?tab=log#end")


def test_an_unknown_route_is_a_page_of_the_app_that_leads_back(open_page: Opener) -> None:
    page = open_page("/no/such/place")
    settle(page)
    assert "/no/such/place" in page.url
    page.locator("main a").first.click()
    page.wait_for_url(lambda url: "/no/such/place" not in url)
    settle(page)


def test_what_is_named_by_content_is_fetched_once(open_page: Opener) -> None:
    first = open_page("/sign-in", person=None)
    settle(first)
    second = open_page("/sign-in", context=first.context)
    settle(second)
    sizes = second.evaluate(
        "performance.getEntriesByType('resource').filter((e) => e.name.includes('/assets/'))"
        ".map((e) => e.transferSize)"
    )
    assert sizes
    assert set(sizes) == {0}


def test_a_page_loads_nothing_twice(open_page: Opener, finished: str) -> None:
    page = open_page(f"/runs/{finished}")
    settle(page)
    names = page.evaluate(
        "performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname)"
        ".filter((name) => name.includes('/assets/') && name.endsWith('.js'))"
    )
    assert len(set(names)) == len(names) > 20


def test_a_page_loads_its_parts_beside_the_app(open_page: Opener, finished: str) -> None:
    page = open_page(None)
    asked: list[str] = []
    held: list[Route] = []
    page.on("request", lambda request: asked.append(request.url))

    def hold(route: Route) -> None:  # without it the app cannot begin
        held.append(route)

    page.route("**/assets/vendor-*.js", hold)
    page.goto(f"/runs/{finished}", wait_until="commit")
    parts = ("run-", "OverviewTab-", "MetricCharts-", "LineChart-", "shell-en-")
    late = set(parts)
    for _ in range(200):
        late = {part for part in parts if not any(f"/assets/{part}" in url for url in asked)}
        if held and not late:
            break
        page.wait_for_timeout(100)
    assert held
    assert not late
    held[0].continue_()
    settle(page)


def test_scripts_of_the_first_load_are_small(open_page: Opener) -> None:
    page = open_page("/sign-in", person=None)
    settle(page)
    sent = page.evaluate(
        "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('.js'))"
        ".reduce((sum, e) => sum + e.encodedBodySize, 0)"
    )
    assert 0 < sent < 150_000


def test_the_policy_holds_against_what_is_put_into_a_page(open_page: Opener) -> None:
    page = open_page("/sign-in", person=None)
    settle(page)
    ran, fetched = page.evaluate(
        """async () => {
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          const picture = document.createElement("img");
          picture.src = "http://127.0.0.2:9/pixel.png";
          document.body.append(script, picture);
          const fetched = await fetch("http://127.0.0.2:9/").then(() => true, () => false);
          return [Boolean(window.ran), fetched];
        }"""
    )
    assert (ran, fetched) == (False, False)
    told = " ".join(page.watch.complaints)  # type: ignore[attr-defined]
    assert all(directive in told for directive in ("script-src", "connect-src", "img-src"))
    page.watch.complaints.clear()  # type: ignore[attr-defined]
    page.evaluate("window.__violations = []")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A platform of an installation without the app."""
    folder = tmp_path_factory.mktemp("bare")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINWRIGHT_WEB", str(folder / "nothing"))
        house = House(folder / "home")
        house.start()
        try:
            yield house
        finally:
            house.end_everything()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_without_the_app_a_page_names_the_command(
    browser: Browser, bare: House, language: str
) -> None:
    with bare.client() as client:
        page = browser.new_page(locale=language)
        answer = page.goto(f"{client.url}/runs")
    assert answer is not None
    assert answer.status == 503
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("code").inner_text() == "make web"
    page.get_by_role("link").click()
    page.wait_for_selector(".swagger-ui .info")
    page.close()


def test_open_says_that_there_is_no_app(bare: House) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trainwright", "open"],
        env=os.environ | {"TRAINWRIGHT_HOME": str(bare.home.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "make web" in done.stderr
    assert re.fullmatch(r"http://\S+/sign-in#code=\S+\n", done.stdout)


def test_swagger_still_works_beside_it(open_page: Opener, site: Site) -> None:
    page = open_page("/docs")
    page.wait_for_selector(".swagger-ui .opblock", timeout=60_000)
