"""What every activity needs: the database, the targets, the frameworks, and the way to the API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

import httpx

from trainwright.platform import read_platform
from trainwright.registry import Registry
from trainwright.settings import Home, Settings
from trainwright.spec.rundir import AgentConfig, RunDir
from trainwright.spec.runspec import RunSpec
from trainwright.store import Database
from trainwright.store.mirror import Mirror, open_mirror
from trainwright.store.models import Run
from trainwright.targets import registry as targets
from trainwright.targets.base import Target, target_name


@dataclass
class Services:
    """Shared by the activities and the dispatcher of one worker."""

    settings: Settings
    database: Database

    @property
    def home(self) -> Home:
        """The platform's home."""
        return self.settings.home

    @property
    def targets(self) -> Registry[Target]:
        """All registered targets."""
        return targets

    def target(self, spec: RunSpec) -> Target:
        """Where a spec is to run."""
        return targets.get(target_name(spec))

    def directory(self, run_id: str) -> RunDir:
        """The run's directory on this machine."""
        return RunDir(self.home.runs / run_id)

    @cached_property
    def mirror(self) -> Mirror | None:
        """Where what runs leave is kept a second time, if anywhere."""
        return open_mirror(self.settings, self.database)

    @property
    def api_url(self) -> str | None:
        """Where agents reach the API now."""
        record = read_platform(self.home)
        return self.settings.trainwright_api_url or (record["url"] if record else None)

    def agent_config(self, run: Run, token: str) -> AgentConfig:
        """What an agent is told: whose run it is, where to ship, when to call a stall one."""
        spec = run.run_spec
        return AgentConfig(
            run_id=run.id,
            attempt=run.attempt,
            api_url=self.api_url,
            token=token,
            platform_file=str(self.home.platform),
            stall_minutes=spec.supervision.stall_minutes,
        )

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(timeout=1.0, trust_env=False)

    def wake(self, run_id: str) -> None:
        """Tell the API that a run has news. Best effort: the API also looks by itself."""
        try:
            token = json.loads(self.home.secrets.read_text())["service_token"]
            self._http.post(
                f"{self.api_url}/api/v1/internal/wake/{run_id}",
                headers={"X-Internal-Auth": token},
            )
        except (OSError, ValueError, KeyError, httpx.HTTPError):
            return
