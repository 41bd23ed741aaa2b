"""Where the platform listens, which may change, and what may go wrong in speaking to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from trainwright.job.records import read_record
from trainwright.spec.rundir import AgentConfig, RunDir


class UnansweredError(Exception):
    """A request did not succeed, and may when it is repeated."""


class TooLargeError(UnansweredError):
    """The platform takes smaller requests only."""


class Address:
    """The platform's URL and the run's token, from `agent.json` and `platform.json`.

    Attributes:
        url: Where to try next; empty when nothing is known.
        token: The run's token.
    """

    def __init__(self, run: RunDir) -> None:
        self._run = run
        self._refused: set[tuple[str, str]] = set()
        self.url = ""
        self.token = ""
        self.look_again()

    @property
    def is_loopback(self) -> bool:
        """Whether the platform is on this machine."""
        return urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1")

    @property
    def is_refused(self) -> bool:
        """Whoever listens at each place that is known has sent us away."""
        return (self.url, self.token) in self._refused

    def look_again(self) -> None:
        """Read where the platform is now; another place than the last is tried first."""
        try:
            config = read_record(self._run.agent, AgentConfig)
        except OSError:
            return
        if config is None:
            return
        self.token = config.token or ""
        urls = list(dict.fromkeys(_urls(config)))
        urls.sort(key=lambda url: ((url, self.token) in self._refused, url == self.url))
        self.url = urls[0] if urls else ""

    def refused(self) -> None:
        """Remember that this place sent us away, and choose another if there is one."""
        self._refused.add((self.url, self.token))
        self.look_again()

    def accepted(self) -> None:
        """Forget who sent us away: somebody takes events again."""
        self._refused.clear()


def _urls(config: AgentConfig) -> Iterator[str]:
    if config.platform_file and (url := _platform_url(Path(config.platform_file))):
        yield url
    if config.api_url:
        yield config.api_url.rstrip("/")


def _platform_url(path: Path) -> str | None:
    try:
        url = json.loads(path.read_bytes())["url"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url.rstrip("/") if isinstance(url, str) else None
