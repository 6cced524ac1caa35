"""A gateway over real HTTP in front of the shared embedded engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from serving import Stage, engine_url, serving


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with serving(tmp_path, engine__url=engine_url()) as running:
        yield running
