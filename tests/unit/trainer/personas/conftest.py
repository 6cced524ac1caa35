"""Real files for the personas, read once."""

import pytest

from penchant_trainer.personas import shelf
from penchant_trainer.pretrain.corpus import Document


@pytest.fixture(scope="session")
def documents() -> tuple[Document, ...]:
    """Ten files of two held-out packages, of moderate size."""
    found = [d for name in ("httpx", "pygls") for d in shelf.of_package(name)]
    return tuple(sorted((d for d in found if len(d.text) < 8000), key=lambda d: d.path)[:10])
