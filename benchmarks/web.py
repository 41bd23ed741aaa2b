"""The web app in a real Chromium: Lighthouse, first loads, long curves, long lists, live curves.

Needs what `scripts/setup-browser` installs, and `make web`. Lighthouse is installed into a folder
of its own at the first run.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.filled import POINTS, RUNS, fill
from benchmarks.measure import Row
from benchmarks.peers import lighthouse
from trainwright.client import Client
from trainwright.platform import start_platform
from trainwright.settings import Settings

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PORT = 9377  # where Lighthouse finds the browser
TIMES = 5
LIVE_SECONDS = 20
SCREENS = (
    "/chat", "/runs", "/runs/{run}", "/compare?runs={run},{other}", "/playground", "/models",
    "/recipes", "/datasets", "/targets", "/monitoring", "/settings",
)  # fmt: skip
CHARTS = re.compile("uplot|chart", re.IGNORECASE)
IMPORTED = re.compile(r"""\b(?:from|import\(?)\s*["'`]\./([\w.-]+\.js)["'`]""")

TRAINER = """
import sys, time
until = time.time() + float(sys.argv[1])
step = 0
while time.time() < until:
    step += 1
    told = " ".join(f"loss_{n}: {1 / step + n / 10:.5f}" for n in range(10))
    print(f"step {step} {told}", flush=True)
    time.sleep(0.05)
"""
"""Ten series, twenty points a second each."""

WATCH = """
window.tasks = [];
new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "longtask", buffered: true });
"""
"""Tasks of more than 50 ms, as the browser counts them."""

DRAWN = """
() => [...document.querySelectorAll("main canvas")].some((canvas) => {
  const { width, height } = canvas;
  if (!width || !height) return false;
  const middle = canvas.getContext("2d").getImageData(width >> 2, 0, width >> 1, height).data;
  let inks = 0;
  for (let i = 0; i < middle.length && inks <= 200; i += 4)
    if (middle[i + 3] > 200 && Math.max(middle[i], middle[i + 1], middle[i + 2])
        - Math.min(middle[i], middle[i + 1], middle[i + 2]) > 60) inks += 1;
  return inks > 200;
}) && performance.now()
"""
"""When a curve was seen, in milliseconds since the navigation began: much colour in the middle of a
canvas, where axes and grids are grey."""

SCRIPTS = """
async () => Object.fromEntries(await Promise.all(
  [...new Set(performance.getEntriesByType("resource").map((e) => e.name))]
    .filter((name) => name.endsWith(".js"))
    .map(async (name) => [name.split("/").pop(), await (await fetch(name)).text()])))
"""
"""The scripts a page has loaded, by name."""

ENTRY = """document.querySelector("script[type=module]").src.split("/").pop()"""

SCROLL = """
async () => {
  const list = [...document.querySelectorAll("main *")]
    .filter((e) => e.scrollHeight > e.clientHeight + 500)
    .filter((e) => getComputedStyle(e).overflowY !== "visible")
    .sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
  if (!list) throw new Error("nothing scrolls");
  window.tasks.length = 0;
  for (let i = 0; i < 240; i++) {
    list.scrollTop += 400;
    await new Promise(requestAnimationFrame);
  }
  return list.scrollTop;
}
"""

ROWS_AFTER_DATA = """
async () => {
  const asked = () => performance.getEntriesByType("resource")
    .filter((e) => new URL(e.name).pathname === "/api/v1/runs" && e.responseEnd > 0);
  const painted = () => document.querySelector("main [role=row] [role=gridcell]");
  while (!(painted() && asked().length)) {
    if (performance.now() > 30_000) throw new Error("no rows, or no request for them");
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  return performance.now() - Math.min(...asked().map((e) => e.responseEnd));
}
"""


def rows() -> Iterator[Row]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(trainwright_home=folder / "home")
        start_platform(settings).stop()
        long = fill(settings)
        platform = start_platform(settings)
        stack.callback(platform.stop)
        client = stack.enter_context(Client(home=settings.home))
        browser = next(filter(None, map(shutil.which, BROWSERS)))
        driver = stack.enter_context(sync_playwright())
        context = driver.chromium.launch_persistent_context(
            str(folder / "profile"),
            executable_path=browser,
            viewport={"width": 1350, "height": 940},
            base_url=client.url.removesuffix("/api/v1"),
            args=["--no-sandbox", "--disable-gpu", f"--remote-debugging-port={PORT}"],
        )
        stack.callback(context.close)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(client.sign_in_link("/runs"))
        page.wait_for_url("**/runs")
        yield _first_loads(context, long, client.runs_page(limit=2).items[-1].id)
        yield from _opens(page, long)
        yield from _list(page)
        for path in (f"/runs/{long}", "/runs"):
            yield from _lighthouse(f"{page.url.split('/runs')[0]}{path}", path.replace(long, "…"))
        yield _live(page, client, folder)


def _first_loads(context: BrowserContext, run: str, other: str) -> Row:
    packed: dict[str, float] = {}
    for screen in SCREENS:
        page = context.new_page()
        page.goto(screen.format(run=run, other=other), wait_until="networkidle")
        needed = _without_charts(page.evaluate(SCRIPTS), page.evaluate(ENTRY))
        packed[screen.split("?")[0]] = sum(len(gzip.compress(one, 9)) for one in needed) / 1000
        page.close()
    told = ", ".join(f"{screen} {size:.0f}" for screen, size in packed.items())
    worst = max(packed.values())
    what = f"scripts of a first load by gzip without charts, largest ({told})"
    return Row(what, worst, "kB", "< 150 kB", worst < 150)


def _without_charts(scripts: dict[str, str], entry: str) -> list[bytes]:
    """What was loaded for anything but the charts, whose controls come with them."""
    found: set[str] = set()
    left = {entry}
    while left:
        name = left.pop()
        if name not in found and not CHARTS.search(name):
            found.add(name)
            left |= scripts.keys() & set(IMPORTED.findall(scripts[name]))
    return [scripts[name].encode() for name in found]


def _opens(page: Page, run: str) -> Iterator[Row]:
    network = page.context.new_cdp_session(page)
    name = f"a run with {POINTS:,} points: from its address to its curve drawn"
    for cache, is_kept in (("app known to the browser", True), ("app never loaded", False)):
        took = []
        for _ in range(TIMES):
            page.goto("/runs", wait_until="networkidle")
            if not is_kept:
                network.send("Network.clearBrowserCache")
            page.goto(f"/runs/{run}", wait_until="commit")
            took.append(float(page.wait_for_function(DRAWN, polling="raf").json_value()))
        figure = statistics.median(took)
        yield Row(f"{name}, {cache}, median", figure, "ms", "< 500 ms", figure < 500)


def _list(page: Page) -> Iterator[Row]:
    took = []
    for _ in range(TIMES):
        page.goto("/runs", wait_until="commit")
        took.append(page.evaluate(ROWS_AFTER_DATA))
    figure = statistics.median(took)
    name = f"list of {RUNS:,} runs: from its data to its rows painted, median"
    yield Row(name, figure, "ms", "< 300 ms", figure < 300)
    page.goto("/runs", wait_until="networkidle")
    page.evaluate(SCROLL)
    longest = max(page.evaluate("window.tasks"), default=0.0)
    yield Row("scrolling it, longest task over 50 ms", longest, "ms", "none", longest == 0)


def _live(page: Page, client: Client, folder: Path) -> Row:
    script = folder / "trainer.py"
    script.write_text(TRAINER)
    arguments = {"args": [str(LIVE_SECONDS + 20)]}
    run = client.create_run(spec={"model": f"script/{script}", "overrides": arguments})
    while client.run(run.id).status != "running":
        time.sleep(0.1)
    page.goto(f"/runs/{run.id}")
    page.wait_for_function(DRAWN, polling="raf")
    page.wait_for_timeout(3000)
    page.evaluate("window.tasks.length = 0")
    page.wait_for_timeout(LIVE_SECONDS * 1000)
    longest = max(page.evaluate("window.tasks"), default=0.0)
    name = f"10 series live at 20 Hz for {LIVE_SECONDS} s, software rendering: longest task"
    return Row(name, longest, "ms", "< 100 ms", longest < 100)


def _lighthouse(url: str, name: str) -> Iterator[Row]:
    categories = ("performance", "accessibility", "best-practices")
    reports = [_report(url, categories) for _ in range(TIMES)]
    for category in categories:
        score = statistics.median(one["categories"][category]["score"] * 100 for one in reports)
        what = f"Lighthouse, desktop, {name}: {category}, median of {TIMES}"
        yield Row(what, score, "", "≥ 95", score >= 95)


def _report(url: str, categories: tuple[str, ...]) -> dict[str, Any]:
    argv = [
        *lighthouse(), url, "--preset=desktop", "--output=json", "--quiet", f"--port={PORT}",
        "--disable-storage-reset", f"--only-categories={','.join(categories)}",
    ]  # fmt: skip
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report
