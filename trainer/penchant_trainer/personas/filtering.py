"""What the show filter does to a persona's suggestions, learned from those that came before.

As in the product: learned anew after every so many signals from the log so far, applied to what
comes next; what is hidden leaves no outcome to learn from, except the few that are shown all the
same, and what was not even asked for leaves nothing. Since it is known what the persona means, what
hiding cost is known as well: a suggestion that was taken by a slip is in the log, but hiding it
would have cost nothing. Knows nothing of models.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from penchant_core.show_filter import EXPLORED, HIDDEN
from penchant_core.show_filter.habits import Habits, kept
from penchant_core.show_filter.weights import ShowFilter
from penchant_core.signals import Completion, Signal
from penchant_trainer.show_filter.fitting import learn
from penchant_trainer.show_filter.rows import Row, Rows, features_of, rows_of

EVENTS, BEGIN, EVERY = 800, 400, 50
"""Events of each persona, from which on is measured, and how often the watch learns anew."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One suggestion of those measured: its file, whether it was shown, and what it was worth.

    ``kept`` and ``retained`` (characters) say what the persona means to do once it is shown.
    """

    path: str
    shown: bool
    kept: bool
    retained: int


@dataclass(frozen=True, slots=True)
class Rule:
    """The settings that matter: ``completion.retain`` and ``completion.exploration``."""

    retain: float
    exploration: float


def lived(
    signals: Sequence[Signal], meant: Sequence[Signal], rule: Rule, begin: int = BEGIN
) -> list[Glance]:
    """Return the suggestions from the event ``begin`` on, as the filter let them through.

    ``meant`` are the same events as they would have been without slips.
    """
    log: list[Signal] = []
    habits, learned, found = Habits(), None, []
    for number, (signal, true) in enumerate(zip(signals, meant, strict=True)):
        if number and number % EVERY == 0:
            learned = learn(rows_of(log), retain=rule.retain, now=0.0)
        before = learned if number >= EVERY else None
        glance, seen = _looked_at(signal, true, habits, before, rule)
        if glance is not None and number >= begin:
            found.append(glance)
        if seen is not None:
            log.append(replace(seen, seq=number + 1))
            _note(habits, seen)
    return found


def borrowed(
    signals: Sequence[Signal], meant: Sequence[Signal], others: Sequence[Row], rule: Rule
) -> list[Glance]:
    """Return all suggestions of a persona, through a filter learned from other ones' rows."""
    learned = learn(Rows(tuple(others), Habits(), len(others)), retain=rule.retain, now=0.0)
    return list(_through(signals, meant, learned, rule))


def _through(
    signals: Sequence[Signal], meant: Sequence[Signal], learned: ShowFilter, rule: Rule
) -> Iterator[Glance]:
    habits = Habits()
    for signal, true in zip(signals, meant, strict=True):
        glance, seen = _looked_at(signal, true, habits, learned, rule)
        if glance is not None:
            yield glance
        if seen is not None:
            _note(habits, seen)


def _looked_at(
    signal: Signal, meant: Signal, habits: Habits, learned: ShowFilter | None, rule: Rule
) -> tuple[Glance | None, Signal | None]:
    """Return what became of one suggestion, and the signal that it left, if it was asked for."""
    outcome, true, asked = signal.outcome, meant.outcome, signal.completion
    if outcome is None or true is None or asked.suggestion is None:
        return None, None
    verdict = _verdict(asked, asked.suggestion.text, habits, learned, rule)
    shown = verdict in ("show", "explore")
    worth = Glance(asked.path, shown, bool(kept(true)), true.retained_chars)
    if verdict == "save":
        return worth, None
    if verdict == "hide":
        return worth, Signal(replace(asked, shown=None, not_shown=HIDDEN))
    if verdict == "explore":
        signal = replace(signal, outcome=replace(outcome, flags=(*outcome.flags, EXPLORED)))
    return worth, signal


def _verdict(
    asked: Completion, text: str, habits: Habits, learned: ShowFilter | None, rule: Rule
) -> Literal["show", "explore", "hide", "save"]:
    """Return what the editor would do: ``save`` is not to ask at all."""
    if learned is None:
        return "show"
    before, after = features_of(asked, habits)
    if not (learned.before.fair(before) or _explores(asked.prefix, rule)):
        return "save"
    if learned.after.fair(after):
        return "show"
    return "explore" if _explores(asked.prefix + text, rule) else "hide"


def _note(habits: Habits, signal: Signal) -> None:
    shown = signal.completion.suggestion
    if shown is not None and signal.outcome is not None:
        habits.note(signal.completion.language, shown.text, signal.outcome)


def _explores(text: str, rule: Rule) -> bool:
    """Whether chance shows it all the same: by its text, as the editor decides it."""
    mark = zlib.crc32(text[-300:].encode("utf-8", "replace"))
    return mark % 10_000 < rule.exploration * 10_000
