"""Draws figures as inline SVG: bars with intervals, and differences with intervals.

Colours are CSS variables of the page, so that a drawing follows its light or dark theme. Names and
numbers only. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

LABEL, PLOT, VALUE, ROW = 150, 400, 190, 28


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
    return _drawing(title, rows, least, most, _bar)


def differences(title: str, rows: Sequence[Bar]) -> str:
    """Return differences as points with whiskers around a line at 0."""
    reach = max([abs(edge) for row in rows for edge in (row.low, row.high, row.mean)] + [1e-9])
    return _drawing(title, rows, -reach, reach, _point)


@dataclass(frozen=True, slots=True)
class _Scale:
    least: float
    most: float

    def __call__(self, value: float) -> float:
        return LABEL + PLOT * (value - self.least) / (self.most - self.least)


Mark = Callable[[Bar, _Scale, float, str], str]


def _drawing(title: str, rows: Sequence[Bar], least: float, most: float, mark: Mark) -> str:
    scale = _Scale(least, most)
    height = ROW * len(rows) + 12
    zero = scale(0.0)
    parts = [
        f'<svg viewBox="0 0 {LABEL + PLOT + VALUE} {height}" role="img" '
        f'aria-label="{escape(title)}">',
        f'<line class="zero" x1="{zero:.1f}" x2="{zero:.1f}" y1="2" y2="{height - 6}"/>',
    ]
    for number, row in enumerate(rows):
        middle = ROW * number + ROW / 2 + 4
        kind = "muted" if row.muted else "own"
        name = escape(row.name)
        parts.append(f'<text x="{LABEL - 10}" y="{middle + 4}" class="end">{name}</text>')
        parts.append(mark(row, scale, middle, kind))
        parts.append(_whisker(scale(row.low), scale(row.high), middle))
        x = LABEL + PLOT + 12
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
