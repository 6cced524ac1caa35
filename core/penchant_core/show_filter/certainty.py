"""How sure an engine was of the beginning of its text: log-probabilities up to a few lengths.

A line is rarely right to its end, and what is wrong from its beginning is not looked at further.
Kept with the candidate, because an engine says it only once. Knows nothing of weights.
"""

import math
from collections.abc import Iterable, Sequence

from penchant_core.signals import HORIZONS

_LEAST = -99.0


def certainty(pieces: Iterable[tuple[str, float]]) -> tuple[float, ...]:
    """Return the log-probability (nats) of a text up to each of ``HORIZONS`` characters.

    ``pieces`` are its tokens with their log-probabilities. Only the first line with something on
    it counts, its end included: a horizon behind that has the value of the whole line. Nothing
    without a token, or where a log-probability is no number.
    """
    found: list[float] = []
    seen, total = "", 0.0
    for text, log in pieces:
        if math.isnan(log):
            return ()
        seen, total = seen + text, total + max(_LEAST, min(0.0, log))
        while len(found) < len(HORIZONS) and len(seen) >= HORIZONS[len(found)]:
            found.append(total)
        if len(found) == len(HORIZONS) or "\n" in seen.lstrip():
            break
    if not seen and not total:
        return ()
    found += [total] * (len(HORIZONS) - len(found))
    return tuple(round(max(_LEAST, value), 3) for value in found)


def certainty_of(sure: Sequence[float], logprob: float | None, chars: int) -> tuple[float, ...]:
    """Return the certainty that a candidate came with, or one that its sum suggests.

    Candidates that were stored before it was, or that another program wrote, have only the sum of
    all log-probabilities (nats): it is spread evenly over the text. Nothing where neither is known.
    """
    if len(sure) == len(HORIZONS) and all(map(math.isfinite, sure)):
        return tuple(max(_LEAST, min(0.0, each)) for each in sure)
    if logprob is None or not math.isfinite(logprob):
        return ()
    total = max(_LEAST, min(0.0, logprob))
    return tuple(total * min(1.0, horizon / max(1, chars)) for horizon in HORIZONS)


def right_chars(sure: Sequence[float], chars: int) -> float:
    """Return how many of a text's characters the engine expects to be right, of the first few."""
    edges = (0, *HORIZONS)
    steps = zip(edges, edges[1:], sure, strict=False)
    return min(float(chars), sum((end - begin) * math.exp(log) for begin, end, log in steps))
