"""Signals as rows for the show filter: features, whether it was kept, and how much of it.

Features are made by the functions that the editor uses, with the habits as they stood when the
suggestion was asked for: an outcome counts only for what was asked after it had settled. Knows
nothing of how weights are fitted.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from penchant_core.show_filter import EXPLORED, HIDDEN
from penchant_core.show_filter.answer import of_answer, of_question
from penchant_core.show_filter.features import Features
from penchant_core.show_filter.habits import Habits, kept
from penchant_core.signals import Completion, Signal

EXPLORED_WEIGHT = 5.0
"""An explored one stands for the many that were hidden: 1 / propensity, clipped.

Source: Horvitz and Thompson (1952)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One shown suggestion; ``retained`` characters of it were still there when it settled."""

    before: Features
    after: Features
    kept: bool
    retained: int
    weight: float


@dataclass(frozen=True, slots=True)
class Rows:
    """All of them in the order of asking, the habits after the last, and its number.

    ``hidden`` has the features of what an earlier filter kept back: nobody knows what would have
    become of it, but it is a part of what hiding costs.
    """

    rows: tuple[Row, ...]
    habits: Habits
    last_seq: int
    hidden: tuple[Features, ...] = ()


def rows_of(signals: Iterable[Signal]) -> Rows:
    """Return what the signals say about showing; asked-for suggestions are left out.

    Somebody who asks wants to see what there is, so those are never hidden.
    """
    ordered = sorted(signals, key=lambda s: (s.completion.at, s.seq))
    settled = sorted((s for s in ordered if s.outcome), key=_settled_at, reverse=True)
    habits, found, hidden = Habits(), [], []
    for signal in ordered:
        while settled and _settled_at(settled[-1]) <= signal.completion.at:
            _note(habits, settled.pop())
        row = _row(signal, habits)
        if row is not None:
            found.append(row)
        elif signal.completion.not_shown == HIDDEN and signal.completion.candidates:
            hidden.append(features_of(signal.completion, habits)[1])
    for signal in reversed(settled):
        _note(habits, signal)
    last = max((s.seq for s in ordered), default=0)
    return Rows(tuple(found), habits, last, tuple(hidden))


def features_of(asked: Completion, habits: Habits) -> tuple[Features, Features]:
    """Return what is known of a suggestion before it is asked for, and once it has come.

    Of a completion that was not shown, its first candidate is meant.
    """
    before = of_question(asked.prefix, asked.suffix, asked.language, asked.at, habits)
    shown = asked.suggestion or next(iter(asked.candidates), None)
    return before, of_answer(before, asked, shown, habits) if shown else before


def _settled_at(signal: Signal) -> float:
    return signal.outcome.settled_at if signal.outcome else 0.0


def _note(habits: Habits, signal: Signal) -> None:
    shown = signal.completion.suggestion
    if shown is not None and signal.outcome is not None:
        habits.note(signal.completion.language, shown.text, signal.outcome)


def _row(signal: Signal, habits: Habits) -> Row | None:
    asked, outcome, shown = signal.completion, signal.outcome, signal.completion.suggestion
    taken = kept(outcome)
    if taken is None or outcome is None or shown is None or asked.trigger == "invoked":
        return None
    before, after = features_of(asked, habits)
    weight = EXPLORED_WEIGHT if EXPLORED in outcome.flags else 1.0
    return Row(before, after, taken, outcome.retained_chars if taken else 0, weight)
