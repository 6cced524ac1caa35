"""Which explicit judgements may be stored: they fit their completion and hold no secret.

Also the two ways to say a judgement: a preference becomes one comparison per candidate that it was
preferred to, because nothing was said about those among themselves. Knows nothing of consent and
of the log.
"""

from collections.abc import Iterable

from penchant_core.redaction import secret_in
from penchant_core.signals import Completion, Rating
from penchant_core.text import well_formed

REASON_CHARS = 1000


def preferences(
    completion_id: str, best: int, others: Iterable[int], at: float, reason: str = ""
) -> list[Rating]:
    """Return one comparison for each of ``others``; ``at`` is seconds since the epoch."""
    worse = [index for index in dict.fromkeys(others) if index != best]
    said = reason_text(reason)
    return [
        Rating(completion_id, at, "comparison", order=(best, index), reason=said) for index in worse
    ]


def reason_text(value: object) -> str:
    """Return what may be kept of a reason: text, well-formed, of bounded length."""
    return well_formed(value)[:REASON_CHARS].strip() if isinstance(value, str) else ""


def refusal(rating: Rating, completion: Completion) -> str | None:
    """Return why a rating may not be stored with this completion, None when it may."""
    if rating.completion_id != completion.id:
        return "it belongs to another suggestion"
    if not _shaped(rating) or any(i >= len(completion.candidates) for i in rating.order):
        return "it does not fit the suggestion's candidates"
    if rating.reason and secret_in([rating.reason]):
        return "its reason holds a secret"
    return None


def _shaped(rating: Rating) -> bool:
    order = rating.order
    if len(set(order)) != len(order) or any(index < 0 for index in order):
        return False
    if rating.kind == "direct":
        return rating.value in (-1, 1) and len(order) <= 1
    least = 2
    most = 2 if rating.kind == "comparison" else len(order)
    return rating.value == 0 and least <= len(order) <= most
