"""What in a signal log is worth an explicit judgement, and what an answer means. Pure.

Two kinds: the candidates of one completion against one another, and a suggestion against what the
developer finally wrote in its place. What was written is no candidate, so preferring it is said as
a bad mark for the suggestion, and preferring the suggestion as a good one. Knows nothing of
terminals and stores.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Literal

from penchant_core.questions import questions
from penchant_core.ratings import preferences, reason_text
from penchant_core.signals import OutcomeKind, Rating, Signal

_REWRITTEN = frozenset({OutcomeKind.REJECTED, OutcomeKind.UNDONE})
_EDITED = frozenset({OutcomeKind.ACCEPTED_EDITED, OutcomeKind.PARTIALLY_ACCEPTED})


@dataclass(frozen=True, slots=True)
class Unrated:
    """One thing to judge. ``indices`` are the candidates behind ``texts``, None: hand-written."""

    signal: Signal
    kind: Literal["candidates", "written"]
    texts: tuple[str, ...]
    indices: tuple[int | None, ...]

    def preferred(self, choice: int, at: float, reason: str = "") -> list[Rating]:
        """Return what preferring ``texts[choice]`` says; ``at`` is seconds since the epoch."""
        best = self.indices[choice]
        if self.kind == "written":
            return self.marked(1 if best is not None else -1, at, reason)
        others = [index for index in self.indices if index is not None]
        return [] if best is None else preferences(self._id, best, others, at, reason)

    def ranked(self, choices: Iterable[int], at: float, reason: str = "") -> list[Rating]:
        """Return the ranking of candidates, best first; raise ValueError when it is none."""
        named = list(choices)
        found = [self.indices[choice] for choice in named if 0 <= choice < len(self.indices)]
        order = tuple(index for index in found if index is not None)
        if len(set(order)) != len(named) or len(order) < 2:
            raise ValueError("a ranking names every candidate once, the best first")
        return [Rating(self._id, at, "ranking", order=order, reason=reason_text(reason))]

    def marked(self, value: int, at: float, reason: str = "") -> list[Rating]:
        """Return a good (+1) or bad (-1) mark for the suggestion that was shown."""
        shown = self.signal.completion.shown
        order = () if shown is None else (shown,)
        return [Rating(self._id, at, "direct", value, order, reason_text(reason))]

    @property
    def _id(self) -> str:
        return self.signal.completion.id


def unrated(
    signals: Iterable[Signal], ratings: Iterable[Rating], skipped: Container[str] = ()
) -> list[Unrated]:
    """Return what nobody has judged yet: first what teaches most, then the newest."""
    rated = {rating.completion_id for rating in ratings}
    rows = [s for s in signals if s.completion.id not in rated and s.completion.id not in skipped]
    rows.sort(key=lambda s: (-s.completion.at, -s.seq))
    first = {q.completion.id: rank for rank, q in enumerate(questions(rows))}
    found = [item for row in rows if (item := _compared(row) or _written(row)) is not None]
    return sorted(found, key=lambda item: first.get(item.signal.completion.id, len(first)))


def _compared(signal: Signal) -> Unrated | None:
    texts: dict[str, int] = {}
    for index, candidate in enumerate(signal.completion.candidates):
        if candidate.text.strip():
            texts.setdefault(candidate.text, index)
    if len(texts) < 2:
        return None
    return Unrated(signal, "candidates", tuple(texts)[:9], tuple(texts.values())[:9])


def _written(signal: Signal) -> Unrated | None:
    shown, outcome = signal.completion.suggestion, signal.outcome
    if shown is None or outcome is None or "foreign" in outcome.flags:
        return None
    text = outcome.final_text if outcome.kind in _EDITED else ""
    text = outcome.instead if outcome.kind in _REWRITTEN else text
    if not text.strip() or not shown.text.strip() or text.strip() == shown.text.strip():
        return None
    return Unrated(signal, "written", (shown.text, text), (signal.completion.shown, None))
