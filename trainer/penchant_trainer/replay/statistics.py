"""The statistics of a replay: pure functions of numbers, each with its source.

Places of one commit and one file are not independent, so intervals are drawn by resampling commits,
files within them and places within those; tests on exact matches are exact. Knows nothing of code
and models.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from penchant_trainer import intervals

RESAMPLES = 4000
CONFIDENCE = 0.95
LEAST_COMMITS = 6


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its lower and upper bound."""

    mean: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Return it as plain, rounded values."""
        return {"mean": round(self.mean, 5), "low": round(self.low, 5), "high": round(self.high, 5)}


@dataclass(frozen=True, slots=True)
class McNemar:
    """Paired exact matches: ``gained`` only the new one has, ``lost`` only the old one.

    ``odds`` is the odds ratio gained/lost with its interval; infinite bounds are None.
    """

    gained: int
    lost: int
    p: float
    odds: float | None
    odds_low: float
    odds_high: float | None

    def as_json(self) -> dict[str, float | int | None]:
        """Return it as plain, rounded values."""
        return {
            "gained": self.gained,
            "lost": self.lost,
            "p": round(self.p, 6),
            "odds": _rounded(self.odds),
            "odds_low": _rounded(self.odds_low),
            "odds_high": _rounded(self.odds_high),
        }


def mcnemar(old: Sequence[bool], new: Sequence[bool], confidence: float = CONFIDENCE) -> McNemar:
    """Compare two paired series of successes by McNemar's exact test (two-sided).

    The p-value is that of a fair coin for the discordant pairs (McNemar 1947, exact form); the odds
    ratio gained/lost has the exact interval that follows from Clopper and Pearson's (1934) for its
    share.
    """
    gained = sum(b and not a for a, b in zip(old, new, strict=True))
    lost = sum(a and not b for a, b in zip(old, new, strict=True))
    low, high = clopper_pearson(gained, gained + lost, confidence)
    return McNemar(
        gained,
        lost,
        binomial_p(gained, gained + lost),
        gained / lost if lost else (None if gained else 1.0),
        low / (1 - low) if low < 1 else 0.0,
        high / (1 - high) if high < 1 else None,
    )


def binomial_p(hits: int, count: int) -> float:
    """Return the two-sided exact p-value of ``hits`` heads in ``count`` throws of a fair coin."""
    if not count:
        return 1.0
    least = min(hits, count - hits)
    tail = sum(math.comb(count, k) for k in range(least + 1)) / 2**count
    return min(1.0, 2 * tail)


def clopper_pearson(hits: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the exact interval of a share; (0, 1) without any throw."""
    if not count:
        return 0.0, 1.0
    alpha = (1 - confidence) / 2
    low = 0.0 if not hits else _solve(lambda p: 1 - _cdf(hits - 1, count, p) - alpha)
    high = 1.0 if hits == count else _solve(lambda p: alpha - _cdf(hits, count, p))
    return low, high


def wilson(hits: int, count: int, confidence: float = CONFIDENCE) -> Interval:
    """Return a share with its score interval (Wilson 1927); (0, 0, 1) without any."""
    return Interval(hits / count if count else 0.0, *intervals.wilson(hits, count, confidence))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for their number by Holm's step-down method (1979)."""
    found: dict[str, float] = {}
    worst = 0.0
    ordered = sorted(p_values.items(), key=lambda item: item[1])
    for rank, (name, p) in enumerate(ordered):
        worst = max(worst, min(1.0, p * (len(ordered) - rank)))
        found[name] = worst
    return found


def detectable(count: int, discordant: float, power: float = 0.8) -> float:
    """Return the smallest gain of exact matches (a share) that ``count`` pairs would show.

    ``discordant`` is the share of pairs on which both sides differ. Two-sided 5 %, normal
    approximation; source: Connor, Biometrics 43 (1987).
    """
    if not count or discordant <= 0:
        return 1.0
    z_alpha, z_beta = NormalDist().inv_cdf(0.975), NormalDist().inv_cdf(power)
    gain = 0.0
    for _ in range(60):
        spread = z_alpha * math.sqrt(discordant)
        spread += z_beta * math.sqrt(max(0.0, discordant - gain * gain))
        gain = spread / math.sqrt(count)
    return min(1.0, gain)


class Clusters:
    """Resamples of a fixed set of places, drawn once and used for every figure.

    ``groups`` names each place's commit and file. A resample draws commits with replacement, within
    each of them files, and within each of those places: how often a place was drawn is its weight.
    The paired bootstrap comes from using the same weights on both sides. Fewer than
    ``LEAST_COMMITS`` commits are too few for its bounds to be believed. Source: Davison and
    Hinkley, Bootstrap Methods and their Application (1997), section 3.8.
    """

    def __init__(
        self, groups: Sequence[tuple[str, str]], seed: int, resamples: int = RESAMPLES
    ) -> None:
        import numpy

        members: dict[str, dict[str, list[int]]] = {}
        for number, (commit, file) in enumerate(groups):
            members.setdefault(commit, {}).setdefault(file, []).append(number)
        self.commits = len(members)
        self._weights = numpy.zeros((resamples, len(groups)))
        chance = random.Random(seed)  # noqa: S311 (no secret hangs on it)
        commits = [list(files.values()) for files in members.values()]
        for row in self._weights:
            for files in chance.choices(commits, k=len(commits)):
                for places in chance.choices(files, k=len(files)):
                    for place in chance.choices(places, k=len(places)):
                        row[place] += 1

    @property
    def enough(self) -> bool:
        """Whether there are enough commits for the bounds to be believed."""
        return self.commits >= LEAST_COMMITS

    def mean(
        self,
        values: Sequence[float | None],
        confidence: float = CONFIDENCE,
        per: Sequence[float | None] | None = None,
    ) -> Interval:
        """Return the mean with its percentile interval; places without a value do not count.

        With ``per`` it is the ratio of the sums of ``values`` and ``per`` instead.
        """
        import numpy

        below: Sequence[float | None] = per if per is not None else [1.0] * len(values)
        known = [
            (0.0, 0.0) if top is None or low is None else (float(top), float(low))
            for top, low in zip(values, below, strict=True)
        ]
        above, under = numpy.array(known).T
        if not under.sum():
            return Interval(0.0, 0.0, 0.0)
        sums = self._weights @ under
        ratios = (self._weights @ above)[sums > 0] / sums[sums > 0]
        tail = (1 - confidence) / 2
        edges = numpy.quantile(ratios, [tail, 1 - tail])
        return Interval(float(above.sum() / under.sum()), float(edges[0]), float(edges[1]))

    def difference(
        self,
        old: Sequence[float | None],
        new: Sequence[float | None],
        confidence: float = CONFIDENCE,
    ) -> Interval:
        """Return the mean of new − old over the places where both are known, with its interval."""
        pairs = zip(old, new, strict=True)
        return self.mean([None if a is None or b is None else b - a for a, b in pairs], confidence)


def _cdf(hits: int, count: int, p: float) -> float:
    return sum(math.comb(count, k) * p**k * (1 - p) ** (count - k) for k in range(hits + 1))


def _solve(rising: Callable[[float], float]) -> float:
    """Return where a rising function of a share crosses zero, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
