"""What every test may ask for: an isolated home, a signal log, an adapter store.

Nothing here knows lsp, server or trainer.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples import MEMORY, SHAPES, make_card, write_adapter

from penchant_core.adapters import AdapterStore
from penchant_core.paths import Paths, default_paths
from penchant_core.store import SignalStore


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that are given most time: the last worker then ends with a short one."""
    longest: dict[Path, float] = {}
    for item in items:
        given = item.get_closest_marker("timeout")
        seconds = float(given.args[0]) if given and given.args else 0.0
        longest[item.path] = max(longest.get(item.path, 0.0), seconds)
    items.sort(key=lambda item: -longest[item.path])


@pytest.fixture
def memory_path() -> Iterator[Path]:
    """A directory in memory where there is one; for tests that would sync thousands of times."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        yield Path(directory)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty PENCHANT_HOME, with no setting of the machine leaking in."""
    for name in list(os.environ):
        if name.startswith("PENCHANT_"):
            monkeypatch.delenv(name)
    root = tmp_path / "home"
    monkeypatch.setenv("PENCHANT_HOME", str(root))
    monkeypatch.setenv("PENCHANT_DEVELOPER__NAME", "ada")
    return root


@pytest.fixture
def paths(home: Path) -> Paths:
    return default_paths()


@pytest.fixture
def store(paths: Paths) -> Iterator[SignalStore]:
    """The signal log of the developer of ``home``."""
    with SignalStore(paths.signal_log("ada")) as opened:
        yield opened


@pytest.fixture
def adapters(paths: Paths) -> AdapterStore:
    """An adapter store with no versions."""
    return AdapterStore(paths.adapters, "0" * 16)


@pytest.fixture
def publish(adapters: AdapterStore) -> Callable[..., str]:
    """Publish a sound little adapter: ``publish("dev/ada", signal_ids=[…])`` → version."""

    def build(owner: str = "dev/ada", **changes: object) -> str:
        with adapters.staging(owner) as staged:
            write_adapter(staged)
            return adapters.publish(staged, make_card(owner, **changes), shapes=SHAPES).version

    return build
