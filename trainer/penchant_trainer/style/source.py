"""A text with the little structure that habits ask for: statements, definitions and their heads.

Built from tokens alone, so it stands for half-written code as well. Knows nothing of style.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from penchant_trainer.style.tokens import Token, tokens

_CLOSING = frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Occasion:
    """A place where a habit shows, or does not: the offset of the character that decides."""

    at: int
    shown: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """The tokens of one logical line (comments left out); compound ones only up to the body."""

    tokens: tuple[Token, ...]

    @property
    def first(self) -> Token:
        """The token it begins with."""
        return self.tokens[0]

    @property
    def word(self) -> str:
        """The word that says what it is; that after ``async`` for asynchronous ones."""
        names = [token.text for token in self.tokens[:2]]
        return names[-1] if names[0] == "async" else names[0]

    @property
    def indent(self) -> int:
        """Its column."""
        return self.first.indent


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name and the token after it, if that is there."""

    name: Token
    after: Token | None
    number: int


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a ``def``: its statement, name, parameters, and what follows the bracket."""

    statement: Statement
    name: Token
    parameters: tuple[Parameter, ...]
    closing: Token | None
    after: Token | None


class Source:
    """A text, read once and looked at by many habits."""

    def __init__(self, text: str) -> None:
        self.text = text

    def row(self, at: int) -> int:
        """Return the number of the line at an offset, from 0."""
        return bisect_right(self._starts, at) - 1

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(i + 1 for i, letter in enumerate(self.text) if letter == "\n")]

    @cached_property
    def all(self) -> list[Token]:
        """Every token, comments included."""
        return tokens(self.text)

    @cached_property
    def code(self) -> list[Token]:
        """Every token but comments."""
        return [token for token in self.all if token.kind != "comment"]

    @cached_property
    def statements(self) -> list[Statement]:
        """The logical lines in their order."""
        edges = [i for i, token in enumerate(self.code) if token.opens]
        edges = [*edges, len(self.code)] if edges else []
        return [Statement(tuple(self.code[i:j])) for i, j in pairwise(edges)]

    @cached_property
    def heads(self) -> list[Head]:
        """The heads of functions, as far as they are written."""
        found = (_head(s) for s in self.statements if s.word == "def")
        return [head for head in found if head is not None]


def closing(code: Sequence[Token], opening: int) -> int | None:
    """Return the index in ``code`` of the bracket that closes the one at index ``opening``."""
    depth = code[opening].depth
    for index in range(opening + 1, len(code)):
        token = code[index]
        if token.depth < depth or (token.opens and token.depth == 0):
            return None
        if token.depth == depth and token.text in _CLOSING:
            return index
    return None


def arguments(code: Sequence[Token], opening: int, until: int) -> list[Sequence[Token]]:
    """Return the parts between the brackets at ``opening`` and ``until``, divided by commas."""
    inside = code[opening].depth + 1
    parts: list[list[Token]] = [[]]
    for token in code[opening + 1 : until]:
        if token.text == "," and token.depth == inside:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _head(statement: Statement) -> Head | None:
    code = statement.tokens
    at = next((i for i, token in enumerate(code) if token.text == "def"), None)
    if at is None or at + 2 >= len(code) or code[at + 2].text not in ("(", "["):
        return None
    opening = at + 2
    if code[opening].text == "[":  # type parameters
        end = closing(code, opening)
        if end is None or end + 1 >= len(code) or code[end + 1].text != "(":
            return None
        opening = end + 1
    end = closing(code, opening)
    after = code[end + 1] if end is not None and end + 1 < len(code) else None
    until = len(code) if end is None else end
    return Head(
        statement,
        code[at + 1],
        tuple(_parameters(code, opening, until)),
        code[end] if end is not None else None,
        after,
    )


def _parameters(code: Sequence[Token], opening: int, until: int) -> list[Parameter]:
    depth, fresh, found, number = code[opening].depth + 1, True, [], 0
    for index in range(opening + 1, until):
        token = code[index]
        if token.depth == depth and token.text == ",":
            fresh, number = True, number + 1
        elif fresh and token.kind == "name" and token.depth == depth:
            after = code[index + 1] if index + 1 < len(code) else None
            found.append(Parameter(token, after, number))
            fresh = False
        elif fresh and token.text not in ("*", "**"):
            fresh = False
    return found
