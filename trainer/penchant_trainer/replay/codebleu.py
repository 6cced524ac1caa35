"""CodeBLEU for completions, a small implementation of its own, and ROUGE-L.

Source: Ren et al., CodeBLEU, arXiv 2009.10297: the mean of n-gram match, n-gram match with
keywords weighted, syntax-subtree match and data-flow match. What differs, because completions are
short: n-grams are smoothed (Lin and Och 2004), orders longer than the reference are left out,
pieces are read in place (``fragment``), and a part that the reference has none of (no data flow)
leaves the mean instead of counting as 0 or 1. Python only for the last two parts.
"""

import ast
import keyword
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq

from penchant_trainer.replay import dataflow
from penchant_trainer.replay.fragment import tree

ORDER = 4
KEYWORD_WEIGHT, OTHER_WEIGHT = 1.0, 0.2
_TOKEN = re.compile(r"\w+|[^\w\s]")
_KEYWORDS = frozenset((*keyword.kwlist, *keyword.softkwlist))


@dataclass(frozen=True, slots=True)
class CodeBleu:
    """The four parts and their mean; ``syntax`` and ``flow`` are None where they say nothing."""

    ngram: float
    weighted: float
    syntax: float | None
    flow: float | None

    @property
    def score(self) -> float:
        """Mean of the parts that say something."""
        parts = [p for p in (self.ngram, self.weighted, self.syntax, self.flow) if p is not None]
        return sum(parts) / len(parts)


def tokens(text: str) -> list[str]:
    """Return the words and single other characters of a text."""
    return _TOKEN.findall(text)


def code_bleu(text: str, reference: str, left: str = "") -> CodeBleu:
    """Return CodeBLEU of ``text``; ``left`` is what stands before both in their line."""
    mine, theirs = tokens(text), tokens(reference)
    wanted = tree(left, reference)
    if wanted is None:
        return CodeBleu(bleu(mine, theirs), bleu(mine, theirs, _weight), None, None)
    have = tree(left, text)
    return CodeBleu(
        bleu(mine, theirs),
        bleu(mine, theirs, _weight),
        syntax_match(have, wanted),
        dataflow.match(have, wanted),
    )


def bleu(mine: Sequence[str], theirs: Sequence[str], weight: "Weight | None" = None) -> float:
    """Return sentence BLEU (Papineni et al. 2002) with add-one smoothing above unigrams.

    ``weight`` gives each unigram its weight in the precision of unigrams (all 1 without it).
    """
    order = min(ORDER, len(theirs))
    if not mine or not order:
        return 1.0 if not mine and not theirs else 0.0
    logs = 0.0
    for n in range(1, order + 1):
        precision = _precision(mine, theirs, n, weight)
        if precision == 0:
            return 0.0
        logs += math.log(precision) / order
    brevity = min(0.0, 1 - len(theirs) / len(mine))
    return math.exp(brevity + logs)


def syntax_match(candidate: ast.AST | None, reference: ast.AST) -> float:
    """Return which share of the reference's subtrees the candidate has, names left aside."""
    wanted = _subtrees(reference)
    have = _subtrees(candidate) if candidate is not None else Counter()
    return sum(min(count, have[key]) for key, count in wanted.items()) / max(1, wanted.total())


def rouge_l(text: str, reference: str) -> float:
    """Return the F1 of the longest common subsequence of tokens (Lin 2004)."""
    mine, theirs = tokens(text), tokens(reference)
    if not mine or not theirs:
        return float(mine == theirs)
    common = LCSseq.similarity(mine, theirs)
    return 2 * common / (len(mine) + len(theirs))


class Weight:
    """Gives keywords more weight than other tokens, as CodeBLEU does."""

    def __call__(self, token: str) -> float:
        """Return the weight of one token."""
        return KEYWORD_WEIGHT if token in _KEYWORDS else OTHER_WEIGHT


_weight = Weight()


def _precision(mine: Sequence[str], theirs: Sequence[str], n: int, weight: Weight | None) -> float:
    have, wanted = _grams(mine, n), _grams(theirs, n)
    if n == 1:
        value = {gram: weight(gram[0]) if weight else 1.0 for gram in have}
        common = sum(min(count, wanted[gram]) * value[gram] for gram, count in have.items())
        return common / sum(count * value[gram] for gram, count in have.items())
    common = sum(min(count, wanted[gram]) for gram, count in have.items())
    return (common + 1) / (have.total() + 1)


def _grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _subtrees(tree: ast.AST) -> Counter[str]:
    """Return every subtree but the module itself, written without names and constants."""
    found: Counter[str] = Counter()
    _shape(tree, found)
    return found


def _shape(node: ast.AST, found: Counter[str]) -> str:
    children = [_shape(child, found) for child in ast.iter_child_nodes(node)]
    shape = type(node).__name__ + (f"({','.join(children)})" if children else "")
    if not isinstance(node, ast.Module | ast.expr_context):
        found[shape] += 1
    return shape
