"""Reads what a run learns from, signals and history, and says whether there is enough of it.

No text is copied to disk: what a run learns from is read again from the log (and from the git
repositories that the developer named) whenever it is needed, and a digest tells whether it is still
the same. So erasing a signal erases it from unfinished runs as well.
"""

import hashlib
from dataclasses import dataclass

from penchant_core.config import Config, TrainingSettings
from penchant_core.signals import Rating, Signal
from penchant_core.store import SignalStore
from penchant_trainer.history import sources
from penchant_trainer.ledger import directory_of
from penchant_trainer.pairs import harvest
from penchant_trainer.units import Event


@dataclass(frozen=True, slots=True)
class Material:
    """What there is to learn, signals up to ``last_seq``; ``digest`` changes when it changes."""

    events: tuple[Event, ...]
    last_seq: int
    digest: str

    @property
    def clean_examples(self) -> int:
        """How many wanted completions there are to learn from."""
        return sum(e.desirable for event in self.events for e in event.examples)

    def fresh(self, after: int) -> int:
        """How many usable signals came after the signal ``after``."""
        return sum(event.seq > after for event in self.events)


def read(config: Config, *, until: int | None = None) -> Material:
    """Read the log of the configured developer, up to the signal ``until`` if that is given.

    A developer without a log has no signals; none is created. Raises StoreError.
    """
    signals, ratings = _log(config, until)
    events = (*sources.events(directory_of(config)), *harvest(signals, ratings))
    digest = hashlib.sha256(repr(events).encode("utf-8", "surrogatepass")).hexdigest()
    last = max((s.seq for s in signals), default=0) if until is None else until
    return Material(events, last, digest)


def _log(config: Config, until: int | None) -> tuple[list[Signal], list[Rating]]:
    path = config.paths.signal_log(config.settings.developer.name)
    if not path.exists():
        return [], []
    with SignalStore(path) as store:
        return [s for s in store.signals() if until is None or s.seq <= until], store.ratings()


def newest(config: Config) -> int:
    """Return the ``seq`` of the newest signal, 0 without a log; cheap enough to ask often."""
    path = config.paths.signal_log(config.settings.developer.name)
    if not path.exists():
        return 0
    with SignalStore(path) as store:
        return store.last_seq()


def lacking(
    material: Material, covered: int, training: TrainingSettings, *, force: bool
) -> str | None:
    """Return what is missing for a run, in words, or None when it can start."""
    clean, fresh = material.clean_examples, material.fresh(covered)
    if clean < training.min_examples:
        return (
            f"{clean} of {training.min_examples} clean examples so far; "
            "go on writing with suggestions switched on"
        )
    if not force and fresh < training.every_signals:
        return (
            f"{fresh} of {training.every_signals} new usable signals since the last run; "
            "`penchant train --once --force` trains all the same"
        )
    return None
