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
    """Bounds on events. Shares only bind from ``floor`` events on: a first day is one day."""

    per_file_hour: int = 24
    file_share: float = 0.25
    day_share: float = 0.35
    floor: int = 40


def capped(events: list[Event], caps: Caps) -> tuple[Event, ...]:
    """Return the events in their order, without doubles and within the caps."""
    unique = _without_doubles(events)
    most_file = max(caps.floor, ceil(caps.file_share * len(unique)))
    most_day = max(caps.floor, ceil(caps.day_share * len(unique)))
    hours: Counter[tuple[str, str, int]] = Counter()
    files: Counter[tuple[str, str]] = Counter()
    days: Counter[int] = Counter()
    kept = []
    for event in reversed(unique):
        file = (event.workspace, event.path)
        hour, day = (*file, int(event.at // HOUR_S)), int(event.at // DAY_S)
        full = hours[hour] >= caps.per_file_hour or files[file] >= most_file
        if full or days[day] >= most_day:
            continue
        hours[hour] += 1
        files[file] += 1
        days[day] += 1
        kept.append(event)
    return tuple(reversed(kept))


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
