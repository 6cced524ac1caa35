"""Measured times and the rows made of them."""

from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: milliseconds of ours against milliseconds of the bound or peer."""

    name: str
    ours: list[float]
    against: str
    theirs: list[float]

    def as_json(self) -> dict[str, object]:
        """Return medians, 95th percentiles and ratios."""
        ours, theirs = spread(self.ours), spread(self.theirs)
        return {
            "name": self.name,
            "against": self.against,
            "n": len(self.ours),
            "p50_ms": round(ours[0], 3),
            "p95_ms": round(ours[1], 3),
            "against_p50_ms": round(theirs[0], 3),
            "against_p95_ms": round(theirs[1], 3),
            "ratio_p50": round(ours[0] / theirs[0], 4),
            "ratio_p95": round(ours[1] / theirs[1], 4),
        }

    def cells(self) -> list[str]:
        """Return the row of the printed table."""
        figures = self.as_json()
        times = [f"{figures[k]:.2f} ms" for k in ("p50_ms", "p95_ms")]
        bound = [f"{figures[k]:.2f} ms" for k in ("against_p50_ms", "against_p95_ms")]
        ratios = [f"{figures[k]:.3f}" for k in ("ratio_p50", "ratio_p95")]
        return [self.name, *times, self.against, *bound, *ratios, str(figures["n"])]


def spread(values: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    if len(values) == 1:
        return values[0], values[0]
    cuts = quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[94]
