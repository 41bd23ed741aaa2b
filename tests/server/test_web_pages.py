"""How the built web app is served: which paths are its own, what browsers may keep, its policy."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_rig import Api, api_over, serving
from starlette.datastructures import Headers

from trainwright.server.web_pages import WebApp

SCRIPT = "assets/index-Bx3fQ9aZ.js"
PAGE = "<!doctype html><title>Trainwright</title>"
Get = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("web")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINWRIGHT_WEB", str(folder / "dist"))
        with api_over(folder / "home") as found:
            yield found


@pytest.fixture
def built(site: Api) -> Path:
    """What a build leaves: the page, files of its own name, assets and their packed forms."""
    folder = site.services.settings.trainwright_web
    assert folder is not None
    (folder / "assets").mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "theme.js").write_text("document.title")
    script = "export const words = 'one two three';" * 100
    (folder / SCRIPT).write_text(script)
    (folder / f"{SCRIPT}.gz").write_bytes(gzip.compress(script.encode()))
    (folder / f"{SCRIPT}.br").write_bytes(b"packed by brotli")
    (folder / "assets" / "Inter-a1.woff2").write_bytes(b"wOF2")
    (folder.parent / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def get(site: Api, built: Path) -> Get:
    def ask(path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return site.http.get(path, headers=named, follow_redirects=False)

    return ask


@pytest.mark.parametrize(
    "path", ["/", "/runs", "/runs/run_1", "/models/hf/Qwen2.5-0.5B", "/a%20b/"]
)
def test_every_address_of_the_app_is_its_page(get: Get, path: str) -> None:
    answer = get(path, accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/docs", "text/html"),
        ("/redoc", "text/html"),
        ("/openapi.json", "application/json"),
        ("/healthz", "application/json"),
    ],
)
def test_what_was_there_before_stays(get: Get, path: str, kind: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert answer.text != PAGE


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api",
        "/docs/nothing",
        "/ws/nothing",
        "/assets/index-00000000.js",
        "/assets/",
        "/assets",
        "/assets/..",
        "/assets/%2e%2e/index.html",
        "/assets/..%2f..%2fsecret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/robots.txt",
        f"/{SCRIPT}.gz",
    ],
)
def test_what_is_not_there_is_an_error_and_no_page(get: Get, path: str) -> None:
    answer = get(path)
    if answer.text == PAGE:  # a client may have resolved the dots before it asked
        assert ".." in path.replace("%2e", ".")
        return
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


PRELOADS = [
    {
        "path": r"^\/runs\/([^/]+?)\/?$",
        "files": ["assets/run-1.js", "assets/run-1.css"],
        "words": {"en": ["assets/en-1.js"], "ko": ["assets/ko-1.js"]},
    },
    {"path": r"^\/runs\/?$", "files": ["assets/runs-1.js"], "words": {"en": [], "ko": []}},
]


@pytest.mark.parametrize(
    ("path", "language", "modules"),
    [
        ("/runs/run_1", "ko-KR,ko;q=0.9", ["/assets/ko-1.js", "/assets/run-1.js"]),
        ("/runs/run_1/", "en", ["/assets/en-1.js", "/assets/run-1.js"]),
        ("/runs", "fr", ["/assets/runs-1.js"]),
        ("/runs/a/b/c", "en", []),
    ],
)
def test_a_page_names_what_it_needs(
    get: Get, built: Path, path: str, language: str, modules: list[str]
) -> None:
    (built / "index.html").write_text("<head><title>Trainwright</title></head>")
    (built / "preloads.json").write_text(json.dumps(PRELOADS))
    answer = get(path, accept_language=language)
    found = re.findall(r'<link rel="modulepreload" crossorigin href="([^"]+)">', answer.text)
    assert found == modules
    styles = ["/assets/run-1.css"] if "/assets/run-1.js" in modules else []
    assert re.findall(r'<link rel="stylesheet" crossorigin href="([^"]+)">', answer.text) == styles
    assert answer.headers["vary"] == "Accept-Language"
    tag = answer.headers["etag"]
    assert get(path, accept_language=language, if_none_match=tag).status_code == 304


@pytest.mark.parametrize("written", ["", "[{"])
def test_a_list_of_parts_that_is_just_being_written_costs_no_page(
    get: Get, built: Path, written: str
) -> None:
    (built / "preloads.json").write_text(written)
    answer = get("/runs")
    assert (answer.status_code, answer.text) == (200, PAGE)


def test_a_client_that_wants_data_gets_no_page(get: Get) -> None:
    assert get("/runs/run_1", accept="application/json").status_code == 404


def test_only_reading_finds_pages(site: Api, built: Path) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert site.http.request(method, "/runs").status_code == 404
    head = site.http.head("/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(PAGE))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.000,gzip;q=0", None),
        ("identity", None),
        ("", None),
    ],
)
def test_assets_are_kept_for_ever_and_sent_packed(
    site: Api, built: Path, accepted: str, encoding: str | None
) -> None:
    with site.http.stream("GET", f"/{SCRIPT}", headers={"accept-encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    suffix = {"br": ".br", "gzip": ".gz", None: ""}[encoding]
    assert raw == (built / f"{SCRIPT}{suffix}").read_bytes()
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-length"] == str(len(raw))


def test_each_form_of_a_file_has_a_tag_of_its_own(get: Get) -> None:
    packed, plain = get(f"/{SCRIPT}", accept_encoding="gzip"), get(f"/{SCRIPT}", accept_encoding="")
    assert packed.headers["etag"] != plain.headers["etag"]
    for path in ("/", f"/{SCRIPT}", "/theme.js"):
        tag = get(path, accept_encoding="").headers["etag"]
        again = get(path, accept_encoding="", if_none_match=f'"other", W/{tag}')
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert get(path, accept_encoding="", if_none_match='"other"').status_code == 200


def test_a_new_build_is_seen_at_once_though_it_is_as_long(get: Get, built: Path) -> None:
    tag = get("/").headers["etag"]
    new = PAGE.replace("Trainwright", "Wainright T")
    (built / "index.html").write_text(new)
    answer = get("/", if_none_match=tag)
    assert (answer.status_code, answer.text) == (200, new)


def test_fonts_are_fonts_whatever_the_machine_thinks(get: Get) -> None:
    assert get("/assets/Inter-a1.woff2").headers["content-type"] == "font/woff2"


def test_the_policy_of_pages_allows_nothing_inline(get: Get) -> None:
    policy = dict(
        part.strip().split(" ", 1)
        for part in get("/").headers["content-security-policy"].split(";")
    )
    assert policy["object-src"] == "'none'"
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in " ".join(policy.values())
    assert "http" not in " ".join(policy.values())


@pytest.mark.parametrize(
    ("language", "word"), [("en-GB,en", "Build it"), ("ko-KR,ko;q=0.9", "빌드")]
)
def test_without_a_build_a_page_names_the_command(
    get: Get, built: Path, language: str, word: str
) -> None:
    (built / "index.html").unlink()
    answer = get("/runs", accept_language=language)
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert f'<html lang="{language[:2]}">' in answer.text
    assert word in answer.text
    assert "<code>make web</code>" in answer.text
    assert not ("<script" in answer.text or "<style" in answer.text or "style=" in answer.text)
    assert get("/healthz").status_code == 200


def test_it_is_served_on_a_real_port(site: Api, built: Path) -> None:
    with serving(site.app) as url:
        head = httpx.head(f"{url}/{SCRIPT}", headers={"accept-encoding": "gzip"})
        plain = httpx.get(f"{url}/{SCRIPT}", headers={"accept-encoding": ""})
    assert (head.status_code, head.headers["content-encoding"]) == (200, "gzip")
    assert plain.status_code == 200
    assert plain.content == (built / SCRIPT).read_bytes()


@given(path=st.text(max_size=40))
def test_no_path_leads_out_of_the_folder(path: str) -> None:
    web = WebApp(Path("/nonexistent/dist"))
    answer = web.answer(path, Headers({"accept": "text/html"}))
    assert answer is None or answer.status_code == 503
