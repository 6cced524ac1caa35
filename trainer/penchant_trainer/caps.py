"""Keeps one afternoon, one file or one repeated line from owning the model.

Exact doubles count once; of each file, day and hour only so many events are kept, the newest first.
Pure functions of events.
"""

from collections import Counter
from dataclasses import dataclass, replace
from math import ceil
from typing import TypeVar

from penchant_trainer.units import Event, Example, Pair

Key = TypeVar("Key")

DAY_S = 86400.0
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Caps:
    """Bounds on events.

    A share binds from ``floor`` events on, and never below an even division: all that was written
    on a first day is one day's, and that is no reason to forget most of it.
    """

    per_file_hour: int = 24
    file_share: float = 0.25
    day_share: float = 0.35
    floor: int = 40


UNCAPPED = Caps(per_file_hour=2**62, floor=2**62)
"""No bounds at all; doubles still count once."""


def capped(events: list[Event], caps: Caps) -> tuple[Event, ...]:
    """Return the events in their order, without doubles and within the caps."""
    unique = _without_doubles(events)
    most_file = _most(caps.file_share, [_file(event) for event in unique], caps)
    most_day = _most(caps.day_share, [_day(event) for event in unique], caps)
    hours: Counter[tuple[str, str, int]] = Counter()
    files: Counter[tuple[str, str]] = Counter()
    days: Counter[int] = Counter()
    kept = []
    for event in reversed(unique):
        file, day = _file(event), _day(event)
        hour = (*file, int(event.at // HOUR_S))
        full = hours[hour] >= caps.per_file_hour or files[file] >= most_file
        if full or days[day] >= most_day:
            continue
        hours[hour] += 1
        files[file] += 1
        days[day] += 1
        kept.append(event)
    return tuple(reversed(kept))


def _file(event: Event) -> tuple[str, str]:
    return (event.workspace, event.path)


def _day(event: Event) -> int:
    return int(event.at // DAY_S)


def _most(share: float, groups: list[Key], caps: Caps) -> int:
    even = 1 / max(1, len(set(groups)))
    return max(caps.floor, ceil(max(share, even) * len(groups)))


def _without_doubles(events: list[Event]) -> list[Event]:
    """Drop pairs and examples whose text was met before (the newest stays), then empty events."""
    pairs: set[tuple[str, ...]] = set()
    examples: set[tuple[object, ...]] = set()
    found = []
    for event in reversed(events):
        own_pairs = tuple(p for p in event.pairs if _new(pairs, _pair_key(p)))
        own_examples = tuple(e for e in event.examples if _new(examples, _example_key(e)))
        if own_pairs or own_examples:
            found.append(replace(event, pairs=own_pairs, examples=own_examples))
    return list(reversed(found))


def _pair_key(pair: Pair) -> tuple[str, ...]:
    return (pair.prefix[-400:], pair.suffix[:100], pair.chosen, pair.rejected)


def _example_key(example: Example) -> tuple[object, ...]:
    return (example.prefix[-400:], example.suffix[:100], example.completion, example.desirable)


def _new(seen: set[Key], key: Key) -> bool:
    if key in seen:
        return False
    seen.add(key)
    return True
