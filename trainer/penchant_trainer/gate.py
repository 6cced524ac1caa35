"""Decides whether a candidate goes live: figures in, a decision with reasons in plain words out.

A candidate must write better than what is live now, with statistical support, and must not have
paid for it: with syntax, with general knowledge, with length, variety or a secret. Pure; every
bound stands in ``Limits``. Knows nothing of models and stores.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from penchant_trainer.metrics import Figures

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of the gate.

    ``least_events`` is the third that the smallest log has to hold out; the bootstrap's bound does
    the rest. ``confidence`` is one-sided. ``parse_loss`` is a share; with few events one event more
    may fail (``1 / n``), because nothing finer can be seen. ``perplexity_rise`` is relative to the
    base.
    ``kl`` is in nats per token on the model's own texts, counted from the base: learning where a
    line ends and how this developer writes costs 0.5 to 0.9 on the bundled model, a collapse
    several times that. A developer whose own text surprises the base model more than this may be
    followed as far as that text and no further: a model that writes just as the developer diverges
    from its base by the cross-entropy of that text under the base, less the text's own entropy.
    """

    least_events: int = 10
    confidence: float = 0.90
    parse_loss: float = 0.01
    perplexity_rise: float = 0.02
    length: tuple[float, float] = (0.67, 1.5)
    distinct_share: float = 0.7
    repeats_rise: float = 0.05
    kl: float = 1.5


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the candidate passed, and why, for a person to read."""

    passed: bool
    reasons: tuple[str, ...]


def decide(
    candidate: Figures,
    incumbent: Figures,
    base: Figures,
    *,
    incumbent_name: str = "the base model",
    limits: Limits | None = None,
    seed: int = 0,
) -> Decision:
    """Return the decision on a candidate against what is live now.

    All three were measured on the same events in the same order.
    """
    limits = limits or Limits()
    count = len(candidate.similarities)
    if count < limits.least_events:
        reason = f"only {count} held-out events; {limits.least_events} are needed to judge"
        return Decision(False, (reason,))
    verdicts = [
        _better(candidate, incumbent, incumbent_name, limits, seed),
        _retained(candidate, incumbent),
        _syntax(candidate, incumbent, limits),
        _memory(candidate, base, limits),
        _length(candidate, limits),
        _variety(candidate, base, limits),
        _distance(candidate, base, limits),
        _secret(candidate),
    ]
    passed = all(ok for ok, _ in verdicts)
    shown = [text for ok, text in verdicts if ok == passed]
    return Decision(passed, tuple(shown))


def lower_bound(differences: Sequence[float], confidence: float, seed: int) -> float:
    """Return the one-sided lower bound of the mean difference (percentile bootstrap).

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
    """
    chance = random.Random(seed)  # noqa: S311 (no secret hangs on it)
    n = len(differences)
    means = sorted(fmean(chance.choices(differences, k=n)) for _ in range(RESAMPLES))
    return means[int((1 - confidence) * RESAMPLES)]


def _better(
    candidate: Figures, incumbent: Figures, name: str, limits: Limits, seed: int
) -> tuple[bool, str]:
    pairs = zip(candidate.similarities, incumbent.similarities, strict=True)
    bound = lower_bound([new - old for new, old in pairs], limits.confidence, seed)
    ok = bound > 0
    change = f"{incumbent.similarity:.3f} → {candidate.similarity:.3f}"
    support = f"lower {limits.confidence:.0%} bound of the gain {bound:+.3f}"
    word = "nearer to your text than" if ok else "not surely nearer to your text than"
    return ok, f"{word} {name}: edit similarity {change} ({support})"


def _retained(candidate: Figures, incumbent: Figures) -> tuple[bool, str]:
    ok = candidate.retained_chars >= incumbent.retained_chars
    change = f"{incumbent.retained_chars:.1f} → {candidate.retained_chars:.1f}"
    return ok, f"characters you would keep per suggestion {change}"


def _syntax(candidate: Figures, incumbent: Figures, limits: Limits) -> tuple[bool, str]:
    if not candidate.parse_judged:
        return True, "syntax was not judged (no Python among the held-out events)"
    tolerance = max(limits.parse_loss, 1 / candidate.parse_judged)
    ok = candidate.parses >= incumbent.parses - tolerance - 1e-9
    return ok, f"parses in place {incumbent.parses:.0%} → {candidate.parses:.0%}"


def _memory(candidate: Figures, base: Figures, limits: Limits) -> tuple[bool, str]:
    rise = candidate.perplexity / base.perplexity - 1 if base.perplexity else 0.0
    ok = rise <= limits.perplexity_rise
    word = "did not forget" if ok else "forgot too much"
    return ok, (
        f"{word}: perplexity of neutral code {rise:+.1%} (at most {limits.perplexity_rise:+.0%})"
    )


def _length(candidate: Figures, limits: Limits) -> tuple[bool, str]:
    least, most = limits.length
    ok = least <= candidate.length_ratio <= most
    word = "as long as what you write" if ok else "of another length than what you write"
    return ok, f"{word} (ratio {candidate.length_ratio:.2f}, between {least} and {most})"


def _variety(candidate: Figures, base: Figures, limits: Limits) -> tuple[bool, str]:
    least = limits.distinct_share * min(base.distinct, candidate.distinct_truth)
    varied = candidate.distinct >= least
    ok = varied and candidate.repeats <= base.repeats + limits.repeats_rise
    word = "varied" if ok else "repeats itself"
    figures = f"distinct {candidate.distinct:.2f}, yours {candidate.distinct_truth:.2f}"
    return ok, f"{word} ({figures}, repeating {base.repeats:.0%} → {candidate.repeats:.0%})"


def _distance(candidate: Figures, base: Figures, limits: Limits) -> tuple[bool, str]:
    most = max(limits.kl, base.surprise)
    ok = candidate.kl <= most
    word = "no further from the base model than you" if ok else "too far from the base model"
    return ok, f"{word} ({candidate.kl:.2f} nats per token, at most {most:.2f})"


def _secret(candidate: Figures) -> tuple[bool, str]:
    if candidate.secret:
        return False, f"wrote something that looks like a secret ({candidate.secret})"
    return True, "wrote no secret"
