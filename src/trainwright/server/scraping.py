"""Who may scrape the platform's figures."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import Request

from trainwright.server.auth import identify
from trainwright.server.services import Services
from trainwright.settings import Settings
from trainwright.spec.errors import ForbiddenError, UnauthorizedError


def may_scrape(request: Request, services: Services) -> None:
    """Let in who shows the scrape token, is on this machine where that is enough, or sees all.

    Raises:
        UnauthorizedError: Nobody known asks.
        ForbiddenError: A user asks who sees only their own runs.
    """
    settings = services.settings
    bearer = request.headers.get("authorization", "").partition(" ")[2]
    token = settings.trainwright_metrics_token
    if token and hmac.compare_digest(bearer.encode(), token.encode()):
        return
    if _is_local(request, settings):
        return
    if not bearer:
        raise UnauthorizedError(
            "a token is needed", expected="TRAINWRIGHT_METRICS_TOKEN, or that of an admin or viewer"
        )
    if identify(services, bearer).user.scope is not None:
        raise ForbiddenError("these are everyone's figures", expected="role admin or viewer")


def _is_local(request: Request, settings: Settings) -> bool:
    if not settings.trainwright_metrics_local or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
