"""Single texts with a verdict, wanted or not: what KTO learns from. Pure.

Every example of the training side, and of the pairs the rejected text where no example speaks of
it (a suggestion that was edited or written over has none of its own).
"""

from penchant_trainer.split import Split
from penchant_trainer.units import Example, Pair, place_of


def judged(sides: Split) -> tuple[Example, ...]:
    """Return every text of the training side that was wanted or unwanted, once per verdict."""
    found = list(sides.examples)
    known = {place_of(e, e.completion) for e in found}
    for pair in sides.pairs:
        place = place_of(pair, pair.rejected)
        if place not in known:
            known.add(place)
            found.append(_refused(pair))
    return tuple(found)


def _refused(pair: Pair) -> Example:
    return Example(
        pair.prefix,
        pair.suffix,
        pair.context,
        pair.path,
        pair.rejected,
        False,
        pair.weight,
        pair.signal_ids,
        pair.rejected_ended,
    )
