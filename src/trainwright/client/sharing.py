"""Showing runs to others: links, and reports as files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from trainwright.client.calls import Calls, part
from trainwright.client.files import save
from trainwright.client.transport import LONG
from trainwright.spec.api import Page
from trainwright.spec.api.sharing import SHARE_SECONDS, Revoked, ShareView


class SharingCalls(Calls):
    """What can be asked for people without an account."""

    def share(
        self,
        ref: str,
        *,
        expires: timedelta = timedelta(seconds=SHARE_SECONDS),
        with_log: bool = False,
    ) -> ShareView:
        """A link by which everybody who has it sees a run, and nothing else.

        Args:
            ref: The run.
            expires: How long it is good for: a minute to a year.
            with_log: Show the log, too.
        """
        body = {"expires_in": round(expires.total_seconds()), "with_log": with_log}
        return ShareView.model_validate(self._post(f"{self._run_path(ref)}/share", body))

    def shares(self, ref: str) -> list[ShareView]:
        """The links to a run that are good, the newest first."""
        return Page[ShareView].model_validate(self._get(f"{self._run_path(ref)}/share")).items

    def revoke_share(self, ref: str, share_id: str | None = None) -> int:
        """End a link to a run at once, or all of them; how many were good."""
        path = f"{self._run_path(ref)}/share"
        if share_id is not None:
            self._send("DELETE", f"{path}/{part(share_id)}")
            return 1
        return Revoked.model_validate(self._send("DELETE", path)).revoked

    def report(
        self, ref: str, out: Path | str, *, language: Literal["en", "ko"] | None = None
    ) -> Path:
        """Save everything of a run that can be given away as one HTML file.

        Args:
            ref: The run.
            out: The file, or a folder to put it into.
            language: Of its words; default: English.
        """
        path = f"{self._run_path(ref)}/report"
        pieces = self._transport.download(path, params={"language": language or "en"}, timeout=LONG)
        return save(pieces, out, f"{ref.replace('/', '-')}.html")
