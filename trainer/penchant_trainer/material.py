"""Reads what a run learns from, signals and history, and says whether there is enough of it.

No text is copied to disk: what a run learns from is read again from the log (and from the git
repositories that the developer named) whenever it is needed, and a digest tells whether it is still
the same. So erasing a signal erases it from unfinished runs as well. Reading is bounded by a
window, and counting what is new by what is new.
"""

import hashlib
from dataclasses import dataclass

from penchant_core.config import Config
from penchant_core.errors import TrainError
from penchant_core.rebuild import runs_directory
from penchant_core.settings import TrainingSettings
from penchant_core.signals import Rating, Signal
from penchant_core.store import SignalStore
from penchant_trainer.caps import UNCAPPED
from penchant_trainer.history import sources
from penchant_trainer.pairs import harvest
from penchant_trainer.units import Event

WINDOW = 20_000
"""The newest so many signals are learned from: months of one developer, seconds to read."""

_MOST_EXAMPLES = 4  # that one signal usually teaches


class SignalsErased(TrainError):
    """A run was learning from signals that their owner has erased."""


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


def read(config: Config, *, until: int | None = None, window: int = WINDOW) -> Material:
    """Read the newest ``window`` signals of the developer, up to ``until`` if that is given.

    A developer without a log has no signals; none is created. Raises StoreError.
    """
    signals, ratings = _log(config, until, window)
    events = (*sources.events(runs_directory(config)), *harvest(signals, ratings))
    digest = hashlib.sha256(repr(events).encode("utf-8", "surrogatepass")).hexdigest()
    last = max((s.seq for s in signals), default=0) if until is None else until
    return Material(events, last, digest)


def _log(config: Config, until: int | None, window: int) -> tuple[list[Signal], list[Rating]]:
    path = config.paths.signal_log(config.settings.developer.name)
    if not path.exists():
        return [], []
    with SignalStore(path) as store:
        return list(store.signals(newest=window, until=until)), store.ratings()


def usable(config: Config, *, after: int, until: int) -> int:
    """Return how many signals with ``after < seq <= until`` teach something, caps aside.

    Reads only these and the ratings, so asking after each few costs as much as they do;
    ``Material.fresh`` is never more than the sum. Raises StoreError.
    """
    path = config.paths.signal_log(config.settings.developer.name)
    if until <= after or not path.exists():
        return 0
    with SignalStore(path) as store:
        signals = store.signals(after, newest=WINDOW, until=until)
        return len(harvest(signals, store.ratings(), UNCAPPED))


def ensure_whole(config: Config, material: Material) -> None:
    """Raise SignalsErased when the log no longer holds every signal of the material."""
    path = config.paths.signal_log(config.settings.developer.name)
    ids = [event.signal_id for event in material.events if event.seq]
    gone = len(ids)
    if path.exists():
        with SignalStore(path) as store:
            gone = len(store.missing(ids))
    if gone:
        raise SignalsErased(f"{gone} of its signals were erased meanwhile")


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


def shortfall(material: Material, covered: int, training: TrainingSettings) -> int:
    """Return how many more usable signals there must be at the least before a run can start."""
    clean, fresh = material.clean_examples, material.fresh(covered)
    return max(1, training.every_signals - fresh, (training.min_examples - clean) // _MOST_EXAMPLES)
