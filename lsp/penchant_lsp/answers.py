"""What may be shown of an answer, and what is known of a place from the answers that came.

What was refused is known, too: who types along an answer that no filter let through need not ask
again, for the model would say the same. Knows nothing of requests and of editors.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from penchant_core.signals import Candidate
from penchant_lsp.ask import Ask
from penchant_lsp.cache import Cache, Hit, Place
from penchant_lsp.filters.chain import filtered


def usable(ask: Ask, found: Iterable[Candidate]) -> list[Candidate]:
    """Return what the filters leave of an answer, each text once."""
    return distinct([each for each in (_trimmed(ask, raw) for raw in found) if each.text.strip()])


def distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the first of those with the same text."""
    first: dict[str, Candidate] = {}
    for each in candidates:
        first.setdefault(each.text, each)
    return list(first.values())


def remember(cache: Cache, place: Place, ask: Ask, found: Sequence[Candidate]) -> None:
    """Keep what came, for keys to come; unless the deadline has cut off what is not usable."""
    shown = usable(ask, found)
    if shown:
        whole = {each.text.rstrip() for each in found if each.finish_reason == "stop"}
        ended = whole & {each.text for each in shown}
        cache.put(place, tuple(shown), ask.context, ended=ended)
    elif all(each.finish_reason for each in found):
        cache.put(place, tuple(found), ask.context, refused=True)


def known(cache: Cache, place: Place, ask: Ask, *, wanted: int) -> Hit | None:
    """Return what is known for a place; without candidates, that there is nothing to show.

    Asked for by key, only what can be shown counts, and only if there are ``wanted`` of it.
    """
    if ask.invoked:
        return cache.get(place, at_least=wanted)
    return cache.get(place, at_least=0, line_ends=not ask.many)


def _trimmed(ask: Ask, candidate: Candidate) -> Candidate:
    around = ask.around(cut_off=candidate.finish_reason == "length")
    text = filtered(candidate.text, around)
    return replace(candidate, text=text)
