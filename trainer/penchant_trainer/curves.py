"""The curves of a run, for TensorBoard: losses of each training, figures of the evaluation, of the
gate.

One file per phase in the run's directory, begun anew when the phase is, so that an interrupted run
has no curve twice. Numbers only, under names of our own or of a library's figures: no text can be
drawn. Curves that cannot be written are left out; the run goes on. Knows nothing of training.
"""

import math
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from penchant_core.log import failure
from penchant_trainer.event_file import EventFile

PREFIX = "events.out.tfevents"
"""TensorBoard knows its files by this."""

SHOWN = {"evaluate": "summary"}
"""Of these phases' results only one part is drawn; the rest are figures of single events."""

_UNDRAWN = ("collect", "split", "publish")
_NAME = re.compile(r"[A-Za-z0-9_./-]{1,100}")
_LARGEST = 3e38


class Curves:
    """Draws into ``directory``, or nowhere when it is None."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._file: EventFile | None = None
        self._path: Path | None = None
        self._phase = ""

    def begin(self, phase: str, number: int) -> None:
        """Begin the curves of a phase, the ``number``-th of the run (files are read in order)."""
        self.close()
        if self._directory is None or phase in _UNDRAWN:
            return
        self._phase = phase.removeprefix("train_")
        self._path = self._directory / f"{PREFIX}.{number:02d}.{phase}"
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            self._give_up(error)

    def draw(self, values: Mapping[str, Any], step: int) -> None:
        """Draw what of ``values`` is a finite number."""
        known = {f"{self._phase}/{name}": value for name, value in _numbers(values).items()}
        if self._path is None or not known:
            return
        try:
            self._file = self._file or EventFile(self._path, time.time())
            self._file.add(known, step, time.time())
        except OSError as error:
            self._give_up(error)

    def result(self, result: Mapping[str, Any]) -> None:
        """Draw the figures that the phase ended with, and end its curves."""
        part = result.get(SHOWN.get(self._phase, ""), result)
        step = result.get("steps", 0)
        self.draw({f"end/{name}": value for name, value in _flat(part).items()}, int(step))
        self.close()

    def close(self) -> None:
        """End the curves of the present phase."""
        if self._file is not None:
            self._file.close()
        self._file = self._path = None

    def _give_up(self, error: OSError) -> None:
        failure("curves_not_written", error)
        self.close()
        self._directory = None


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested figures under joined names."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= {f"{name}/{inner}": one for inner, one in _flat(value).items()}
        else:
            found[str(name)] = value
    return found


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float)
        and math.isfinite(value)
        and abs(value) < _LARGEST
        and _NAME.fullmatch(name)
    }
