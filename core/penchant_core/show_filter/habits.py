"""How often this developer kept suggestions lately: the strongest sign of what they keep next.

Counts fade with every outcome, so a new adapter or a new mood shows within some twenty of them.
Outcomes must be given in the order in which they happened. Holds no text but the last few refused
suggestions, in memory only. Knows nothing of weights.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from penchant_core.show_filter.features import Features
from penchant_core.signals import TAKEN, Outcome, OutcomeKind

FADE = 0.95
"""What is left of a count after one more outcome: a half after 14."""
PRIOR, STRENGTH = 0.4, 4.0
"""The share that is assumed before anything is known, and for how many outcomes that counts."""
LAST = 3
REFUSED = 8
_LANGUAGES = 24


def kept(outcome: Outcome | None) -> bool | None:
    """Return whether a suggestion was kept; None where its outcome says neither.

    Kept is what was taken, in part or with edits that left the half of it. What was ignored or
    censored was perhaps never looked at.
    """
    if outcome is None or outcome.kind in (OutcomeKind.IGNORED, OutcomeKind.CENSORED):
        return None
    if outcome.kind is OutcomeKind.ACCEPTED_EDITED:
        return outcome.kept is None or outcome.kept >= 0.5
    return outcome.kind in TAKEN


@dataclass(slots=True)
class Share:
    """A fading count of outcomes and of those that were kept."""

    seen: float = 0.0
    kept: float = 0.0

    def add(self, taken: bool) -> None:
        """Count one more outcome."""
        self.seen = self.seen * FADE + 1.0
        self.kept = self.kept * FADE + taken

    @property
    def value(self) -> float:
        """The share kept, drawn towards the prior while little is known."""
        return (self.kept + PRIOR * STRENGTH) / (self.seen + STRENGTH)


@dataclass(slots=True)
class Habits:
    """The developer's outcomes so far, in numbers; ``at`` is the last one's time (epoch s)."""

    overall: Share = field(default_factory=Share)
    languages: dict[str, Share] = field(default_factory=dict)
    last: deque[bool] = field(default_factory=lambda: deque(maxlen=LAST))
    at: float = 0.0
    refused: deque[str] = field(default_factory=lambda: deque(maxlen=REFUSED))

    def note(self, language: str, text: str, outcome: Outcome) -> None:
        """Take one outcome in; what says nothing changes nothing."""
        taken = kept(outcome)
        if taken is None:
            return
        self.overall.add(taken)
        if language in self.languages or len(self.languages) < _LANGUAGES:
            self.languages.setdefault(language, Share()).add(taken)
        self.last.append(taken)
        self.at = max(self.at, outcome.at)
        if not taken:
            self.refused.append(text.strip())

    def of_now(self, language: str, at: float) -> Features:
        """Return what the past says at the time ``at`` (epoch s)."""
        share = self.languages.get(language, self.overall)
        since = max(0.0, at - self.at) if self.at else 3600.0
        lately = {f"last_{n}": float(t) - 0.5 for n, t in enumerate(reversed(self.last), 1)}
        return {
            "kept_share": _logit(self.overall.value),
            "kept_share_language": _logit(share.value),
            "since_outcome": math.log1p(min(since, 86_400.0)),
            **lately,
        }

    def of_text(self, text: str) -> Features:
        """Return whether the same text was refused a moment ago."""
        return {"refused_lately": float(text.strip() in self.refused)}

    def as_json(self) -> dict[str, object]:
        """Return the numbers, without any text."""
        return {
            "overall": [self.overall.seen, self.overall.kept],
            "languages": {name: [s.seen, s.kept] for name, s in self.languages.items()},
            "last": list(self.last),
            "at": self.at,
        }


def habits_from(
    overall: tuple[float, float],
    languages: Mapping[str, tuple[float, float]],
    last: tuple[bool, ...],
    at: float,
) -> Habits:
    """Return habits from the numbers that ``as_json`` wrote."""
    shares = {name: Share(*pair) for name, pair in list(languages.items())[:_LANGUAGES]}
    return Habits(Share(*overall), shares, deque(last, maxlen=LAST), at)


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
