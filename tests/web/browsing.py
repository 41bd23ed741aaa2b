"""A browser that is watched: what goes wrong in a page that nobody looks at fails its test."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
COOKIE = "trainwright_session"
PASSWORD = "correct horse battery"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LOCALES = {"en": "en-US", "ko": "ko-KR"}
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}

# a failed request is judged by its response, a broken socket by the page's connection badge
_NETWORK_NOISE = re.compile(r"Failed to load resource|WebSocket connection to|net::ERR_")

_NOTE_VIOLATIONS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__violations.push(`${event.violatedDirective} by ${event.blockedURI || "inline"}`);
});
"""
_STILL = "*, *::before, *::after { transition: none !important; animation: none !important }"


class Opener(Protocol):
    """What opens pages in tests, see `open_page`."""

    def __call__(
        self, path: str | None = "/", context: BrowserContext | None = None, **options: Any
    ) -> Page: ...


@dataclass
class Watch:
    """What a page has complained of.

    Attributes:
        allowed: Answers that the test provokes: status and a pattern of the path.
    """

    page: Page
    allowed: list[tuple[int, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def allow(self, status: int, path: str) -> None:
        """Expect an answer with this status from paths that match."""
        self.allowed.append((status, path))

    def listen(self) -> None:
        self.page.add_init_script(_NOTE_VIOLATIONS)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        self.page.on("response", self._on_response)

    def check(self) -> None:
        """Fail with everything that went wrong."""
        if not self.page.is_closed() and self.page.url.startswith("http"):
            found = self.page.evaluate("window.__violations ?? []")
            self.complaints += [f"policy: {violation}" for violation in found]
        assert not self.complaints, "\n".join(self.complaints)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _NETWORK_NOISE.search(message.text):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _on_response(self, response: Response) -> None:
        path = re.sub(r"^\w+://[^/]+", "", response.url)
        expected = any(s == response.status and re.search(p, path) for s, p in self.allowed)
        if response.status >= 400 and not expected:
            self.complaints.append(f"{response.status} of {response.request.method} {path}")


@dataclass
class Site:
    """The platform as browsers see it.

    Attributes:
        url: Where it is.
        tokens: API tokens of people by name.
    """

    url: str
    tokens: dict[str, str]

    def cookie(self, person: str) -> str:
        """A fresh session of somebody."""
        headers = {"Authorization": f"Bearer {self.tokens[person]}"}
        answer = httpx.post(f"{self.url}/api/v1/auth/session", headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.cookies[COOKIE]

    def get(self, path: str, person: str = "admin") -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[person]}"}
        answer = httpx.get(f"{self.url}/api/v1{path}", headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()


@contextlib.contextmanager
def context_of(
    browser: Browser,
    site: Site,
    *,
    person: str | None = "admin",
    language: str = "en",
    theme: str = "light",
    viewport: dict[str, int] | None = None,
    **options: Any,
) -> Iterator[BrowserContext]:
    """A browser profile of its own, signed in as somebody, without motion."""
    context = browser.new_context(
        base_url=site.url,
        locale=LOCALES[language],
        color_scheme=theme,  # type: ignore[arg-type]
        viewport=viewport or DESK,  # type: ignore[arg-type]
        reduced_motion="reduce",
        timezone_id="Asia/Seoul",
        **options,
    )
    context.set_default_timeout(15_000)
    try:
        if person is not None:
            cookie = {"name": COOKIE, "value": site.cookie(person), "url": site.url}
            context.add_cookies([cookie | {"httpOnly": True, "sameSite": "Strict"}])  # type: ignore[list-item]
        yield context
    finally:
        context.close()


def settle(page: Page) -> None:
    """Wait until a screen is there: its data have come, and nothing loads or moves any more."""
    page.wait_for_selector("main")
    if not page.url.endswith("/gallery"):  # there, busy is one of the states that are shown
        page.locator("[aria-busy=true]").first.wait_for(state="detached")
    page.evaluate("document.fonts.ready.then(() => undefined)")


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page as it is now, by rule, and where."""
    if page.evaluate("typeof window.axe") == "undefined":
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)"
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: "
        + " | ".join(node["html"][:160] for node in one["nodes"][:5])
        for one in found
    ]


def areas() -> list[str]:
    """Names of the files of messages: keys begin with them."""
    return sorted(path.stem for path in (WEB / "src" / "i18n" / "en").glob("*.json"))


def bare_keys(page: Page) -> list[str]:
    """Keys of messages that stand in a page where words should."""
    text = page.inner_text("body") + page.evaluate(
        "[...document.querySelectorAll('[aria-label],[title],[placeholder]')]"
        ".map((e) => [e.ariaLabel, e.title, e.placeholder].join(' ')).join(' ')"
    )
    return re.findall(rf"(?<![\w./-])(?:{'|'.join(areas())})\.[a-z]\w+(?:\.\w+)*", text)


def word(key: str, language: str = "en", **values: str) -> str:
    """The message of a key, as the app's files have it."""
    area, *steps = key.split(".")
    found = json.loads((WEB / "src" / "i18n" / language / f"{area}.json").read_text("utf-8"))
    for step in steps:
        found = found[step]
    return re.sub(r"\{(\w+)\}", lambda name: values[name[1]], found)


def overflow(page: Page) -> list[str]:
    """What sticks out of a page to the right, where the page can be scrolled sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          const clipped = (e) => e && e !== document.body &&
            (getComputedStyle(e).overflowX !== "visible" || clipped(e.parentElement));
          return [...document.querySelectorAll("body *")]
            .filter((e) => e.getBoundingClientRect().right > width + 1 && !clipped(e.parentElement))
            .slice(0, 5)
            .map((e) => e.cloneNode(false).outerHTML.slice(0, 160));
        }"""
    )
    return found
