"""Every error leaves as `{"error": {"code", "message", "details", "request_id"}}`."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
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
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", extra={"code": error.code, "error": error.message})
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


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    code = _CODES.get(error.status_code, "invalid_request")
    message = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND:
        message = "there is nothing at this path"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message = f"{request.method} is not possible here"
    return error_response(request.scope, error.status_code, code, message, headers=error.headers)


def install(app: FastAPI) -> None:
    app.add_exception_handler(TrainwrightError, _on_own)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
