"""Two trivial writers that a model must beat: repeat a similar line, or say what is most usual.

Neither learns more than counts. They answer the same questions and are scored alike. Knows nothing
of models.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.questions import Question
from penchant_trainer.pretrain.scoring import Answer

_TOKEN = re.compile(r"\w+|[^\w\s]")
_LINES_BACK = 200
_KEPT = 2


def nearest_line(question: Question) -> Answer:
    """Answer with the rest of the line above that shares most of what is already typed.

    After an indentation: the line that followed the last line that equals the one just written,
    else the last line again. Blocks: as many lines as followed there.
    """
    *above, typed = question.prefix.split("\n")
    above = [line for line in above[-_LINES_BACK:] if line.strip()]
    if not above:
        return Answer("", ended=True)
    text = _rest_of_similar(above, typed) if typed.strip() else _after_same(above)
    return Answer(text, ended=True)


def _rest_of_similar(above: list[str], typed: str) -> str:
    for length in range(len(typed.strip()), 0, -1):
        tail = typed[-length:]
        for line in reversed(above):
            at = line.find(tail)
            if at >= 0 and line[at + length :].strip():
                return line[at + length :]
    return ""


def _after_same(above: list[str]) -> str:
    last = above[-1].strip()
    for index in range(len(above) - 2, -1, -1):
        if above[index].strip() == last:
            return above[index + 1].strip()
    return last


class MostFrequent:
    """Answers with the rest of line that most often followed the last tokens, in training text."""

    def __init__(self, documents: Iterable[Document], most_chars: int = 8_000_000) -> None:
        counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        left = most_chars
        for document in documents:
            for line in document.text.split("\n"):
                _count(counts, line.strip())
            left -= len(document.text)
            if left <= 0:
                break
        self._best = {key: rests.most_common(1)[0][0] for key, rests in counts.items()}

    def __call__(self, question: Question) -> Answer:
        """Return the most frequent rest after the last two tokens of the line, or the last one."""
        typed = question.prefix.rsplit("\n", 1)[-1]
        tokens = _TOKEN.findall(typed)
        for length in range(min(_KEPT, len(tokens)), -1, -1):
            found = self._best.get(tuple(tokens[len(tokens) - length :]))
            if found is not None:
                spaced = typed.endswith((" ", "\t")) or not tokens
                return Answer(found.lstrip() if spaced else found, ended=True)
        return Answer("", ended=True)


def _count(counts: dict[tuple[str, ...], Counter[str]], line: str) -> None:
    if not line or len(line) > 160:
        return
    found = list(_TOKEN.finditer(line))
    counts[()][line] += 1
    for index, token in enumerate(found[:-1]):
        rest = line[token.end() :]
        for length in range(1, _KEPT + 1):
            if index + 1 >= length:
                key = tuple(t.group() for t in found[index + 1 - length : index + 1])
                counts[key][rest] += 1
