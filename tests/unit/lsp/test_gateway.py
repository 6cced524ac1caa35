import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from broken.gateway import Gateway as Served

import penchant_lsp.gateway as gateway_client
from penchant_core.errors import (
    GatewayError,
    GatewayRefused,
    GatewayTimeout,
    GatewayUnavailable,
)
from penchant_core.wire import CompletionRequest
from penchant_lsp.gateway import Gateway


@pytest.fixture
def served() -> Iterator[Served]:
    with Served("one", "two", "three") as served:
        yield served


@pytest.fixture
async def gateway(served: Served) -> AsyncIterator[Gateway]:
    gateway = Gateway(served.address, deadline_ms=1000)
    gateway.warm()
    yield gateway
    await gateway.close()


def _request(n: int = 1, temperature: float = 0.0) -> CompletionRequest:
    return CompletionRequest(prompt="x = ", n=n, temperature=temperature, stream=True)


def _never(_: str) -> bool:
    return False


async def test_candidates_come_in_order(gateway: Gateway) -> None:
    answer = await gateway.complete(_request(2, 0.6), _never)
    assert [candidate.text for candidate in answer.candidates] == ["two", "three"]
    assert [candidate.finish_reason for candidate in answer.candidates] == ["stop", "stop"]
    assert answer.candidates[0].logprob == -0.5
    assert answer.candidates[0].certainty == (-0.5, -0.5, -0.5, -0.5)
    assert answer.served_by is not None
    assert answer.served_by.version == "v0001"


@pytest.mark.parametrize(
    ("mode", "error"),
    [
        ("hangs", GatewayTimeout),
        ("garbage", GatewayError),
        ("resets", GatewayError),
        ("closes", GatewayError),
        ("refuses", GatewayRefused),
        ("floods", GatewayError),
    ],
)
async def test_a_broken_gateway_raises_one_of_ours(
    served: Served, gateway: Gateway, mode: str, error: type[GatewayError]
) -> None:
    served.mode = mode
    with pytest.raises(error):
        await gateway.complete(_request(), _never)


async def test_enough_closes_the_stream(served: Served, gateway: Gateway) -> None:
    served.mode = "drips"
    answer = await gateway.complete(_request(), lambda text: len(text) >= 3)
    assert len(answer.candidates[0].text) < 10
    assert await asyncio.to_thread(served.wait, lambda: served.hung_up == ["x = "])


async def test_cancelling_closes_the_stream_and_is_no_failure(
    served: Served, gateway: Gateway
) -> None:
    served.mode = "hangs"
    for _ in range(5):
        before = len(served.requests)
        task = asyncio.ensure_future(gateway.complete(_request(), _never))
        assert await asyncio.to_thread(served.wait, lambda n=before: len(served.requests) > n)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await asyncio.to_thread(served.wait, lambda: len(served.hung_up) == 5)
    served.mode = "answers"
    assert (await gateway.complete(_request(), _never)).candidates[0].text == "one"


async def test_nobody_listens() -> None:
    with Served() as gone:
        address = gone.address
    gateway = Gateway(address, deadline_ms=500)
    for _ in range(4):
        with pytest.raises(GatewayUnavailable, match="penchant up"):
            await gateway.complete(_request(), _never)
    assert gateway.breaker.open
    await gateway.close()


async def test_an_address_that_is_none() -> None:
    gateway = Gateway("http://[", deadline_ms=500)
    with pytest.raises(GatewayError):
        await gateway.complete(_request(), _never)
    await gateway.close()


async def test_get(served: Served, gateway: Gateway) -> None:
    assert (await gateway.get("/v1/status", developer="ada"))["version"] == "v0001"
    with pytest.raises(GatewayRefused):
        await gateway.get("/nothing")


async def test_one_connection_serves_many_requests(served: Served, gateway: Gateway) -> None:
    for _ in range(10):
        await gateway.complete(_request(), _never)
    assert len(served.requests) == 10
    assert served.connections == 1


async def test_an_idle_connection_is_given_up_before_the_gateway_closes_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvicorn closes after five seconds; a request at that very moment would be lost."""
    import uvicorn

    assert uvicorn.Config("app").timeout_keep_alive > gateway_client.KEPT_S + 1
    monkeypatch.setattr(gateway_client, "KEPT_S", 0.05)
    gateway = Gateway(served.address, deadline_ms=1000)
    await gateway.complete(_request(), _never)
    await asyncio.sleep(0.2)
    await gateway.complete(_request(), _never)
    assert served.connections == 2
    await gateway.close()
