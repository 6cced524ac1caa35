"""One writer at a time in an owner's folder of the adapter store, across processes.

Knows nothing of what is written there.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from penchant_core.errors import AdapterError, ConfigError
from penchant_core.paths import private_directory


@contextmanager
def locked(folder: Path, store: Path) -> Iterator[Path]:
    """Hold the lock of ``folder``, which is made, and give it.

    Failures of the file system become an AdapterError that names the ``store``.
    """
    try:
        private_directory(folder)
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(descriptor)
    except (OSError, ConfigError) as error:
        raise AdapterError(
            f"the adapter store {store} cannot be written ({error}); make room, or make it writable"
        ) from error
