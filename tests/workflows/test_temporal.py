"""Temporal as somebody else runs it: absent, silent, or without our namespace."""

from __future__ import annotations

import asyncio
import socket

import pytest
from temporalio.testing import WorkflowEnvironment

from trainwright.spec.errors import UnavailableError
from trainwright.workflows import temporal


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "nowhere.invalid:7233", ":x"])
def test_a_host_where_nobody_answers_is_refused(host: str) -> None:
    with pytest.raises(UnavailableError, match="TEMPORAL_HOST=") as caught:
        asyncio.run(temporal.connect(host, patience=0.2))
    assert "unset TEMPORAL_HOST" in str(caught.value.mend)


def test_whoever_answers_must_be_temporal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UnavailableError, match="no Temporal answers"):
            asyncio.run(temporal.connect(host, patience=0.2))


@pytest.mark.integration
def test_a_cluster_without_our_namespace_says_how_to_make_it() -> None:
    async def tell() -> None:
        async with await WorkflowEnvironment.start_local(
            dev_server_existing_path=temporal.find_binary()
        ) as environment:
            host = environment.client.service_client.config.target_host
            assert await temporal.connect(host, patience=5)
            await environment.client.operator_service.delete_namespace(_deletion())
            with pytest.raises(UnavailableError, match="has no namespace 'default'") as caught:
                await asyncio.wait_for(_until_refused(host), 30)
            assert "namespace create" in str(caught.value.mend)

    asyncio.run(tell())


async def _until_refused(host: str) -> None:
    while True:  # Temporal keeps namespaces in memory for a moment
        await temporal.connect(host, patience=0)
        await asyncio.sleep(0.2)


def _deletion() -> object:
    from temporalio.api.operatorservice.v1 import DeleteNamespaceRequest

    return DeleteNamespaceRequest(namespace=temporal.NAMESPACE)
