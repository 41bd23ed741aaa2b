"""Projects: names that runs are grouped under."""

from __future__ import annotations

from trainwright.client.calls import Calls, part
from trainwright.spec.api import ProjectView


class ProjectCalls(Calls):
    """What can be asked of projects; each is named by its id or its name."""

    def projects(self) -> list[ProjectView]:
        """Projects by name, each with how many runs are in it."""
        return [ProjectView.model_validate(one) for one in self._all("/projects")]

    def project(self, ref: str) -> ProjectView:
        return ProjectView.model_validate(self._get(f"/projects/{part(ref)}"))

    def add_project(self, name: str, description: str | None = None) -> ProjectView:
        body = {"name": name, "description": description}
        return ProjectView.model_validate(self._post("/projects", body))

    def edit_project(
        self, ref: str, *, name: str | None = None, description: str | None = None
    ) -> ProjectView:
        """Give it another name or description."""
        body = {"name": name, "description": description}
        body = {key: value for key, value in body.items() if value is not None}
        return ProjectView.model_validate(self._send("PATCH", f"/projects/{part(ref)}", json=body))

    def delete_project(self, ref: str) -> None:
        """Remove a project; its runs stay, without one."""
        self._send("DELETE", f"/projects/{part(ref)}")
