"""Whether a platform has the web app to show."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import click


def is_built(url: str) -> bool:
    """Whether the platform serves pages; only a clear no counts as one."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("HEAD", f"{parts.path.rstrip('/')}/", headers={"Accept": "text/html"})
        return connection.getresponse().status != http.client.SERVICE_UNAVAILABLE
    except (OSError, http.client.HTTPException):
        return True
    finally:
        connection.close()


def warn_if_not_built(url: str) -> None:
    """Say so where the platform has no pages."""
    if not is_built(url):
        click.echo("warning: the web app was not built there; build it with: make web", err=True)
