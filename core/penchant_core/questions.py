"""Chooses which comparison is worth a developer's answer. Pure.

Worth asking is where the model is undecided and the developer is not: two candidates about equally
probable (the answer is news to the model), written differently (the answer is easy to give). That
is the trade-off of Bıyık et al., "Asking Easy Questions: A User-Friendly Approach to Active Reward
Learning", CoRL 2019 (arXiv 1910.04365), with cheap stand-ins: the gap in log-probability per token
for the model's doubt (uncertainty sampling, Lewis and Gale 1994), the share of differing tokens for
the person's ease. Knows nothing of editors, budgets and consent.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from penchant_core.signals import Candidate, Completion, Rating, Signal
from penchant_core.syntax import parses

LARGEST_GAP = 0.7
"""Nats per token; beyond it the model has made up its mind (it finds one about twice as likely)."""

LEAST_DIFFERENCE = 0.25
LEAST_TOKENS = 3
MOST_TOKENS = 400
LARGEST_RATIO = 3.0
"""Texts of more unlike lengths are no preference pair: asking about them would be for nothing."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")
_CLOSING = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Question:
    """Which of these two candidates is better? ``score`` (0 to 1) is how much is to be learned.

    ``order`` is the order to show them in: the more probable one is not always first.
    """

    completion: Completion
    order: tuple[int, int]
    score: float


def questions(
    signals: Iterable[Signal], ratings: Iterable[Rating] = (), asked: Container[str] = ()
) -> Iterator[Question]:
    """Yield the comparisons worth asking about, best first.

    Left out are completions that were ``asked`` about before, or compared or ranked already.
    """
    judged = {rating.completion_id for rating in ratings if rating.kind != "direct"}
    found = [
        question
        for signal in signals
        if signal.completion.id not in judged and signal.completion.id not in asked
        if (question := question_of(signal.completion)) is not None
    ]
    found.sort(key=lambda q: (-q.score, -q.completion.at, q.completion.id))
    yield from filter(_equally_valid, found)  # lazily: parsing is what costs here


def question_of(completion: Completion) -> Question | None:
    """Return the best comparison within one completion, None when none is worth it."""
    best: Question | None = None
    for one, other in combinations(range(len(completion.candidates)), 2):
        value = score(completion.candidates[one], completion.candidates[other])
        if value > 0 and (best is None or value > best.score):
            order = (one, other) if _even(completion.id) else (other, one)
            best = Question(completion, order, value)
    return best


def score(one: Candidate, other: Candidate) -> float:
    """Return how much an answer would tell, 0 to 1; 0 for what is not worth asking."""
    if one.logprob is None or other.logprob is None or not (_sound(one) and _sound(other)):
        return 0.0
    a, b = _TOKEN.findall(one.text), _TOKEN.findall(other.text)
    if not (min(len(a), len(b)) >= LEAST_TOKENS and max(len(a), len(b)) <= MOST_TOKENS):
        return 0.0
    if max(len(one.text), len(other.text)) > LARGEST_RATIO * min(len(one.text), len(other.text)):
        return 0.0
    gap = abs(one.logprob / len(a) - other.logprob / len(b))
    apart = difference(a, b)
    if gap > LARGEST_GAP or apart < LEAST_DIFFERENCE:
        return 0.0
    return round((1.0 - gap / LARGEST_GAP) * apart, 6)


def difference(one: list[str], other: list[str]) -> float:
    """Return the share of tokens that two texts do not have in common (0 to 1)."""
    return 1.0 - SequenceMatcher(None, one, other, autojunk=False).ratio()


def _sound(candidate: Candidate) -> bool:
    """Whether it was not cut off and closes no bracket of another kind than it opened."""
    if candidate.finish_reason == "length":
        return False
    open_: list[str] = []
    for character in _QUOTED.sub("", candidate.text):
        if character in "([{":
            open_.append(character)
        elif character in _CLOSING and open_ and open_.pop() != _CLOSING[character]:
            return False
    return True


def _equally_valid(question: Question) -> bool:
    """Whether both parse in place or neither does; that one is broken needs no asking."""
    where = question.completion
    if where.language != "python":
        return True
    texts = [where.candidates[index].text for index in question.order]
    one, other = (parses(where.prefix + text + where.suffix) for text in texts)
    return one == other


def _even(completion_id: str) -> bool:
    """A coin that falls the same way whenever the same completion is asked about."""
    return sum(completion_id.encode("utf-8", "replace")) % 2 == 0
