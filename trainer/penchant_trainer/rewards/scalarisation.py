"""Several objectives' scores in, one reward per text out, and every objective's own figures.

Scores are standardised against a reference (normalise, then sum: GDPO, arXiv 2601.05242), combined
by a weighted sum, the worst case or weights that fall with uncertainty, brought into 0..1 and then
multiplied by the hard gates, so that no virtue pays for a text that does not parse. How they are
combined matters little (MORLAIF, arXiv 2406.07295); that each is seen apart matters. None is no
opinion: it counts as average in a sum, as nothing in the worst case, and opens a gate. Pure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, pstdev
from typing import Literal

Score = float | None
Scores = Mapping[str, Sequence[Score]]
"""Each objective's score of each text, by name; all of one length."""

Method = Literal["sum", "worst", "uncertainty"]

_LEAST_DEVIATION = 0.05
"""Scores that hardly differ (on 0..1) must not be blown up into large ones."""
_LEAST_VARIANCE = 0.01
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Scale:
    """How one objective's scores are distributed in the reference.

    ``variance`` is that of its standardised scores around what the others say (see ``scales``).
    """

    mean: float
    deviation: float
    variance: float = 1.0

    def standard(self, score: Score) -> Score:
        """Return by how many deviations a score is above the mean; None stays None."""
        return None if score is None else (score - self.mean) / self.deviation


@dataclass(frozen=True, slots=True)
class Figure:
    """One objective seen apart: its mean, the share of texts it spoke of, the share it failed."""

    mean: float | None
    judged: float
    failed: float


def scales(reference: Scores) -> dict[str, Scale]:
    """Return each objective's scale on reference texts.

    An objective's variance is its mean squared distance from the mean of the others, both
    standardised: one that contradicts the rest is the less certain. 1 where nothing is known.
    """
    plain = {name: _scale(scores) for name, scores in reference.items()}
    standard = {
        name: [plain[name].standard(score) for score in scores]
        for name, scores in reference.items()
    }
    return {
        name: Scale(scale.mean, scale.deviation, _disagreement(name, standard))
        for name, scale in plain.items()
    }


def combine(
    scores: Scores,
    weights: Mapping[str, float],
    known: Mapping[str, Scale],
    *,
    method: Method = "sum",
    gates: Sequence[str] = (),
    spreads: Mapping[str, Sequence[float]] | None = None,
) -> list[float]:
    """Return one reward in 0..1 per text; 0 when a gate is shut, more otherwise.

    ``weights`` are above 0; objectives without one do not count. ``known`` are the scales.
    ``spreads`` (for ``uncertainty``) are standard deviations of an ensemble's standardised scores,
    per objective and text; without them the scales' variances are taken.
    """
    names = sorted(name for name in scores if weights.get(name, 0) > 0 and name not in gates)
    count = len(next(iter(scores.values()), ()))
    found = []
    for index in range(count):
        standard = {name: known[name].standard(scores[name][index]) for name in names}
        variances = {
            name: spreads[name][index] ** 2 if spreads and name in spreads else known[name].variance
            for name in names
        }
        value = _METHODS[method](standard, weights, variances)
        found.append(_open(scores, gates, index) * _bounded(value))
    return found


def figures(scores: Scores) -> dict[str, Figure]:
    """Return what each objective says by itself."""
    return {name: _figure(row) for name, row in sorted(scores.items())}


def _weighted(
    standard: Mapping[str, Score], weights: Mapping[str, float], _variances: Mapping[str, float]
) -> float:
    """The weighted mean; an objective without an opinion counts as average, not as absent."""
    total = math.fsum(weights[name] for name in standard)
    values = (weights[n] * v for n, v in standard.items() if v is not None)
    return math.fsum(values) / total if total else 0.0


def _worst(
    standard: Mapping[str, Score], _weights: Mapping[str, float], _variances: Mapping[str, float]
) -> float:
    return min((v for v in standard.values() if v is not None), default=0.0)


def _certain(
    standard: Mapping[str, Score], weights: Mapping[str, float], variances: Mapping[str, float]
) -> float:
    """The weighted mean with weights divided by variances."""
    sure = {n: weights[n] / max(_LEAST_VARIANCE, variances[n]) for n in standard}
    return _weighted(standard, sure, variances)


_METHODS = {"sum": _weighted, "worst": _worst, "uncertainty": _certain}


def _open(scores: Scores, gates: Sequence[str], index: int) -> float:
    values = (scores[name][index] for name in sorted(gates) if name in scores)
    return math.prod(min(1.0, max(0.0, v)) for v in values if v is not None)


def _bounded(value: float) -> float:
    """Map to the open interval 0..1 in order: a gate's 0 is then below everything."""
    return min(1 - 1e-9, max(1e-9, _NORMAL.cdf(value)))


def _scale(scores: Sequence[Score]) -> Scale:
    said = [score for score in scores if score is not None]
    if not said:
        return Scale(0.5, 0.5)
    return Scale(fmean(said), max(_LEAST_DEVIATION, pstdev(said)))


def _disagreement(name: str, standard: Mapping[str, Sequence[Score]]) -> float:
    distances = []
    for index, own in enumerate(standard[name]):
        others = [row[index] for other, row in standard.items() if other != name]
        said = [value for value in others if value is not None]
        if own is not None and said:
            distances.append((own - fmean(said)) ** 2)
    return fmean(distances) if distances else 1.0


def _figure(row: Sequence[Score]) -> Figure:
    said = [score for score in row if score is not None]
    return Figure(
        fmean(said) if said else None,
        len(said) / len(row) if row else 0.0,
        sum(score == 0 for score in said) / len(said) if said else 0.0,
    )
