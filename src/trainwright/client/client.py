"""`Client`: every ability of the platform as a typed method."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import httpx

from trainwright.client.alerts import AlertCalls
from trainwright.client.batches import BatchCalls
from trainwright.client.calls import part
from trainwright.client.catalogue import CatalogueCalls
from trainwright.client.chat import ChatCalls
from trainwright.client.locate import find_address
from trainwright.client.projects import ProjectCalls
from trainwright.client.sharing import SharingCalls
from trainwright.client.trained import TrainedCalls
from trainwright.client.transport import Transport
from trainwright.client.uploads import UploadCalls
from trainwright.client.webhooks import WebhookCalls
from trainwright.settings import Home
from trainwright.spec.api import (
    Hardware,
    Health,
    PlanRequest,
    SettingsView,
    SignInLink,
    TargetTest,
    TargetView,
    UserView,
)
from trainwright.spec.plan import Plan
from trainwright.spec.result import ParseResult


class Client(
    TrainedCalls,
    BatchCalls,
    SharingCalls,
    ProjectCalls,
    CatalogueCalls,
    UploadCalls,
    ChatCalls,
    AlertCalls,
    WebhookCalls,
):
    """Talks to a platform: the one at `url`, or the one running on the home.

    `ref` names a run by its id, the unique beginning of its id, its name, or `last`.

    Args:
        url: Base URL, such as `http://127.0.0.1:8000`. Default: what `platform.json` says.
        token: Bearer token. Default: the home's, for the home's own platform.
        home: The home folder. Default: `TRAINWRIGHT_HOME`.
        transport: An httpx transport, to talk to an application in the same process.

    Raises:
        UnavailableError: No platform runs on the home, or it does not answer.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        home: Home | Path | str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._transport = Transport(find_address(url, token, home), transport=transport)

    @property
    def url(self) -> str:
        return self._transport.address.url

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def health(self) -> Health:
        return Health.model_validate(self._get("/health"))

    def me(self) -> UserView:
        return UserView.model_validate(self._get("/auth/me"))

    def sign_in_link(self, page: str = "/") -> str:
        """A URL that opens a page of the web app, signed in as oneself.

        It is good once, and for ten minutes.

        Args:
            page: Path of the page, such as `/runs/<id>`.
        """
        link = SignInLink.model_validate(self._post("/auth/links"))
        path, _, code = link.path.partition("#")
        query = "" if page == "/" else f"?{urlencode({'next': page})}"
        return f"{self.url}{path}{query}#{code}"

    def parse(self, sentence: str) -> ParseResult:
        """Read a sentence; nothing is started."""
        return ParseResult.model_validate(self._post("/chat/parse", {"sentence": sentence}))

    def hardware(self) -> Hardware:
        return Hardware.model_validate(self._get("/compute/hardware"))

    def plan(self, request: PlanRequest) -> Plan:
        """What a run would need on the platform's machine, or on the GPU that is named."""
        body = request.model_dump(mode="json", exclude_none=True)
        return Plan.model_validate(self._post("/compute/plan", body))

    def settings(self) -> SettingsView:
        return SettingsView.model_validate(self._get("/settings"))

    def change_settings(self, **values: Any) -> SettingsView:
        """Change settings of the platform, such as `trash_days=30`; an admin may."""
        return SettingsView.model_validate(self._send("PATCH", "/settings", json=values))

    def targets(self) -> list[TargetView]:
        return [TargetView.model_validate(one) for one in self._all("/targets")]

    def test_target(self, name: str) -> TargetTest:
        return TargetTest.model_validate(self._post(f"/targets/{part(name)}/test"))
