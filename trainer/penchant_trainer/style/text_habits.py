"""Habits of writing text inside code: quotes, formatting, docstrings, comments, lines.

Each function yields the occasions of one habit in a source. Knows nothing of cursors and shares.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from penchant_trainer.style.source import Occasion, Source, Statement
from penchant_trainer.style.tokens import Token

_PERCENT = re.compile(r"%[-#0 +\d.]*[sdrfxi(]")
_SECTION = re.compile(r"^[ \t]*(Args|Arguments|Returns|Raises|Yields):[ \t]*$", re.MULTILINE)
_FIELD = re.compile(r"^[ \t]*(:(?:param|returns?|raises|type|rtype)\b)", re.MULTILINE)
_RULED = re.compile(r"^[ \t]*(Parameters|Returns|Raises)[ \t]*\n[ \t]*-{3,}", re.MULTILINE)
LONG_FROM, SHORT_TO = 60, 79
"""A line of fewer characters says nothing about where its writer breaks lines."""


def double_quotes(source: Source) -> Iterator[Occasion]:
    """Yield each plain string; those that hold a quotation mark had no choice."""
    for token in source.code:
        if len(token.quote) == 1 and not {'"', "'"} & set(token.content):
            yield Occasion(token.start + token.text.find(token.quote), token.quote == '"')


def triple_double_quotes(source: Source) -> Iterator[Occasion]:
    """Yield each tripled string."""
    for token in source.code:
        if len(token.quote) == 3:
            yield Occasion(token.start + token.text.find(token.quote), token.quote == '"""')


def f_strings(source: Source) -> Iterator[Occasion]:
    """Yield each string that is filled: an f-string shows it, ``format`` and ``%`` do not."""
    code = source.code
    for index, token in enumerate(code):
        if token.kind != "string":
            continue
        after = [t.text for t in code[index + 1 : index + 3]]
        if token.formatted and "{" in token.content:
            yield Occasion(token.start, True)
        elif after == [".", "format"] or (after[:1] == ["%"] and _PERCENT.search(token.content)):
            yield Occasion(token.start, False)


def docstrings(source: Source) -> Iterator[Occasion]:
    """Yield the first token of each function's body: a string is its documentation."""
    for _, token in _bodies(source, ("def",)):
        if token.text != "...":
            yield Occasion(token.start, token.kind == "string")


def one_line_docstrings(source: Source) -> Iterator[Occasion]:
    """Yield each finished docstring of a function or class."""
    for _, token in _bodies(source, ("def", "class")):
        if len(token.quote) == 3 and len(token.text) > 6 and token.text.endswith(token.quote):
            yield Occasion(token.start, "\n" not in token.content.strip())


def section_docstrings(source: Source) -> Iterator[Occasion]:
    """Yield each section of a docstring: ``Args:`` shows it, ``:param`` and rules do not."""
    for token in source.code:
        if not (token.opens and len(token.quote) == 3):
            continue
        for pattern, shown in ((_SECTION, True), (_FIELD, False), (_RULED, False)):
            for match in pattern.finditer(token.text):
                yield Occasion(token.start + match.start(1), shown)


def comments(source: Source) -> Iterator[Occasion]:
    """Yield each comment, and each statement that has none above it or at its end."""
    lines = {source.row(t.start): t for t in source.all if t.kind == "comment"}
    for token in source.all:
        row = source.row(token.start)
        if token.kind == "comment":
            yield Occasion(token.start, True)
        elif token.opens and row not in lines and row - 1 not in lines:
            yield Occasion(token.start, False)


def short_lines(source: Source) -> Iterator[Occasion]:
    """Yield each line of more than 60 characters: within 79 it is short."""
    start = 0
    for line in source.text.split("\n"):
        if len(line) > LONG_FROM:
            yield Occasion(start + min(len(line), SHORT_TO + 1) - 1, len(line) <= SHORT_TO)
        start += len(line) + 1


def two_blank_lines(source: Source) -> Iterator[Occasion]:
    """Yield each function and class at the top level that follows something."""
    for statement in source.statements:
        start = statement.first.start
        if statement.indent or statement.word not in ("def", "class") or not start:
            continue
        before = source.text[:start].rstrip(" \t")
        above = before.rstrip("\n")
        last = above.rpartition("\n")[2].lstrip()
        if above and not last.startswith(("@", "#")):
            yield Occasion(start, len(before) - len(above) >= 3)


def trailing_commas(source: Source) -> Iterator[Occasion]:
    """Yield each bracket over several lines that is closed on a line of its own."""
    code = source.code
    for before, token in pairwise(code):
        closes = token.kind == "operator" and token.text in ")]}"
        if not closes or before.text in ("(", "[", "{") or before.depth <= token.depth:
            continue
        if "\n" in source.text[before.end : token.start]:
            yield Occasion(before.end - 1, before.text == ",")


def _bodies(source: Source, words: tuple[str, ...]) -> Iterator[tuple[Statement, Token]]:
    """Yield heads that end their line with the first token of their body."""
    statements = source.statements
    for head, body in pairwise(statements):
        if head.word in words and head.tokens[-1].text == ":" and body.indent > head.indent:
            yield head, body.first
