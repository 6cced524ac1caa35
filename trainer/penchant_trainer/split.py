"""Divides events by time: the newest are held out to judge by, the rest is trained on.

What is nearly the same must not stand on both sides: events of the same file close in time to a
held-out one, and texts that are equal after an equal place, leave the training side. Pure.
"""

from dataclasses import dataclass
from math import ceil

from penchant_trainer.units import Event, Example, Pair

SHARE = 0.2
LEAST = 16
NEAR_S = 120.0


@dataclass(frozen=True, slots=True)
class Split:
    """Training events and held-out events; ``purged`` counts those that would have leaked."""

    train: tuple[Event, ...]
    held_out: tuple[Event, ...]
    purged: int

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every preference pair of the training side."""
        return tuple(pair for event in self.train for pair in event.pairs)

    @property
    def examples(self) -> tuple[Example, ...]:
        """Every example of the training side."""
        return tuple(example for event in self.train for example in event.examples)


def split(
    events: tuple[Event, ...], *, share: float = SHARE, least: int = LEAST, near_s: float = NEAR_S
) -> Split:
    """Hold out the newest ``share`` of the events with a known truth, at least ``least``.

    Never more than a third. An event near a held-out one (same file, ``near_s`` seconds) or with
    the same text after the same place is on neither side.
    """
    ordered = sorted(events, key=lambda e: (e.at, e.seq, e.signal_id))
    judged = [event for event in ordered if event.truth]
    count = min(max(ceil(share * len(judged)), least), len(judged) // 3)
    if not count:
        return Split(tuple(ordered), (), 0)
    held_out = tuple(judged[-count:])
    begin = held_out[0].at
    ids = {event.signal_id for event in held_out}
    older = [e for e in ordered if e.signal_id not in ids and e.at <= begin]
    train = tuple(e for e in older if not _leaks(e, held_out, near_s))
    return Split(train, held_out, len(ordered) - len(held_out) - len(train))


def _leaks(event: Event, held_out: tuple[Event, ...], near_s: float) -> bool:
    return any(_near(event, other, near_s) or _same(event, other) for other in held_out)


def _near(event: Event, other: Event, near_s: float) -> bool:
    file, other_file = (event.workspace, event.path), (other.workspace, other.path)
    return file == other_file and abs(event.at - other.at) <= near_s


def _same(event: Event, other: Event) -> bool:
    return event.truth == other.truth and event.prefix[-120:] == other.prefix[-120:]
