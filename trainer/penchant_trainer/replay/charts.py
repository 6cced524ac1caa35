"""Draws figures as inline SVG: bars with intervals, and differences with intervals.

Colours are CSS variables of the page, so that a drawing follows its light or dark theme. Names and
numbers only. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

PLOT, ROW = 320, 28
SMALL, LARGE = (115, 70), (175, 190)
"""Room for names and for written values, in a drawing of values and in one of differences."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a drawing: a value with its interval, and how it is written."""

    name: str
    mean: float
    low: float
    high: float
    written: str
    muted: bool = False


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Return values as bars from 0, with whiskers for their intervals."""
    most = max([row.high for row in rows] + [row.mean for row in rows] + [1e-9])
    least = min([0.0, *(row.low for row in rows)])
    return _drawing(title, rows, _Scale(least, most, *SMALL), _bar)


def differences(title: str, rows: Sequence[Bar]) -> str:
    """Return differences as points with whiskers around a line at 0."""
    reach = max([abs(edge) for row in rows for edge in (row.low, row.high, row.mean)] + [1e-9])
    return _drawing(title, rows, _Scale(-reach, reach, *LARGE), _point)


@dataclass(frozen=True, slots=True)
class _Scale:
    least: float
    most: float
    label: int
    value: int

    def __call__(self, value: float) -> float:
        return self.label + PLOT * (value - self.least) / (self.most - self.least)


Mark = Callable[[Bar, _Scale, float, str], str]


def _drawing(title: str, rows: Sequence[Bar], scale: _Scale, mark: Mark) -> str:
    height = ROW * len(rows) + 12
    zero = scale(0.0)
    parts = [
        f'<svg viewBox="0 0 {scale.label + PLOT + scale.value} {height}" role="img" '
        f'aria-label="{escape(title)}">',
        f'<line class="zero" x1="{zero:.1f}" x2="{zero:.1f}" y1="2" y2="{height - 6}"/>',
    ]
    for number, row in enumerate(rows):
        middle = ROW * number + ROW / 2 + 4
        kind = "muted" if row.muted else "own"
        name = escape(row.name)
        parts.append(f'<text x="{scale.label - 10}" y="{middle + 4}" class="end">{name}</text>')
        parts.append(mark(row, scale, middle, kind))
        parts.append(_whisker(scale(row.low), scale(row.high), middle))
        x = scale.label + PLOT + 12
        parts.append(f'<text x="{x}" y="{middle + 4}" class="value">{escape(row.written)}</text>')
    return "".join([*parts, "</svg>"])


def _bar(row: Bar, scale: _Scale, middle: float, kind: str) -> str:
    zero, end = scale(0.0), scale(row.mean)
    left, width = min(zero, end), abs(end - zero)
    return (
        f'<rect class="{kind}" x="{left:.1f}" y="{middle - 7}" width="{width:.1f}" height="14" '
        'rx="2"/>'
    )


def _point(row: Bar, scale: _Scale, middle: float, kind: str) -> str:
    return f'<circle class="{kind}" cx="{scale(row.mean):.1f}" cy="{middle}" r="5"/>'


def _whisker(low: float, high: float, middle: float) -> str:
    path = f"M{low:.1f} {middle - 4}v8M{low:.1f} {middle}H{high:.1f}M{high:.1f} {middle - 4}v8"
    return f'<path class="whisker" d="{path}"/>'
