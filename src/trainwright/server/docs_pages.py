"""Swagger UI and ReDoc from bundled assets: no page here loads anything from elsewhere."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response

from trainwright.spec.errors import MissingDependencyError, NotFoundError

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "redoc.standalone.js": "text/javascript",
    "favicon.png": "image/png",
}
_SWAGGER = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Trainwright API</title>
<link rel="icon" href="/docs/assets/favicon.png">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>
"""
# in a file of its own, as the content security policy allows no script inside a page
_START = """SwaggerUIBundle({
  url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis], layout: 'BaseLayout', validatorUrl: null,
});
"""
_REDOC = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Trainwright API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/docs/assets/favicon.png"><style>body { margin: 0 }</style></head>
<body><redoc spec-url="/openapi.json" disable-google-font="true"></redoc>
<script src="/docs/assets/redoc.standalone.js"></script></body></html>
"""


def asset_folder() -> Path:
    """Where the bundled assets lie.

    Raises:
        MissingDependencyError: The package that carries them is not installed.
    """
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise MissingDependencyError(
            "the pages' assets are not installed", mend="pip install 'trainwright[server]'"
        )
    return Path(spec.origin).parent / "static"


def install(app: FastAPI) -> None:
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    def swagger() -> HTMLResponse:
        return HTMLResponse(_SWAGGER)

    @router.get("/redoc")
    def redoc() -> HTMLResponse:
        return HTMLResponse(_REDOC)

    @router.get("/docs/start.js")
    def start() -> Response:
        return Response(_START, media_type="text/javascript")

    @router.get("/docs/assets/{name}")
    def asset(name: str) -> FileResponse:
        if name not in _ASSETS:
            raise NotFoundError(f"there is no asset {name!r}")
        path = asset_folder() / name
        return FileResponse(path, media_type=_ASSETS[name])

    app.include_router(router)
