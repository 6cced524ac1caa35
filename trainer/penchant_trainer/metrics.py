"""Judges generated texts against what the developer finally had: pure functions of texts.

Both sides are compared at the same extent (as many lines as the developer's text), so that a model
gains nothing by merely learning where to stop; stopping is a figure of its own. Holds figures only,
never texts. Knows nothing of models.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, median
from typing import Any

from rapidfuzz.distance import LCSseq, Levenshtein

from penchant_core.redaction import secret_in
from penchant_trainer.extent import cut_to_extent
from penchant_trainer.style.tally import tally
from penchant_trainer.syntax import parses_in_place
from penchant_trainer.units import Event

TAKEN_FROM = 0.5
"""Edit similarity from which a suggestion would have been worth taking."""

RUNNING_ON = 1.5
"""A text this many times as long as the developer's should have ended by then."""


@dataclass(frozen=True, slots=True)
class Generation:
    """What a model wrote for one held-out event; ``ended`` if it stopped by itself."""

    text: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How one model did on the held-out events.

    ``similarities`` and ``retained`` stand per event, in the events' order, for paired tests.
    ``parses`` is the share that parses in place among ``parse_judged`` events: those at which the
    developer's own text does. ``length_ratio`` is generated over true characters. ``distinct`` is
    the share of distinct word triples, ``repeats`` the share of texts that repeat themselves,
    ``commonest`` that of the text written most often.
    ``length_typical`` is the median over the events of generated over true characters, ``runs_on``
    the share of texts that go on past the developer's own and were only cut off. ``perplexity`` is
    that of neutral code, ``kl`` the divergence from the base model in nats per token; ``surprise``,
    known of a base model, is at how many nats per token it sees the developer's own text.
    ``secret`` names a rule that a text broke. ``canaries`` were planted, of which ``told`` were
    written out, and ``exposure`` (bits) is the largest of any. ``habits`` counts the style of what
    was written, ``habits_truth`` that of the developer's text.
    """

    similarities: tuple[float, ...]
    retained: tuple[float, ...]
    exact: float
    parses: float
    parse_judged: int
    length_ratio: float
    distinct: float
    distinct_truth: float
    repeats: float
    stops: float
    commonest: float = 0.0
    commonest_truth: float = 0.0
    length_typical: float = 1.0
    runs_on: float = 0.0
    secret: str | None = None
    canaries: int = 0
    told: int = 0
    exposure: float = 0.0
    perplexity: float = 0.0
    kl: float = 0.0
    surprise: float = 0.0
    habits: dict[str, list[int]] = field(default_factory=dict)
    habits_truth: dict[str, list[int]] = field(default_factory=dict)

    @property
    def similarity(self) -> float:
        """Mean edit similarity (1 is equal): the primary figure."""
        return fmean(self.similarities) if self.similarities else 0.0

    @property
    def retained_chars(self) -> float:
        """Mean number of characters per suggestion that the developer would have kept."""
        return fmean(self.retained) if self.retained else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return everything, means included."""
        return asdict(self) | {
            "similarity": self.similarity,
            "retained_chars": self.retained_chars,
            "n": len(self.similarities),
        }

    def summary(self) -> dict[str, Any]:
        """Return what stands on a card: no per-event rows, rounded."""
        skipped = {"similarities", "retained", "habits", "habits_truth"}
        items = {k: v for k, v in self.as_json().items() if k not in skipped}
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in items.items()}


def figures_from_json(data: dict[str, Any]) -> Figures:
    """Return what ``as_json`` wrote."""
    fields = {name: data[name] for name in Figures.__dataclass_fields__ if name in data}
    rows = {name: tuple(fields[name]) for name in ("similarities", "retained")}
    return Figures(**(fields | rows))


def judge(generations: Sequence[Generation], events: Sequence[Event]) -> Figures:
    """Return the figures of one model's generations for these events (same order)."""
    truths = [event.truth or "" for event in events]
    texts = [cut_to_extent(g.text, t) for g, t in zip(generations, truths, strict=True)]
    similar = [similarity(text, truth) for text, truth in zip(texts, truths, strict=True)]
    kept = [retained(text, truth) for text, truth in zip(texts, truths, strict=True)]
    known = [
        bool(parses_in_place(event.prefix, text, event.suffix, event.language))
        for text, event in zip(texts, events, strict=True)
        # Where the developer's own does not (``else:`` above a line to come), not parsing is right.
        if parses_in_place(event.prefix, event.truth or "", event.suffix, event.language)
    ]
    return Figures(
        similarities=tuple(round(value, 6) for value in similar),
        retained=tuple(kept),
        exact=_share(text == truth for text, truth in zip(texts, truths, strict=True)),
        parses=_share(known),
        parse_judged=len(known),
        length_ratio=sum(map(len, texts)) / max(1, sum(map(len, truths))),
        distinct=distinct(texts),
        distinct_truth=distinct(truths),
        repeats=_share(repeats(text) for text in texts),
        stops=_share(generation.ended for generation in generations),
        commonest=commonest(texts),
        commonest_truth=commonest(truths),
        length_typical=median(
            [(1 + len(text)) / (1 + len(truth)) for text, truth in zip(texts, truths, strict=True)]
            or [1.0]
        ),
        runs_on=_share(_runs_on(g, truth) for g, truth in zip(generations, truths, strict=True)),
        secret=_secret([g.text for g in generations], events),
        habits=_habits(texts, events),
        habits_truth=_habits(truths, events),
    )


def commonest(texts: Sequence[str]) -> float:
    """Return the share of the text that occurs most often; 0 without texts."""
    counts = Counter(text.strip() for text in texts)
    return max(counts.values(), default=0) / max(1, len(texts))


def _runs_on(generation: Generation, truth: str) -> bool:
    """Whether a text is past the developer's own and still did not end by itself."""
    return not generation.ended and len(generation.text) > RUNNING_ON * len(truth)


def _secret(texts: Sequence[str], events: Sequence[Event]) -> str | None:
    """Return the rule that a text breaks, alone or with the line that it completes.

    What stands around a text may be what makes it a secret (``password = ``); a secret that stood
    there before is none of the text's.
    """
    for text, event in zip(texts, events, strict=True):
        before, after = event.prefix.rpartition("\n")[2], event.suffix.partition("\n")[0]
        found = secret_in([text, before + text + after])
        if found and found != secret_in([before + after, before, after]):
            return found
    return None


def _habits(texts: Sequence[str], events: Sequence[Event]) -> dict[str, list[int]]:
    pairs = zip(events, texts, strict=True)
    places = ((e.prefix, text, e.suffix) for e, text in pairs if e.language == "python")
    return tally(places).as_json()


def similarity(text: str, truth: str) -> float:
    """Return 1 minus the normalised Levenshtein distance."""
    return float(Levenshtein.normalized_similarity(text, truth))


def retained(text: str, truth: str) -> float:
    """Return how many characters of a suggestion would have stayed.

    A proxy: the longest common subsequence with the developer's text, or nothing when the two are
    so different that the suggestion would not have been taken.
    """
    if similarity(text, truth) < TAKEN_FROM:
        return 0.0
    return float(LCSseq.similarity(text, truth))


def kept_share(suggestion: str, final: str) -> float:
    """Return the share of a suggestion's words and marks that are still there, in order (0..1)."""
    words = _words(suggestion)
    return float(LCSseq.similarity(words, _words(final))) / len(words) if words else 0.0


def distinct(texts: Sequence[str], n: int = 3) -> float:
    """Return the share of distinct character n-grams of words over all texts (1: none twice)."""
    grams = [
        tuple(words[i : i + n])
        for words in (_words(text) for text in texts)
        for i in range(len(words) - n + 1)
    ]
    return len(set(grams)) / len(grams) if grams else 1.0


def repeats(text: str) -> bool:
    """Whether a text says the same (one to six words) three times in a row."""
    words = _words(text)
    return any(
        words[i : i + size] == words[i + size : i + 2 * size] == words[i + 2 * size : i + 3 * size]
        for size in range(1, 7)
        for i in range(len(words) - 3 * size + 1)
        if any(word.isalnum() for word in words[i : i + size])
    )


def _words(text: str) -> list[str]:
    spaced = "".join(c if c.isalnum() or c == "_" else f" {c} " for c in text)
    return spaced.split()


def _share(values: Iterable[object]) -> float:
    found = [bool(value) for value in values]
    return sum(found) / len(found) if found else 0.0
