"""The style card: what an adapter learned of its developer's habits, in plain words.

Three tallies in: the base model's completions, the adapter's completions of the same held-out
places, and the developer's own text. Out come the habits that moved and those that should have.
Pure; every bound stands in ``Bounds``. Knows nothing of models and stores.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from penchant_trainer.style.habits import HABITS, Habit
from penchant_trainer.style.tally import Count, Tally

Became = Literal["learned", "not learned", "lost"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a habit is spoken of.

    ``occasions`` are needed on every side. A developer has a habit when its share is ``clear`` or
    more, one way or the other. A share moved when it changed by ``moved`` and by more than
    ``errors`` standard errors; it is near the developer's when within ``near``.
    """

    occasions: int = 8
    clear: float = 0.8
    moved: float = 0.1
    errors: float = 1.64
    near: float = 0.15


@dataclass(frozen=True, slots=True)
class Line:
    """One habit in words, with its shares (0 to 1) before, after and of the developer."""

    habit: str
    words: str
    became: Became
    before: float
    after: float
    own: float
    occasions: tuple[int, int, int]

    def __str__(self) -> str:
        change = f"{self.before:.0%} → {self.after:.0%}"
        return f"{self.words}: {change}; you: {self.own:.0%}".replace("%", " %")


@dataclass(frozen=True, slots=True)
class StyleCard:
    """What was learned, what was not, and what was judged: ``sentences`` is it for a person."""

    lines: tuple[Line, ...]
    judged: int

    def of(self, became: Became) -> tuple[Line, ...]:
        """Return the lines of one kind."""
        return tuple(line for line in self.lines if line.became == became)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The card in plain words, most moved first."""
        learned = [str(line) for line in self.of("learned")]
        if not learned:
            some = f"none of {self.judged} habits with enough occasions moved towards yours"
            learned = [some if self.judged else "too few occasions to see any habit"]
        missed, lost = self.of("not learned"), self.of("lost")
        more = []
        if missed:
            more.append("not learned: " + "; ".join(map(str, missed)))
        if lost:
            more.append("moved away from you: " + "; ".join(map(str, lost)))
        return (*learned, *more)

    def as_json(self) -> dict[str, Any]:
        """Return it for an adapter's card: ``sentences``, ``lines`` and ``judged``."""
        rounded = {"before", "after", "own"}
        rows = [
            asdict(line) | {k: round(getattr(line, k), 4) for k in rounded} for line in self.lines
        ]
        for row in rows:
            row["occasions"] = list(row["occasions"])
        return {"sentences": list(self.sentences), "lines": rows, "judged": self.judged}


def style_card(before: Tally, after: Tally, own: Tally, bounds: Bounds | None = None) -> StyleCard:
    """Return the card of an adapter.

    ``before`` counts the base model's completions of the held-out places and ``after`` the
    adapter's, both cut to the extent of the developer's text there; ``own`` counts that text.
    """
    bounds = bounds or Bounds()
    lines, judged = [], 0
    for habit in HABITS.values():
        counts = (before[habit.name], after[habit.name], own[habit.name])
        if min(count.occasions for count in counts) < bounds.occasions:
            continue
        judged += 1
        line = _line(habit, *counts, bounds)
        if line is not None:
            lines.append(line)
    lines.sort(key=lambda line: -abs(line.after - line.before))
    return StyleCard(tuple(lines), judged)


def _line(habit: Habit, before: Count, after: Count, own: Count, bounds: Bounds) -> Line | None:
    became = _became(before, after, own.share, bounds)
    if became is None:
        return None
    shares = (before.share, after.share, own.share)
    words = habit.words
    if own.share < 0.5:  # say it the developer's way round
        shares, words = (1 - shares[0], 1 - shares[1], 1 - shares[2]), habit.opposite
    occasions = (before.occasions, after.occasions, own.occasions)
    return Line(habit.name, words, became, *shares, occasions)


def _became(before: Count, after: Count, own: float, bounds: Bounds) -> Became | None:
    gain = abs(before.share - own) - abs(after.share - own)
    moved = abs(gain) >= bounds.moved and abs(gain) > bounds.errors * _error(before, after)
    if moved:
        return "learned" if gain > 0 else "lost"
    clear = max(own, 1 - own) >= bounds.clear
    return "not learned" if clear and abs(after.share - own) > bounds.near else None


def _error(before: Count, after: Count) -> float:
    """Return the standard error of the difference of two shares (pooled, unpaired)."""
    n, m = before.occasions, after.occasions
    share = (before.shown + after.shown) / (n + m)
    return float((share * (1 - share) * (1 / n + 1 / m)) ** 0.5)
