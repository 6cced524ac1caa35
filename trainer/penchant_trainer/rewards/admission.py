"""Which labels of a judge may be trained on beside the developer's own pairs, and how much each
counts: few, less than anything the developer did, and never against it. Pure.

Knows nothing of who judged and of how labels are kept.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from penchant_trainer.rewards.labels import WEIGHT
from penchant_trainer.split import Split
from penchant_trainer.units import Event, Pair


def admitted(labels: Sequence[Pair], sides: Split, share: float) -> tuple[Pair, ...]:
    """Return the labels to train on, the clearest first, with the weights that they get.

    They stand at places of the training side only, contradict nothing that the developer did or
    said there, are at most ``share`` (below 1) of all pairs, and each weighs less than the
    lightest pair or example of the developer's own; so their share of the weight is smaller still.
    """
    places = {event.signal_id: event for event in sides.train}
    sound = [pair for pair in labels if _sound(pair, places.get(pair.signal_ids[0]))]
    clearest = sorted(sound, key=lambda pair: (-pair.weight, pair.signal_ids, pair.chosen))
    lightest = _lightest(sides)
    return tuple(
        replace(pair, weight=lightest * min(pair.weight, WEIGHT))
        for pair in clearest[: allowance(len(sides.pairs), share)]
    )


def allowance(own: int, share: float) -> int:
    """Return how many labels may stand beside ``own`` units so that they are ``share`` of all."""
    most = math.floor(share * own / (1 - share))
    while most and most > share * (own + most):  # the division was rounded up
        most -= 1
    return most


def _lightest(sides: Split) -> float:
    weights = [pair.weight for pair in sides.pairs] + [each.weight for each in sides.examples]
    return min(weights, default=0.0)


def _sound(label: Pair, event: Event | None) -> bool:
    """Whether a label stands at a place that is trained on, and agrees with what is known of it."""
    if event is None:
        return False
    wanted = {pair.chosen.strip() for pair in event.pairs} | {(event.truth or "").strip()}
    unwanted = {pair.rejected.strip() for pair in event.pairs}
    for example in event.examples:
        (wanted if example.desirable else unwanted).add(example.completion.strip())
    return label.chosen.strip() not in unwanted and label.rejected.strip() not in wanted
