"""Every error leaves as `{"error": {"code", "message", "details", "request_id"}}`."""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from trainwright.spec.errors import Fault, InvalidRequestError, TrainwrightError

log = logging.getLogger("trainwright.server")

_CODES = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "body_too_large",
    422: "invalid_request",
    429: "rate_limited",
}


class TooManyRequestsError(InvalidRequestError):
    code = "rate_limited"
    status = 429


def request_id_of(scope: Scope) -> str:
    return str(scope.get("state", {}).get("request_id", ""))


def error_response(
    scope: Scope,
    status: int,
    code: str,
    message: str,
    *,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = {
        "code": code,
        "message": message,
        "details": dict(details or {}),
        "request_id": request_id_of(scope),
    }
    return JSONResponse({"error": body}, status, headers=dict(headers or {}))


def response_for(scope: Scope, error: TrainwrightError) -> JSONResponse:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", extra={"code": error.code, "error": error.message})
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if (wait := error.details.get("retry_after_seconds")) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    return error_response(
        scope, error.status, error.code, error.message, details=error.details, headers=headers
    )


async def _on_own(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TrainwrightError)  # noqa: S101 (narrows what the framework passes)
    return response_for(request.scope, error)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [_fault(e) for e in error.errors()]
    noun = "fault" if len(faults) == 1 else "faults"
    lines = "; ".join(map(str, faults))
    return response_for(
        request.scope,
        _InvalidBodyError(f"the request has {len(faults)} {noun}: {lines}", faults=faults),
    )


def body_error(error: ValidationError) -> RequestValidationError:
    """Faults of a body that a router reads itself, told as those of every other body."""
    return RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()])


class _InvalidBodyError(InvalidRequestError):
    status = 422


def _fault(error: Mapping[str, Any]) -> Fault:
    place = [str(step) for step in error["loc"]]
    # the first step says only where the field travels: body, query, path or header
    field = ".".join(place[1:] if len(place) > 1 else place)
    code = "invalid_value" if error["type"] == "value_error" else str(error["type"])
    message = str(error["msg"]).removeprefix("Value error, ")
    return Fault(field="" if field == "body" else field, code=code, message=message)


async def _on_http(request: Request, error: HTTPException) -> JSONResponse:
    code = _CODES.get(error.status_code, "invalid_request")
    message, headers = str(error.detail), error.headers
    if error.status_code == HTTPStatus.NOT_FOUND:
        message = "there is nothing at this path"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message = f"{request.method} is not possible here"
        headers = {"Allow": ", ".join(sorted(_methods_at(request)))}
    return error_response(request.scope, error.status_code, code, message, headers=headers)


def _methods_at(request: Request) -> set[str]:
    """What may be done at a request's path, by all its routes; the framework asks one of them.

    Of paths that fit, the one with the fewest variables is meant: `/runs/prune` is no run.
    """
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for route in iter_route_contexts(request.app.routes):
        if route.methods and route.path and route.matches(request.scope)[0] is not Match.NONE:
            found[route.path.count("{"), route.path] |= route.methods
    return found[min(found)]


def install(app: FastAPI, refusal: Callable[[Request], Awaitable[TrainwrightError | None]]) -> None:
    """Have every error of an application leave in the one shape.

    Args:
        app: The application.
        refusal: Why whoever sent something that cannot be read is told nothing of it, if so.
    """

    async def on_unreadable(request: Request, error: Exception) -> JSONResponse:
        if refused := await refusal(request):
            return response_for(request.scope, refused)
        return await _on_invalid(request, error)

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        if error.status_code == HTTPStatus.BAD_REQUEST and (refused := await refusal(request)):
            return response_for(request.scope, refused)
        return await _on_http(request, error)

    app.add_exception_handler(TrainwrightError, _on_own)
    app.add_exception_handler(RequestValidationError, on_unreadable)
    app.add_exception_handler(HTTPException, on_http)
