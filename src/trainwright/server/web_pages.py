"""The web app: its page at every address that is nobody else's, and its files as they were built.

The build names what lies in `assets/` by content and puts `.br` and `.gz` files beside it. Its
`preloads.json` says which files each page needs; their names go out with the page.
"""

from __future__ import annotations

import hashlib
import json
import re
from html import escape
from mimetypes import guess_type
from pathlib import Path

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE = "index.html"
PRELOADS = "preloads.json"
PACKAGED = Path(__file__).parents[1] / "web"
CHECKOUT = Path(__file__).parents[3] / "web"

_ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""What is served in place of a file to those who accept it, best first."""

_OTHERS = frozenset(
    ("api", "assets", "docs", "healthz", "metrics", "openapi.json", "readyz", "redoc", "ws")
)
"""First steps of paths that are never pages of the app."""

_ASSET = re.compile(r"assets/[A-Za-z0-9_][A-Za-z0-9_.-]*")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*(\.[a-z0-9]+)+")
_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""Those that a machine's own table may lack, or get wrong."""

_PAGE_TYPES = frozenset(("*/*", "text/*", "text/html", "application/xhtml+xml"))

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_STYLES = (
    # what Reka UI puts into its scroll area, combobox, select and viewport to hide scroll bars
    "'sha256-6kJHBrMeYPjuL963zk84BmND3Z4cszEoZMFiRK2nkPY='",
    "'sha256-0sLsI2a+NIcumVvBF9zD/ArGqlZR2xfnxsALPmK7nj8='",
    "'sha256-60LHlRjW/B3CtzIoE/Lf1/NEDvko9efWMFaGVhHu/cs='",
    "'sha256-yoGyYYViZJc8Bw64PWPe6uO7PMr8i7+Vs5Cs9w37VrU='",
)
_POLICY = (
    f"default-src 'self'; script-src 'self'; style-src 'self' {' '.join(_STYLES)}; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

_WORDS = {
    "en": ("The web app was not built", "Build it, then load this page again:", "The API works"),
    "ko": (
        "웹 앱이 아직 빌드되지 않았습니다",
        "다음 명령으로 빌드한 뒤 이 페이지를 새로 고침하십시오.",
        "API는 작동합니다",
    ),
}
_REINSTALL = "TRAINWRIGHT_BUILD_WEB=1 pip install --force-reinstall --no-deps trainwright"
_NOT_BUILT = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Trainwright</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"></head>
<body><main><h1>{title}</h1><p>{text}</p><pre><code>{command}</code></pre>
<p>{api}: <a href="/docs">/docs</a></p></main></body></html>
"""


class WebApp:
    """The built app in a folder, which may be built, and built anew, while it is served.

    Args:
        folder: Where the build put it; None looks in the package, then in the checkout.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where it is, or would be once it is built."""
        if self._folder is not None:
            return self._folder
        return CHECKOUT / "dist" if _in_checkout() else PACKAGED

    @property
    def is_built(self) -> bool:
        return (self.folder / PAGE).is_file()

    def answer(self, path: str, headers: Headers) -> Response | None:
        """What is at a path without its first slash; None if that is not the app's to say."""
        if _ASSET.fullmatch(path):
            return self._asset(path, headers)
        if path.split("/", 1)[0] in _OTHERS:
            return None
        if _FILE.fullmatch(path):
            return self._file(path, headers)
        if not _accepts_pages(headers):
            return None
        return self._page(path, headers) or _not_built(headers)

    def _asset(self, name: str, headers: Headers) -> Response | None:
        path = self.folder / name
        if path.suffix in _ENCODINGS.values() or not path.is_file():
            return None
        path, fields = _encoded(path, headers)
        fields |= {"Cache-Control": _FOR_EVER, "ETag": f'"{path.name}"'}
        if unchanged := _unchanged(fields, headers):
            return unchanged
        try:  # whole: a page asks for fifty small files at once, and to stream one costs it twice
            content = path.read_bytes()
        except OSError:
            return None
        return Response(content, headers=fields, media_type=_type_of(name))

    def _page(self, path: str, headers: Headers) -> Response | None:
        """The app's page, with the names of what it needs at this path.

        The browser loads them beside the app's first script, which would ask for them much later.
        """
        try:
            page = (self.folder / PAGE).read_text()
        except OSError:
            return None
        links = "".join(map(_preload, self._needed(path, _language(headers))))
        content = page.replace("</head>", f"{links}</head>", 1).encode()
        fields = {"Vary": "Accept-Language", "Content-Security-Policy": _POLICY}
        return _changing(content, fields, PAGE, headers)

    def _needed(self, path: str, language: str) -> list[str]:
        try:
            pages = json.loads((self.folder / PRELOADS).read_bytes())
        except (OSError, ValueError):
            return []
        page = next((page for page in pages if re.fullmatch(page["path"], f"/{path}")), None)
        return [*page["words"][language], *page["files"]] if page else []

    def _file(self, name: str, headers: Headers) -> Response | None:
        try:
            path, fields = _encoded(self.folder / name, headers)
            content = path.read_bytes()
        except OSError:
            return None
        return _changing(content, fields, name, headers)


def install(app: FastAPI, folder: Path | None = None) -> None:
    """Let the app answer what no route does.

    A route for every path would make a wrong method out of each request to a path that is
    not there.
    """
    web = WebApp(folder)
    app.router.default = _Answers(app.router.default, web)
    # a page asks for dozens at once: holding each against all routes costs more than sending it
    app.add_middleware(_Answers, web=web, below="/assets/")


class _Answers:
    """Answers what the app has below a path; the rest is left to others."""

    def __init__(self, rest: ASGIApp, web: WebApp, below: str = "/") -> None:
        self._rest, self._web, self._below = rest, web, below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_read = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if is_read and scope["path"].startswith(self._below):
            path, headers = scope["path"].lstrip("/"), Headers(scope=scope)
            response = await run_in_threadpool(self._web.answer, path, headers)
            if response is not None:
                await response(scope, receive, send if scope["method"] == "GET" else _bare(send))
                return
        await self._rest(scope, receive, send)


def _bare(send: Send) -> Send:
    """Sends heads without bodies."""

    async def head_only(message: Message) -> None:
        body = message["type"] == "http.response.body"
        await send({**message, "body": b""} if body else message)

    return head_only


def _in_checkout() -> bool:
    return not (PACKAGED / PAGE).is_file() and (CHECKOUT / "package.json").is_file()


def _type_of(name: str) -> str:
    suffix = Path(name).suffix
    return _TYPES.get(suffix) or guess_type(name)[0] or "application/octet-stream"


def _accepts_pages(headers: Headers) -> bool:
    kinds = headers.get("accept", "*/*").split(",")
    return not _PAGE_TYPES.isdisjoint(kind.split(";")[0].strip().lower() for kind in kinds)


def _encoded(path: Path, headers: Headers) -> tuple[Path, dict[str, str]]:
    """The file as the client likes it best, and the headers that say so."""
    accepted = _accepted_encodings(headers.get("accept-encoding", ""))
    for encoding, suffix in _ENCODINGS.items():
        smaller = path.with_name(path.name + suffix)
        if encoding in accepted and smaller.is_file():
            return smaller, {"Content-Encoding": encoding, "Vary": "Accept-Encoding"}
    return path, {"Vary": "Accept-Encoding"}


def _accepted_encodings(header: str) -> set[str]:
    accepted = set()
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight):
            accepted.add(name.strip())
    return accepted


def _changing(content: bytes, fields: dict[str, str], name: str, headers: Headers) -> Response:
    """A file whose content may be another tomorrow."""
    # never by its time: installed files share theirs, and pages differ in hashes of one length
    etag = hashlib.sha256(content).hexdigest()[:32]
    fields |= {"Cache-Control": _ASK_AGAIN, "ETag": f'"{etag}"'}
    return _unchanged(fields, headers) or Response(
        content, headers=fields, media_type=_type_of(name)
    )


def _unchanged(fields: dict[str, str], headers: Headers) -> Response | None:
    known = {tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")}
    if fields["ETag"] not in known and "*" not in known:
        return None
    return Response(status_code=304, headers=fields)


def _language(headers: Headers) -> str:
    return "ko" if headers.get("accept-language", "").lower().startswith("ko") else "en"


def _preload(file: str) -> str:
    kind = "stylesheet" if file.endswith(".css") else "modulepreload"
    return f'<link rel="{kind}" crossorigin href="/{file}">'


def _not_built(headers: Headers) -> Response:
    language = _language(headers)
    title, text, api = _WORDS[language]
    command = "make web" if _in_checkout() else _REINSTALL
    page = _NOT_BUILT.format(
        language=language, title=title, text=text, command=escape(command), api=api
    )
    return HTMLResponse(
        page, 503, headers={"Cache-Control": "no-store", "Content-Security-Policy": _POLICY}
    )
