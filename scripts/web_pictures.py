"""Take docs/images/web/, which docs/tour.md shows: every screen in both themes and languages.

    .venv/bin/python scripts/web_pictures.py [NAME …]

The platform is a real one of its own, with runs that are really trained on the bundled digits. With
names (`run`, `runs-id-log`) only those are taken. `--phone` takes them as wide as a telephone.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, sync_playwright
from sklearn.datasets import load_digits

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "web"), str(ROOT / "tests" / "e2e")]

from browsing import BROWSERS, DESK, LOCALES, PHONE, Site, context_of, settle, word  # noqa: E402
from house import House  # noqa: E402
from web_routes import fill, patterns  # noqa: E402

from trainwright.client import Client  # noqa: E402

OUT = ROOT / "docs" / "images" / "web"
MOST = 150_000
QUESTIONS = {"en": "Tell me a story.", "ko": "너는 누구니?"}
SENTENCE = "Classify handwritten digits with LeNet-5, 5 epochs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--phone", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    given.out = given.out.resolve()
    given.out.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory(prefix="pictures-") as scratch, sync_playwright() as driver:
        os.chdir(scratch)  # which the provenance of runs tells
        house = House(Path(scratch) / "home")
        client = house.start()
        try:
            site = Site(client.url, {"admin": house.home.token.read_text().strip()})
            values = seed(client, Path(scratch))
            browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            take(browser, site, values, given)
        finally:
            client.close()
            house.end_everything()


def write_broken(folder: Path) -> Path:
    """A script that learns for a while, and then fails as they do."""
    script = folder / "train.py"
    script.write_text(
        "for step in range(1, 41):\n"
        "    print(f'step={step} loss={2.3 / step ** 0.5:.4f}')\n"
        "raise RuntimeError('CUDA out of memory. Tried to allocate 2.50 GiB')\n"
    )
    return script


def write_talkers(folder: Path) -> list[Path]:
    """Scripts that train the same language model, one for less long."""
    example = (ROOT / "examples" / "tiny_chat.py").read_text("utf-8")
    written = []
    for steps in (150, 30):
        script = folder / f"tiny-chat-{steps}-steps.py"
        script.write_text(re.sub(r"(?m)^(STEPS, .*) = \d+", rf"\1 = {steps}", example), "utf-8")
        written.append(script)
    return written


def seed(client: Client, scratch: Path) -> dict[str, str]:
    """Runs of each kind, a conversation, a project; what routes are filled with."""
    client.add_project("Handwriting", "Digits, letters, signatures")
    finished = [
        train(client, name, model=model, epochs=epochs, learning_rate=rate)
        for name, model, epochs, rate in (
            ("digits-lenet5", "builtin/lenet5", 12, 2e-3),
            ("digits-lenet5-slow", "builtin/lenet5", 12, 2e-4),
            ("digits-mlp", "builtin/mlp", 15, 1e-3),
            ("digits-cnn", "builtin/basic_cnn", 8, 1e-3),
        )
    ]
    for run_id in finished:
        client.wait(run_id, 300)
    client.edit_run(finished[0], tags=["baseline", "paper"], project="Handwriting")
    client.edit_run(finished[1], tags=["baseline"], project="Handwriting")
    stopped = train(client, "digits-resnet18", model="builtin/resnet18", epochs=50)
    until_it_runs(client, stopped)
    client.stop(stopped)
    client.wait(stopped, 120)
    wrong = client.create_run({"model": f"script/{write_broken(scratch)}", "name": "too-large"})
    client.wait(wrong.id, 60)
    session = client.chat(SENTENCE).session_id
    talkers = [
        client.create_run({"model": f"script/{script}", "name": script.stem}).id
        for script in write_talkers(scratch)
    ]
    for run_id in talkers:
        client.wait(run_id, 120)
    live = train(client, "digits-resnet18-long", model="builtin/resnet18", epochs=500)
    train(client, "digits-waiting", model="builtin/resnet34", epochs=500)
    until_it_runs(client, live)
    return {
        "runs.id": finished[0],
        "share.token": client.share(finished[0]).token,
        "chat.session": session,
        "playground?": f"run={finished[0]}",
        "talkers": ",".join(talkers),
        "compare?": f"runs={','.join(finished[:3])}",
    }


def train(client: Client, name: str, **fields: Any) -> str:
    spec = {"task": "image_classification", "dataset": "digits", "seed": 7} | fields
    return client.create_run(spec | {"name": name}).id


def until_it_runs(client: Client, run_id: str) -> None:
    while not client.run(run_id).progress and client.run(run_id).status != "failed":
        time.sleep(0.2)


def take(browser: Browser, site: Site, values: dict[str, str], given: argparse.Namespace) -> None:
    for language in LOCALES:
        for theme in ("light", "dark"):
            size = PHONE if given.phone else DESK
            with context_of(
                browser, site, language=language, theme=theme, viewport=size
            ) as context:
                page = context.new_page()
                for name, path in views(values):
                    if given.names and name not in given.names:
                        continue
                    page.goto(path)
                    settle(page)
                    if name == "playground":
                        show_digits(page)
                    if name == "playground-chat":
                        talk(page, language)
                    kind = "-phone" if given.phone else ""
                    save(page, given.out / f"{name}-{language}-{theme}{kind}.webp")


def views(values: dict[str, str]) -> list[tuple[str, str]]:
    """What is taken: names and addresses."""
    found = [(name_of(one), fill(one, values) + query_of(one, values)) for one in patterns()]
    return [*found, ("playground-chat", f"/playground?run={values['talkers']}")]


def query_of(pattern: str, values: dict[str, str]) -> str:
    """What the route is asked for, behind its path."""
    asked = values.get(f"{pattern.strip('/')}?")
    return f"?{asked}" if asked else ""


def show_digits(page: Page) -> None:
    """Give the playground pictures, and wait for what the model says of them."""
    files: list[FilePayload] = []
    for n, pixels in enumerate(load_digits().images[10:16]):
        data = io.BytesIO()
        Image.fromarray((pixels * 15.9).astype("uint8")).resize((96, 96)).save(data, "PNG")
        files.append({"name": f"{n}.png", "mimeType": "image/png", "buffer": data.getvalue()})
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_text("%").first.wait_for()
    settle(page)


def talk(page: Page, language: str) -> None:
    """Ask language models, and wait for their answers."""
    box = page.get_by_role("textbox", name=word("playground.chat.label", language), exact=True)
    box.fill(QUESTIONS[language])
    box.press("Enter")
    page.get_by_role("button", name=word("ui.composer.send", language)).wait_for(timeout=60_000)
    settle(page)


def name_of(pattern: str) -> str:
    """`/runs/:id/log` as `runs-id-log`."""
    return "-".join(re.findall(r"\w+", pattern))


def save(page: Page, path: Path) -> None:
    page.wait_for_timeout(500)  # charts are drawn in the frame after their data
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(path, "WEBP", quality=82, method=6)
    size = path.stat().st_size
    print(f"{path.name}: {size // 1024} kB", flush=True)
    if size > MOST:
        sys.exit(f"{path} is larger than {MOST:,} bytes")


if __name__ == "__main__":
    main()
