"""The words of the signal log: completion, candidate, outcome, signal, rating.

A signal is one completion with what became of it. These are plain immutable values; the store
writes them and the trainer reads them. Knows nothing of SQLite, editors or models.
"""

from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Literal

HORIZONS = (4, 8, 16, 32)
"""The lengths (characters) up to which a candidate's certainty is kept."""


class OutcomeKind(StrEnum):
    """What became of a suggestion."""

    ACCEPTED = "accepted"
    ACCEPTED_EDITED = "accepted_edited"
    PARTIALLY_ACCEPTED = "partially_accepted"
    TYPED_THROUGH = "typed_through"
    REJECTED = "rejected"
    UNDONE = "undone"
    IGNORED = "ignored"
    CENSORED = "censored"


TAKEN = frozenset(
    {
        OutcomeKind.ACCEPTED,
        OutcomeKind.ACCEPTED_EDITED,
        OutcomeKind.PARTIALLY_ACCEPTED,
        OutcomeKind.TYPED_THROUGH,
    }
)
"""Outcomes in which at least a part of the suggestion entered the document."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One text that the engine proposed, with the sum of its log-probabilities if known.

    ``certainty`` holds the sums up to each of ``HORIZONS`` characters, nothing where unknown.
    """

    text: str
    logprob: float | None = None
    finish_reason: str | None = None
    certainty: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of another file that was in the prompt."""

    path: str
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """What was asked and proposed, once.

    ``at`` is seconds since the epoch. ``shown`` is the index of the candidate that was ghost text,
    or None with the reason in ``not_shown``. ``workspace`` is an id, ``path`` relative to it.
    """

    id: str
    at: float
    developer: str
    workspace: str
    path: str
    language: str
    prefix: str
    suffix: str
    candidates: tuple[Candidate, ...]
    shown: int | None
    not_shown: str = ""
    context: tuple[Snippet, ...] = ()
    trigger: Literal["automatic", "invoked"] = "automatic"
    latency_ms: float = 0.0
    base_fingerprint: str = ""
    adapter: str | None = None
    version: str | None = None

    @property
    def suggestion(self) -> Candidate | None:
        """The candidate that was shown."""
        return None if self.shown is None else self.candidates[self.shown]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the suggestion of one completion.

    ``accepted_chars`` counts what entered the document, ``retained_chars`` what was still there
    when the outcome settled. ``final_text`` is the settled text of the region; ``instead`` what the
    developer wrote in its place after a rejection. ``kept`` is the share of the suggestion's tokens
    that survived (0 to 1). ``probes`` maps seconds after acceptance to the kept share then.
    ``flags`` name doubts (``inferred``, ``foreign``, ``formatted``, ``late`` …).
    """

    completion_id: str
    kind: OutcomeKind
    at: float
    settled_at: float
    accepted_chars: int = 0
    retained_chars: int = 0
    final_text: str = ""
    instead: str = ""
    kept: float | None = None
    probes: tuple[tuple[float, float], ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One completion with its outcome; not-shown completions have none."""

    completion: Completion
    outcome: Outcome | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Rating:
    """An explicit judgement: a direct evaluation, a comparison or a ranking of candidates.

    ``order`` lists candidate indices from best to worst; ``value`` is the direct evaluation
    (+1 up, -1 down, 0 when ``order`` speaks).
    """

    completion_id: str
    at: float
    kind: Literal["direct", "comparison", "ranking"]
    value: int = 0
    order: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Erasure:
    """The id of a signal that is gone: ``erased`` by its owner, or ``expired`` by retention."""

    completion_id: str
    at: float
    why: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals of one signal log, or of a part of it (one version, one language …).

    ``shown`` counts suggestions with an outcome, censored ones left out; ``signals`` every
    completion. ``kept_sum`` is the sum of the kept shares, in thousandths, of the ``kept_known``
    suggestions of which it is known.
    """

    shown: int = 0
    accepted: int = 0
    rejected: int = 0
    retained_chars: int = 0
    signals: int = 0
    kept_sum: int = 0
    kept_known: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Return both together."""
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def retained_per_shown(self) -> float:
        """Retained characters per suggestion shown: the figure that Penchant optimises."""
        return self.retained_chars / self.shown if self.shown else 0.0

    @property
    def kept_share(self) -> float | None:
        """Mean share of a suggestion's tokens that survived (0 to 1), None where unknown."""
        return self.kept_sum / 1000 / self.kept_known if self.kept_known else None
