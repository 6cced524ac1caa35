"""What a soak counts: how often a fault was played, and how often it did what it must never do.

Knows nothing of the faults.
"""

import sys
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """``played`` faults so far; ``failures`` by name must stay empty; ``seen`` says what happened.

    ``wanted`` is how often the fault is to be played in all, for the line of progress.
    """

    name: str
    wanted: int
    played: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    quiet: bool = True
    _begun: float = field(default_factory=time.monotonic)

    def step(self, count: int = 1) -> None:
        """One more fault was played; says so a hundred times in all."""
        before, self.played = self.played, self.played + count
        self.seconds = time.monotonic() - self._begun
        share = max(1, self.wanted // 100)
        if not self.quiet and before // share != self.played // share:
            failed = sum(self.failures.values())
            line = f"{self.name}: {self.played:,} of {self.wanted:,}, {failed} failures"
            print(f"{line}, {self.seconds:.0f} s", file=sys.stderr, flush=True)

    def expect(self, holds: bool, failure: str) -> None:
        """Count ``failure`` unless it ``holds``."""
        if not holds:
            self.failures[failure] += 1

    def as_json(self) -> dict[str, object]:
        """Return the counts."""
        return {
            "name": self.name,
            "wanted": self.wanted,
            "played": self.played,
            "failures": dict(self.failures),
            "seen": dict(sorted(self.seen.items())),
            "seconds": round(self.seconds, 1),
        }
