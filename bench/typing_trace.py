"""A scripted typist: which keys are pressed when, in files that no model here was trained on.

A trace is drawn from a seed before anybody types it, so every assistant sees the same keys at the
same moments. The typist writes what the file's author wrote there, pauses where people do, mistypes
now and then and goes back, and takes no suggestion. Pure; knows nothing of assistants.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from penchant_trainer.pretrain.questions import Question

INTERVAL_S = 0.13
SPREAD = 0.35
LINE_S = 0.7
NOTICED_S = 0.3
TYPO = 0.03
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it inserts (nothing: it deletes back), when, and what is still to be written.

    ``at_s`` counts from the first key. ``rest`` is empty while a mistyped letter stands there.
    """

    text: str
    at_s: float
    rest: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in a file and the keys that are pressed there."""

    package: str
    path: str
    before: str
    after: str
    keys: tuple[Key, ...]


def passages(asked: Sequence[Question], keys: int, seed: int) -> list[Passage]:
    """Return a passage of about ``keys`` keys for each question."""
    return [
        Passage(each.package, each.path, each.prefix, each.suffix, _keys(each, keys, seed + number))
        for number, each in enumerate(asked)
    ]


def _keys(question: Question, count: int, seed: int) -> tuple[Key, ...]:
    chance = random.Random(seed)
    now, written = 0.0, ""
    found: list[Key] = []
    for text in _strokes(question.expected):
        if len(found) >= count:
            break
        now += _pause(written, chance)
        if text in _LETTERS and chance.random() < TYPO:
            found.append(Key(chance.choice(_LETTERS.replace(text, "")), now, ""))
            now += NOTICED_S
            found.append(Key("", now, question.expected[len(written) :]))
            now += _pause("", chance)
        written += text
        found.append(Key(text, now, question.expected[len(written) :]))
    return tuple(found)


def _strokes(text: str) -> Iterator[str]:
    """Yield what each key inserts: a line's end brings the next line's indentation with it."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        bare = line.lstrip() if number else line
        if number:
            yield "\n" + line[: len(line) - len(bare)]
        yield from bare


def _pause(written: str, chance: random.Random) -> float:
    usual = INTERVAL_S * chance.lognormvariate(0, SPREAD)
    if written.rstrip(" \t").endswith("\n"):
        return LINE_S + usual
    return usual * 1.6 if written[-1:] in " (.,=:" else usual


def distinct(asked: Sequence[Question], taken: set[tuple[str, str]]) -> Iterator[Question]:
    """Yield the questions whose files nobody has taken yet, and take them."""
    for each in asked:
        if (each.package, each.path) not in taken:
            taken.add((each.package, each.path))
            yield each


def right(text: str, rest: str) -> bool:
    """Whether the first line of a suggestion is what was written next."""
    line = text.split("\n", 1)[0].rstrip()
    return bool(line.strip()) and rest.split("\n", 1)[0].startswith(line)
