"""Health, documentation pages, the schema, and the shape of errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from server_rig import Api

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def test_liveness_and_readiness_need_no_token(api: Api) -> None:
    for path in ("/healthz", "/api/v1/health"):
        assert api.call("GET", path, None).json()["status"] == "ok"
    ready = api.call("GET", "/readyz", None)
    assert ready.status_code == 200
    checks = ready.json()["checks"]
    assert {part for part, found in checks.items() if found == "ok"} == {
        "database",
        "disk",
        "objects",
    }
    assert "TEMPORAL_HOST" in checks["temporal"]
    assert ready.json()["status"] == "degraded"


def test_readiness_says_what_is_missing(fresh_api: Api) -> None:
    fresh_api.services.database.downgrade("base")
    answer = fresh_api.call("GET", "/readyz", None)
    assert answer.status_code == 503
    assert answer.json()["status"] == "degraded"


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_documentation_pages_load_nothing_from_elsewhere(api: Api, path: str) -> None:
    page = api.call("GET", path, None)
    assert page.headers["content-type"].startswith("text/html")
    places = re.findall(r'(?:src|href|spec-url)="([^"]+)"', page.text)
    assert places
    for place in places:
        assert place.startswith("/")
        asset = api.call("GET", place, None)
        assert asset.status_code == 200
        assert len(asset.content) > 100
    assert not re.search(r"<script>|\son\w+=", page.text), "the policy forbids scripts in the page"


def test_only_the_bundled_assets_are_served(api: Api) -> None:
    for name in ("..%2f__init__.py", "core.py", "%2e%2e/core.py", "nothing.js"):
        assert api.call("GET", f"/docs/assets/{name}", None).status_code == 404


def test_the_schema_describes_every_route_and_names_each_once(api: Api) -> None:
    schema: dict[str, Any] = api.call("GET", "/openapi.json", None).json()
    names = [op["operationId"] for path in schema["paths"].values() for op in path.values()]
    assert len(names) == len(set(names))
    documented = {
        (method.upper(), path) for path, item in schema["paths"].items() for method in item
    }
    assert documented >= {(m, p.replace(":path}", "}")) for m, p in api_routes(api)}
    assert schema["components"]["securitySchemes"]


def test_the_schemas_references_resolve(api: Api) -> None:
    schema = api.call("GET", "/openapi.json", None).json()
    wanted = set(re.findall(r"#/components/schemas/([\w-]+)", str(schema)))
    assert wanted <= set(schema["components"]["schemas"])


def api_routes(api: Api) -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for route in iter_route_contexts(api.app.routes)
        for method in (route.methods or ())
        if route.path.startswith("/api/")
    }


def test_every_route_is_in_the_reference(api: Api) -> None:
    page = PAGE.read_text()
    missing = []
    for route in iter_route_contexts(api.app.routes):
        path = route.path.replace(":path}", "}").removeprefix("/api/v1")
        path = re.sub(r"^/(workflows|jobs)", "/runs", path)
        path = re.sub(r"^/ws/(workflows|jobs)", "/ws/runs", path)
        methods = sorted((route.methods or {"WS"}) - {"HEAD"})
        missing += [f"{m} {path}" for m in methods if f"`{m} {path}`" not in page]
    assert not missing, "\n".join(sorted(set(missing)))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/docs/no/such/page", 404, "not_found"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/runs", 405, "method_not_allowed"),
        ("GET", "/api/v1/runs?limit=x", 422, "invalid_request"),
        ("GET", "/api/v1/runs/nothing", 404, "not_found"),
        ("GET", "/api/v1/models/builtin/nothing", 404, "not_found"),
        ("GET", "/api/v1/datasets/nothing", 404, "not_found"),
        ("POST", "/api/v1/targets/nothing/test", 404, "not_found"),
    ],
)
def test_every_error_has_the_same_shape(
    api: Api, method: str, path: str, status: int, code: str
) -> None:
    answer = api.call(method, path, headers={"X-Request-ID": "mine-1"})
    error = answer.json()["error"]
    assert answer.status_code == status
    assert set(error) == {"code", "message", "details", "request_id"}
    assert error["code"] == code
    assert error["request_id"] == answer.headers["x-request-id"] == "mine-1"


def test_a_fault_names_its_field(api: Api) -> None:
    error = api.call("POST", "/api/v1/chat/parse", json={"sentence": ""}).json()["error"]
    assert error["details"]["faults"][0]["field"] == "sentence"


def test_models_are_filtered_by_either_name_of_the_task(api: Api) -> None:
    for name in ("task", "task_type"):
        found = api.call("GET", "/api/v1/models", params={name: "image_classification"}).json()
        assert "builtin/lenet5" in [m["id"] for m in found["items"]]
        assert all("image_classification" in m["tasks"] for m in found["items"])
    both = {"task": "sft", "task_type": "dpo"}
    assert api.call("GET", "/api/v1/models", params=both).status_code == 400
    first = api.call("GET", "/api/v1/models", params={"limit": 1}).json()
    assert first["next_cursor"] == "1"
    second = api.call("GET", "/api/v1/models", params={"limit": 1, "cursor": "1"}).json()
    assert first["items"] != second["items"]


def test_targets_are_listed_with_what_they_have(api: Api) -> None:
    [local] = api.call("GET", "/api/v1/targets").json()["items"]
    tested = api.call("POST", "/api/v1/targets/local/test").json()
    for name in ("gpus", "cpus", "memory_gb"):
        assert local[name] == tested[name]
    assert local["cpus"] >= 1


def test_settings_are_read_by_all_and_changed_by_an_admin(fresh_api: Api) -> None:
    path = "/api/v1/settings"
    assert fresh_api.call("GET", path, "viewer").json()["default_target"] == "local"
    good = fresh_api.call("PATCH", path, "admin", json={"default_target": "local"})
    assert good.json()["default_target"] == "local"
    bad = fresh_api.call("PATCH", path, "admin", json={"default_target": "nowhere"})
    assert bad.status_code == 404
    assert fresh_api.call("PATCH", path, "admin", json={"x": 1}).status_code == 422


def test_the_dashboard_counts_what_the_asker_may_see(fresh_api: Api) -> None:
    api = fresh_api
    mine, _ = api.add_run("user"), api.add_run("other")
    api.move(mine, "failed")
    path = "/api/v1/monitoring/dashboard"
    assert api.call("GET", path, "user").json()["runs_by_status"] == {"failed": 1}
    everything = api.call("GET", path, "admin").json()
    assert everything["runs_by_status"] == {"failed": 1, "created": 1}
    assert [run["status"] for run in everything["active"]] == ["created"]
    assert everything["hardware"]["cpus"] >= 1
    health = api.call("GET", f"/api/v1/monitoring/{mine.id}/health").json()
    assert health["ok"] is False


def test_a_plan_is_of_the_platforms_machine_or_of_the_gpu_that_is_named(api: Api) -> None:
    path = "/api/v1/compute/plan"
    large = {"model": "trl/Qwen/Qwen2.5-7B-Instruct", "task": "sft", "peft": "none"}
    here = api.call("POST", path, json={"spec": {"model": "builtin/lenet5", "dataset": "digits"}})
    assert here.json()["fits"] is True
    assert here.json()["duration_seconds"]["expected"] > 0
    there = api.call("POST", path, json={"spec": large, "gpu": "RTX 3090"}).json()
    assert (there["fits"], there["device"]) == (False, "NVIDIA GeForce RTX 3090")
    assert there["suggestions"]
    wrong = api.call("POST", path, json={"spec": {"model": "builtin/lenet6"}})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/runs", "GET, POST"),
        ("/api/v1/runs/prune", "POST"),
        ("/api/v1/runs/some-run", "DELETE, GET, PATCH"),
        ("/api/v1/models/builtin/lenet5", "GET"),
        ("/metrics", "GET"),
        ("/docs", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(api: Api, path: str, allowed: str) -> None:
    answer = api.call("PUT", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
