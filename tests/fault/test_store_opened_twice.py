"""A process that opens the log a second time keeps what it writes through the first one."""

import subprocess
import sys
from pathlib import Path

from samples import signal

from penchant_core.store import SignalStore

READ = """
import sys
from pathlib import Path
from penchant_core.store import SignalStore
with SignalStore(Path(sys.argv[1])) as store:
    print(len(store))
"""


def _elsewhere(path: Path) -> int:
    return int(subprocess.check_output([sys.executable, "-c", READ, str(path)], timeout=60))


def test_a_second_opening_and_another_process_lose_nothing(store: SignalStore) -> None:
    store.add(signal("a"))
    with SignalStore(store.path) as second:
        assert len(second) == 1
    assert _elsewhere(store.path) == 1  # the last one to leave would tidy up, and is not the last
    store.add(signal("b"))
    assert _elsewhere(store.path) == 2
