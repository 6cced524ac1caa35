"""The bench of a long measurement: every finished cell is a file, and is never made twice.

A cell is plain JSON below the work directory, written whole or not at all, so that a measurement
that was stopped goes on where it was. Knows nothing of what is measured.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penchant_core.errors import TrainError
from penchant_core.paths import private_directory, write_private


class Bench:
    """The work directory of one measurement.

    ``stamp`` is what every cell hangs on (base model, seed, …): a directory with another one is
    refused with TrainError, because its cells would be mixed up with these.
    """

    def __init__(self, directory: Path, stamp: dict[str, Any]) -> None:
        self.directory = private_directory(directory.absolute())
        path = self.directory / "stamp.json"
        if not path.exists():
            write_private(path, json.dumps(stamp, indent=1))
        elif (found := json.loads(path.read_text("utf-8"))) != stamp:
            other = sorted(k for k in {*found, *stamp} if found.get(k) != stamp.get(k))
            raise TrainError(
                f"{directory} holds a measurement with another {' and '.join(other)}; "
                "name another --work directory, or remove this one"
            )

    def cell(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what is kept under ``name``, made first if it is not there."""
        path = self.directory / "cells" / f"{name}.json"
        if path.exists():
            return json.loads(path.read_text("utf-8"))
        made = make()
        write_private(path, json.dumps(made, indent=1))
        return json.loads(json.dumps(made))

    def has(self, name: str) -> bool:
        """Whether a cell is finished."""
        return (self.directory / "cells" / f"{name}.json").exists()
