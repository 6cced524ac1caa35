"""Keeps a developer's show filter up to date: reads the log, learns, writes the filter's file.

Cheap enough to be asked often: without enough new signals only the newest number is read. Knows
nothing of language models.
"""

from penchant_core.config import Config
from penchant_core.errors import ConfigError, TrainError
from penchant_core.show_filter import weights
from penchant_core.store import SignalStore
from penchant_trainer import material
from penchant_trainer.show_filter.fitting import learn
from penchant_trainer.show_filter.rows import Rows, rows_of

WINDOW = 5_000
"""The newest so many signals are learned from: what is older says little about tomorrow."""


def read(config: Config) -> Rows:
    """Return the rows of the newest signals; none without a log. Raises StoreError."""
    path = config.paths.signal_log(config.settings.developer.name)
    if not path.exists():
        return rows_of(())
    with SignalStore(path) as store:
        return rows_of(store.signals(newest=WINDOW))


def relearn(config: Config, found: Rows | None = None) -> weights.ShowFilter:
    """Learn the filter from the log and put it where the editor reads it.

    Raises StoreError, or TrainError when it cannot be written.
    """
    learned = learn(found or read(config), retain=config.settings.completion.retain)
    place = config.paths.show_filter(config.settings.developer.name)
    try:
        weights.save(place, learned)
    except OSError as error:
        raise TrainError(f"{place} cannot be written ({error.strerror}); mend that") from error
    return learned


def current(config: Config) -> weights.ShowFilter | None:
    """Return the filter in force, None where there is none or it cannot be read."""
    try:
        return weights.load(config.paths.show_filter(config.settings.developer.name))
    except ConfigError:
        return None


def keep_up(config: Config) -> weights.ShowFilter | None:
    """Learn again if ``training.every_signals`` signals are new; return what was learned."""
    newest = material.newest(config)
    known = current(config)
    covered = known.last_seq if known else 0
    if not config.settings.completion.show_filter or not newest:
        return None
    if newest - covered < config.settings.training.every_signals:
        return None
    return relearn(config)
