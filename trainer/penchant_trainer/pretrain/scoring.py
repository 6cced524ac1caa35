"""Scores answers: exact match, edit similarity, parses in place, stops in time.

Answers to single-line questions are cut at the line's end first, as the language server does;
whether the model stopped there by itself is a figure of its own. Pure functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from penchant_core.syntax import parses
from penchant_trainer.intervals import wilson
from penchant_trainer.pretrain.questions import Question


@dataclass(frozen=True, slots=True)
class Answer:
    """What was written at a cursor, and whether the writer ended it (or ran into a limit)."""

    text: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one answer."""

    exact: bool
    similarity: float
    parses: bool
    no_worse: bool
    stops: bool


def score(question: Question, answer: Answer) -> Score:
    """Return the figures of an answer.

    ``similarity`` is 1 - Levenshtein distance / longer length. ``no_worse``: it parses in place, or
    the file did not parse without it either. ``stops``: it ended by itself, within the line or, for
    blocks, at most one line later than was asked for.
    """
    text = shown(question, answer)
    expected = question.expected.rstrip()
    parses = _parses(question, text)
    asked = 0 if question.kind != "multi_line" else question.expected.count("\n") + 1
    return Score(
        exact=text.rstrip() == expected,
        similarity=Levenshtein.normalized_similarity(text.rstrip(), expected),
        parses=parses,
        no_worse=parses or not _parses(question, ""),
        stops=answer.ended and answer.text.rstrip("\n").count("\n") <= asked,
    )


def shown(question: Question, answer: Answer) -> str:
    """Return the part of an answer that would be shown."""
    return answer.text if question.kind == "multi_line" else answer.text.split("\n", 1)[0]


def _parses(question: Question, middle: str) -> bool:
    before, after = question.around
    return parses(before + middle + after)


def summary(scores: Sequence[Score]) -> dict[str, float]:
    """Return the shares and means, with the 95 % Wilson interval of the exact matches."""
    count = len(scores)
    if not count:
        return {"count": 0}
    hits = sum(s.exact for s in scores)
    low, high = wilson(hits, count)
    return {
        "count": count,
        "exact": hits / count,
        "exact_low": low,
        "exact_high": high,
        "similarity": sum(s.similarity for s in scores) / count,
        "parses": sum(s.parses for s in scores) / count,
        "no_worse": sum(s.no_worse for s in scores) / count,
        "stops": sum(s.stops for s in scores) / count,
    }
