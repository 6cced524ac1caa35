"""Rolls a live version back when its developer keeps surely less of it than of what was before it.

May be asked after every signal: the evidence is an e-value, which no number of looks inflates. The
share kept alone does not decide; the characters kept per suggestion must have fallen too, so that a
version that offers more at a time is not punished for it. Knows nothing of training.
"""

import math
from dataclasses import dataclass

import numpy as np

from penchant_core.adapters import AdapterStore
from penchant_core.config import Config
from penchant_core.errors import AdapterNotFound
from penchant_core.show_filter.habits import kept
from penchant_core.signals import Signal
from penchant_core.store import SignalStore
from penchant_trainer.intervals import wilson

WINDOW = 2_000
"""The newest so many signals are looked at when the watch begins."""
LEAST_BEFORE = 40
"""Judged suggestions of what was live before, below which there is nothing to compare with."""
ALPHA = 0.02
"""The chance that a version that is no worse is ever rolled back, at most."""
_GRID = 400


@dataclass(slots=True)
class Record:
    """What became of the judged suggestions of one version."""

    judged: int = 0
    kept: int = 0
    retained: int = 0

    @property
    def share(self) -> float:
        """The share that was kept."""
        return self.kept / self.judged if self.judged else 0.0

    @property
    def chars(self) -> float:
        """Retained characters per judged suggestion."""
        return self.retained / self.judged if self.judged else 0.0

    def add(self, signal: Signal) -> None:
        """Count one signal; one that says nothing about keeping is passed over."""
        taken = kept(signal.outcome)
        if taken is None or signal.outcome is None or signal.completion.shown is None:
            return
        self.judged += 1
        self.kept += taken
        self.retained += signal.outcome.retained_chars


def evidence(found: Record, share: float) -> float:
    """Return the e-value against "at least ``share`` of its suggestions are kept".

    The likelihood of the outcomes under every lower share, evenly weighed, over that under
    ``share``. By Ville's inequality it exceeds 1 / alpha with probability at most alpha, however
    often one looks. Source: Wald 1945; Robbins 1970; Ramdas et al. 2023 (arXiv 2210.01948).
    """
    if not 0 < share < 1 or not found.judged:
        return 1.0
    missed = found.judged - found.kept
    at_share = found.kept * math.log(share) + missed * math.log1p(-share)
    lower = share * (np.arange(_GRID) + 0.5) / _GRID
    under = found.kept * np.log(lower) + missed * np.log1p(-lower)
    return float(np.exp(np.minimum(700.0, under - at_share)).mean())


def regressed(live: Record, before: Record) -> bool:
    """Whether the live version is surely worse than what was live before it.

    Against the lower 90 % bound of the share that was kept before.
    """
    if before.judged < LEAST_BEFORE or live.chars >= before.chars:
        return False
    return evidence(live, wilson(before.kept, before.judged, 0.8)[0]) >= 1 / ALPHA


class Records:
    """The record of every version of one developer, kept up to date by reading what is new."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._seen = 0
        self._base = ""
        self._found: dict[tuple[str, str | None, str | None], Record] = {}

    def roll_back_if_worse(self) -> str | None:
        """Take in new signals, and roll the live version back if it is worse; return why.

        Raises StoreError or AdapterError when log or store cannot be used.
        """
        if not self._config.settings.adapters.roll_back:
            return None
        self._read()
        store = AdapterStore(self._config.adapter_root, self._base)
        owner = self._config.settings.owner
        pointer = store.pointer(owner) if self._base else None
        if pointer is None or pointer.version is None or not pointer.previous:
            return None
        live, before = self._of(pointer.version), self._of(pointer.previous[0])
        if not regressed(live, before):
            return None
        reason = (
            f"rolled back by itself: of {pointer.version} {live.kept} of {live.judged} "
            f"suggestions were kept, of {pointer.previous[0] or 'the base model'} before it "
            f"{before.kept} of {before.judged}"
        )
        try:
            store.roll_back(owner, reason=reason)
        except AdapterNotFound:  # what was before it is gone: nothing better is known
            return None
        return reason

    def _read(self) -> None:
        path = self._config.paths.signal_log(self._config.settings.developer.name)
        if not path.exists():
            return
        with SignalStore(path) as log:
            for signal in log.signals(self._seen, newest=WINDOW):
                asked = signal.completion
                self._seen = signal.seq
                self._base = asked.base_fingerprint or self._base
                key = asked.base_fingerprint, asked.adapter, asked.version
                self._found.setdefault(key, Record()).add(signal)

    def _of(self, version: str | None) -> Record:
        owner = self._config.settings.owner if version else None
        return self._found.get((self._base, owner, version), Record())
