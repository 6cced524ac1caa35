"""Compares a version on trial with what was served beside it, and ends the trial.

May be asked after every signal: the evidence is an e-value, which no number of looks inflates. A
version that is surely kept less, with fewer characters, is served no more; one that has seen as
many suggestions as were wanted, and is not, goes live. Knows nothing of training and of which
document got which version.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from penchant_core.adapters import AdapterStore
from penchant_core.config import Config
from penchant_core.errors import AdapterError
from penchant_core.log import event
from penchant_core.show_filter.habits import kept
from penchant_core.signals import Signal
from penchant_core.store import SignalStore
from penchant_core.trials import Trial
from penchant_trainer import publish
from penchant_trainer.regression import ALPHA, WINDOW, Record

LONGEST_S = 14 * 86_400.0
"""After so long a trial ends as if there had been enough suggestions."""
_GRID = 24


@dataclass(slots=True)
class Side:
    """What became of one side's suggestions, in the order in which it became known."""

    record: Record = field(default_factory=Record)
    kept: list[bool] = field(default_factory=list)

    def add(self, signal: Signal) -> None:
        """Count one signal; one that says nothing about keeping is passed over."""
        before = self.record.judged
        self.record.add(signal)
        if self.record.judged > before:
            self.kept.append(bool(kept(signal.outcome)))


def evidence(tried: Sequence[bool], beside: Sequence[bool]) -> float:
    """Return the e-value against "what is tried is kept at least as often as what is beside it".

    The n-th outcome of one side and the n-th of the other make a block; a block's factor is their
    likelihood under two shares, the tried one lower, over that under the shares' mean. Its
    expectation is at most 1 wherever the tried share is the higher or equal; so is that of the
    product, and of the mean over a grid of shares. By Ville's inequality it exceeds 1 / alpha with
    probability at most alpha, however often one looks. Source: Turner, Ly and Grünwald 2024
    (arXiv 2106.02693).
    """
    n = min(len(tried), len(beside))
    if not n:
        return 1.0
    shares = (np.arange(_GRID) + 0.5) / _GRID
    low, high = (part[shares[:, None] < shares[None, :]] for part in np.meshgrid(shares, shares))
    low, high = np.minimum(low, high), np.maximum(low, high)
    mean = (low + high) / 2
    logs = _log_ratio(low, mean, sum(tried[:n]), n) + _log_ratio(high, mean, sum(beside[:n]), n)
    return float(np.exp(np.minimum(700.0, logs)).mean())


def _log_ratio(share: np.ndarray, mean: np.ndarray, taken: int, n: int) -> np.ndarray:
    return taken * np.log(share / mean) + (n - taken) * np.log((1 - share) / (1 - mean))


class Referee:
    """Watches one developer's trial by reading what is new in the log."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._of: tuple[str, Trial] | None = None
        self._begin()

    def _begin(self) -> None:
        self._seen, self._tried, self._beside = 0, Side(), Side()

    def going_on(self) -> str:
        """Say which version is on trial and how far it is; empty without one."""
        found = self._trial()
        if found is None:
            return ""
        _, trial = found
        return f"{self._owner} {trial.version} is {trial.words()} (adapters.trial_suggestions)"

    def look(self) -> str:
        """Take in new signals and end the trial if it is decided; say how, empty if it is not.

        Raises StoreError or AdapterError when log or store cannot be used.
        """
        found = self._trial()
        if found is None:
            return ""
        store, trial = found
        said = self._look(store, trial)
        if said:
            event("trial_ended", version=trial.version)
        return said

    @property
    def _owner(self) -> str:
        return self._config.settings.owner

    def _trial(self) -> tuple[AdapterStore, Trial] | None:
        """Return the trial of the base model that answered last, with its store."""
        root = self._config.adapter_root
        stores = [AdapterStore(root, base.name) for base in root.glob("*") if base.is_dir()]
        active = [(s, t) for s in stores if (t := s.trial(self._owner)) and t.active]
        base = self._base() if active else ""
        return next((found for found in active if found[0].fingerprint == base), None)

    def _base(self) -> str:
        path = self._config.paths.signal_log(self._config.settings.developer.name)
        if not path.exists():
            return ""
        with SignalStore(path) as log:
            newest = log.find(1)
        return newest[0].completion.base_fingerprint if newest else ""

    def _look(self, store: AdapterStore, trial: Trial) -> str:
        try:
            store.verify_files(store.get(self._owner, trial.version))
        except AdapterError as error:
            store.end_trial(self._owner, "stopped", reason=str(error))
            return str(error)
        self._read(store.fingerprint, trial)
        tried, beside = self._tried.record, self._beside.record
        store.count_trial(self._owner, trial.version, tried.judged)
        said = (
            f"on trial {tried.kept} of {tried.judged} suggestions of {trial.version} were kept, "
            f"{beside.kept} of {beside.judged} of what was served beside it"
        )
        if self._is_worse():
            store.end_trial(self._owner, "worse", reason=said)
            return said
        return self._goes_live(store, trial, said) if self._is_over(trial) else ""

    def _is_worse(self) -> bool:
        less = self._tried.record.chars < self._beside.record.chars
        return less and evidence(self._tried.kept, self._beside.kept) >= 1 / ALPHA

    def _is_over(self, trial: Trial) -> bool:
        """Whether it has seen enough, and what it is compared with at least half as much."""
        enough = self._tried.record.judged >= trial.wanted
        compared = 2 * self._beside.record.judged >= trial.wanted
        return (enough and compared) or time.time() - trial.since >= LONGEST_S

    def _goes_live(self, store: AdapterStore, trial: Trial, said: str) -> str:
        version = store.get(self._owner, trial.version)
        address = self._config.settings.gateway.address
        outcome = publish.promote(store, version, address, said)
        if not outcome.live:
            store.end_trial(self._owner, "stopped", reason=outcome.reason)
            return outcome.reason
        publish.collect(store, self._owner, address, self._config.settings.adapters.keep)
        return said

    def _read(self, fingerprint: str, trial: Trial) -> None:
        """Count what is new since the last look; what was asked for before the trial is not."""
        if self._of is None or self._of[0] != fingerprint or self._of[1].since != trial.since:
            self._begin()
        self._of = fingerprint, trial
        path = self._config.paths.signal_log(self._config.settings.developer.name)
        with SignalStore(path) as log:
            for signal in log.signals(self._seen, newest=WINDOW):
                self._seen = signal.seq
                asked = signal.completion
                if asked.base_fingerprint == fingerprint and asked.at >= trial.since:
                    own = (asked.adapter, asked.version) == (self._owner, trial.version)
                    (self._tried if own else self._beside).add(signal)
