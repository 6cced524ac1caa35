"""One run per owner at a time: a lock that the kernel takes back when its holder dies.

Knows nothing of runs.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from penchant_core.errors import TrainError
from penchant_core.forgetting import LOCK
from penchant_core.paths import private_directory

FILE = LOCK


class Busy(TrainError):
    """Another trainer works for the same developer."""

    exit_code = 0


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold the lock of ``directory``; raise Busy at once when somebody else does."""
    private_directory(directory)
    # Inheritable it must not be: a child that outlives us would hold the lock.
    descriptor = os.open(directory / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("another training run of this developer is under way") from error
        yield
    finally:
        os.close(descriptor)
