"""Gateways over real HTTP: in front of the shared embedded engine, or of one that only replies."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from broken_engine import broken_engine
from serving import Stage, engine_url, serving


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with serving(tmp_path, engine__url=engine_url()) as running:
        yield running


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Stage]:
    """For what is decided before any engine is asked: its engine answers at once, always alike."""
    async with broken_engine() as engine, serving(tmp_path, engine__url=engine.url) as running:
        yield running
