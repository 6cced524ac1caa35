"""How many questions were asked today, and which ones ever: a small file without content.

Holds dates and completion ids only. A file that makes no sense uses up the day that it was written
on: in doubt nobody is asked. Knows nothing of what is asked.
"""

import json
import time
from pathlib import Path

from penchant_core.paths import write_private

REMEMBERED = 500


class QuestionBudget:
    """The record at ``path``; several editors share it. Every call reads the file afresh."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def left(self, per_day: int, *, now: float | None = None) -> int:
        """Return how many more questions may be asked today (local time)."""
        known = self._read()
        today = _day(now)
        if known is None:
            return per_day if self._written() < today else 0
        return max(0, per_day - sum(1 for day, _ in known if day == today))

    def asked(self) -> frozenset[str]:
        """Return the ids of the completions that were asked about, as far back as is remembered."""
        return frozenset(completion_id for _, completion_id in self._read() or [])

    def note(self, completion_id: str, *, now: float | None = None) -> None:
        """Count a question; durable on return. Raises OSError or ConfigError when it cannot."""
        known = [*(self._read() or []), (_day(now), completion_id)]
        write_private(self.path, json.dumps({"asked": known[-REMEMBERED:]}))

    def _read(self) -> list[tuple[str, str]] | None:
        try:
            value = json.loads(self.path.read_text("utf-8"))
            return [(str(day), str(completion_id)) for day, completion_id in value["asked"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def _written(self) -> str:
        try:
            return _day(self.path.stat().st_mtime)
        except OSError:
            return "9999"


def _day(now: float | None) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(time.time() if now is None else now))
