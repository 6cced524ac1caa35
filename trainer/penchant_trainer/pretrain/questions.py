"""The evaluation's questions: cursor positions in files of held-out packages.

Packages are asked alike, whatever their size. Lines inside comments, docstrings and other strings
over several lines are left out: ghost text is for code. What is asked for is the rest of the line,
or a block of two to six lines; a rest of fewer than three characters is no question. Deterministic
for a seed. Knows nothing of models.
"""

import ast
import io
import random
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.cursors import SINGLE_LINE, Case, block_end, column

Kind = Literal["single_line", "mid_identifier", "multi_line"]
KINDS: tuple[Kind, ...] = ("single_line", "mid_identifier", "multi_line")
LEAST_CHARS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A cursor in a file; ``expected`` is what stands there. ``around`` is the statement's text.

    ``around`` are the lines of the top-level statement that holds the cursor, before and after the
    expected text: enough to see whether an answer parses in place.
    """

    kind: Kind
    case: Case
    package: str
    path: str
    prefix: str
    suffix: str
    expected: str
    around: tuple[str, str]


def questions(documents: Sequence[Document], each: int, seed: int) -> list[Question]:
    """Return ``each`` questions of every kind (single-line ones alike over their cases)."""
    found: list[Question] = []
    for kind in KINDS:
        chance = random.Random(f"{seed}-{kind}")  # noqa: S311 (no secret hangs on it)
        found += _of_kind(documents, kind, each, chance)
    return found


def _of_kind(
    documents: Sequence[Document], kind: Kind, count: int, chance: random.Random
) -> Iterator[Question]:
    by_package: dict[str, list[Document]] = {}
    for document in documents:
        by_package.setdefault(document.package, []).append(document)
    names = sorted(by_package)
    made, tried = 0, 0
    while made < count and tried < 200 * count:
        tried += 1
        package = names[made % len(names)]
        case = _case(kind, made // len(names))
        question = _question(chance.choice(by_package[package]), kind, case, chance)
        if question is not None:
            made += 1
            yield question


def _case(kind: Kind, turn: int) -> Case:
    if kind == "mid_identifier":
        return "mid_identifier"
    return "indentation" if kind == "multi_line" else SINGLE_LINE[turn % len(SINGLE_LINE)]


def _question(document: Document, kind: Kind, case: Case, chance: random.Random) -> Question | None:
    text = document.text
    spans = _statements(text)
    rows = sorted(_code_rows(text)) if spans else []
    if not rows:
        return None
    lines = text.split("\n")
    row = chance.choice(rows)
    start = sum(len(line) + 1 for line in lines[:row])
    col = column(lines[row], case, chance)
    if col is None:
        return None
    stop = block_end(text, start) if kind == "multi_line" else start + len(lines[row])
    expected = text[start + col : stop]
    if len(expected.strip()) < LEAST_CHARS or (kind == "multi_line" and "\n" not in expected):
        return None
    begin, end = next(((b, e) for b, e in spans if b <= start < e), (start, stop))
    around = (text[begin : start + col], text[stop : max(end, stop)])
    prefix, suffix = text[: start + col], text[stop:]
    return Question(kind, case, document.package, document.path, prefix, suffix, expected, around)


def _statements(text: str) -> list[tuple[int, int]]:
    """Return the character spans of the top-level statements, decorators included."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    spans = []
    for node in tree.body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        spans.append((starts[first - 1], starts[node.end_lineno or first]))
    return spans


def _code_rows(text: str) -> set[int]:
    """Return the rows (from 0) that hold code and no part of a comment or long string."""
    rows, out = set(), set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        first, last = token.start[0] - 1, token.end[0] - 1
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and last > first):
            out |= set(range(first, last + 1))
        elif token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER):
            rows.add(first)
    return rows - out
