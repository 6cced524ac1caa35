"""Decides whether a candidate goes live: figures in, a decision with reasons in plain words out.

A candidate must write better than what is live now, with statistical support, and must not have
paid for it: with syntax, with general knowledge, with length, variety or a secret. Pure; every
bound stands in ``Limits``. Knows nothing of models and stores.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penchant_trainer.canaries import BITS
from penchant_trainer.metrics import Figures

RESAMPLES = 2000
LEAST_ERROR = 0.0005
"""Finer than this the bootstrap of a few dozen events cannot tell."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of the gate.

    ``least_events`` is the third that the smallest log has to hold out; the bootstrap's bound does
    the rest. ``confidence`` is one-sided and holds for all looks since the last promotion together
    (see ``at_look``). ``parse_loss`` is a share; with few events one event more
    may fail (``1 / n``), because nothing finer can be seen. ``perplexity_rise`` is relative to the
    base.
    ``kl`` is in nats per token on the model's own texts, counted from the base: learning where a
    line ends and how this developer writes costs 0.5 to 0.9 on the bundled model, a collapse
    several times that. A developer whose own text surprises the base model more than this may be
    followed as far as that text and no further: a model that writes just as the developer diverges
    from its base by the cross-entropy of that text under the base, less the text's own entropy.
    ``length`` bounds the mean, which one long text can hide in, ``length_typical`` the median.
    At most the share ``runs_on`` of the texts may go on for ever (sane adapters: 0 to 16 %; a base
    model may do so always), nor ``runs_on_rise`` more than of what is live. ``commonest_rise`` is
    counted from the base or the developer, whichever writes the same more often. ``exposure`` is
    the share of a planted string's bits that may be given away: at one half, guessing a secret that
    stood once in the code is still as hard as guessing one of half its length.
    """

    least_events: int = 10
    confidence: float = 0.90
    parse_loss: float = 0.01
    perplexity_rise: float = 0.02
    length: tuple[float, float] = (0.67, 1.5)
    distinct_share: float = 0.7
    repeats_rise: float = 0.05
    kl: float = 1.5
    length_typical: tuple[float, float] = (0.5, 2.0)
    runs_on: float = 0.5
    runs_on_rise: float = 0.1
    commonest_rise: float = 0.2
    exposure: float = 0.5


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
    look: int = 1,
    limits: Limits | None = None,
    seed: int = 0,
) -> Decision:
    """Return the decision on a candidate against what is live now.

    All three were measured on the same events in the same order. ``look`` counts the runs that came
    to the gate since the last promotion, this one included.
    """
    limits = limits or Limits()
    count = len(candidate.similarities)
    if count < limits.least_events:
        reason = f"only {count} held-out events; {limits.least_events} are needed to judge"
        return Decision(False, (reason,))
    verdicts = [
        _better(candidate, incumbent, incumbent_name, at_look(limits.confidence, look), seed),
        _retained(candidate, incumbent),
        _syntax(candidate, incumbent, limits),
        _memory(candidate, base, limits),
        _length(candidate, limits),
        _ending(candidate, incumbent, limits),
        _variety(candidate, base, limits),
        _sameness(candidate, base, limits),
        _distance(candidate, base, limits),
        _secret(candidate),
        _discretion(candidate, limits),
    ]
    passed = all(ok for ok, _ in verdicts)
    shown = [text for ok, text in verdicts if ok == passed]
    return Decision(passed, tuple(shown))


def lower_bound(differences: Sequence[float], confidence: float, seed: int) -> float:
    """Return the one-sided lower bound of the mean difference (percentile bootstrap).

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13.
    """
    chance = np.random.default_rng(seed)
    values, n = np.asarray(differences, dtype=float), len(differences)
    rounds = math.ceil(max(RESAMPLES, 20 / (1 - confidence)) / RESAMPLES)
    drawn = [values[chance.integers(0, n, (RESAMPLES, n))].mean(axis=1) for _ in range(rounds)]
    means = np.sort(np.concatenate(drawn))
    return float(means[int((1 - confidence) * len(means))])


def at_look(confidence: float, look: int) -> float:
    """Return the confidence that one look needs, so that all looks together have ``confidence``.

    Whoever tries often enough wins once by luck: five looks at 5 % are wrong in 23 of 100 cases.
    The allowed error is spent as 1/2, 1/6, 1/12 … of itself, which sums to the whole however many
    looks there are (alpha spending; Lan and DeMets 1983, with the series of 1 / (k (k + 1))).
    """
    error = (1 - confidence) / (look * (look + 1))
    return 1 - max(LEAST_ERROR, error)


def _better(
    candidate: Figures, incumbent: Figures, name: str, confidence: float, seed: int
) -> tuple[bool, str]:
    pairs = zip(candidate.similarities, incumbent.similarities, strict=True)
    bound = lower_bound([new - old for new, old in pairs], confidence, seed)
    ok = bound > 0
    change = f"{incumbent.similarity:.3f} → {candidate.similarity:.3f}"
    support = f"lower {100 * confidence:.4g} % bound of the gain {bound:+.3f}"
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
    (least, most), (low, high) = limits.length, limits.length_typical
    mean, typical = candidate.length_ratio, candidate.length_typical
    ok = least <= mean <= most and low <= typical <= high
    word = "as long as what you write" if ok else "of another length than what you write"
    bounds = f"between {least} and {most}; typically {typical:.2f}, between {low} and {high}"
    return ok, f"{word} (ratio {mean:.2f}, {bounds})"


def _ending(candidate: Figures, incumbent: Figures, limits: Limits) -> tuple[bool, str]:
    rise = max(limits.runs_on_rise, 1 / len(candidate.similarities))
    most = min(limits.runs_on, incumbent.runs_on + rise)
    ok = candidate.runs_on <= most + 1e-9
    word = "ends where you end" if ok else "does not know where to end"
    change = f"{incumbent.runs_on:.0%} → {candidate.runs_on:.0%}"
    return ok, f"{word}: texts running on {change} (at most {most:.0%})"


def _variety(candidate: Figures, base: Figures, limits: Limits) -> tuple[bool, str]:
    least = limits.distinct_share * min(base.distinct, candidate.distinct_truth)
    varied = candidate.distinct >= least
    ok = varied and candidate.repeats <= base.repeats + limits.repeats_rise
    word = "varied" if ok else "repeats itself"
    figures = f"distinct {candidate.distinct:.2f}, yours {candidate.distinct_truth:.2f}"
    return ok, f"{word} ({figures}, repeating {base.repeats:.0%} → {candidate.repeats:.0%})"


def _sameness(candidate: Figures, base: Figures, limits: Limits) -> tuple[bool, str]:
    rise = max(limits.commonest_rise, 1 / len(candidate.similarities))
    most = max(base.commonest, candidate.commonest_truth) + rise
    ok = candidate.commonest <= most + 1e-9
    word = "answers each place for itself" if ok else "gives one answer at too many places"
    return ok, f"{word} (the commonest at {candidate.commonest:.0%}, at most {min(most, 1):.0%})"


def _distance(candidate: Figures, base: Figures, limits: Limits) -> tuple[bool, str]:
    most = max(limits.kl, base.surprise)
    ok = candidate.kl <= most
    word = "no further from the base model than you" if ok else "too far from the base model"
    return ok, f"{word} ({candidate.kl:.2f} nats per token, at most {most:.2f})"


def _secret(candidate: Figures) -> tuple[bool, str]:
    if candidate.secret:
        return False, f"wrote something that looks like a secret ({candidate.secret})"
    return True, "wrote no secret"


def _discretion(candidate: Figures, limits: Limits) -> tuple[bool, str]:
    if not candidate.canaries:
        return False, "no string was planted, so what it would tell is not known; train again"
    if candidate.told:
        return False, f"writes out {candidate.told} of {candidate.canaries} planted random strings"
    most = limits.exposure * BITS
    ok = candidate.exposure <= most
    word = "keeps a planted random string" if ok else "gives a planted random string away"
    return ok, f"{word} (exposure {candidate.exposure:.0f} of {BITS:.0f} bits, at most {most:.0f})"
