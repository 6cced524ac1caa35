"""Measures one suggestion at one place, and keeps numbers only.

Quality is measured at the extent of what the author wrote (as many lines), so that nothing is won
by stopping early; what the author would do with it is measured on the suggestion as it is shown.
Runs none of the code unless asked to, and then only what
``rewards.execution`` tries in its sandbox. Knows nothing of models and rungs.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from penchant_core.signals import TAKEN, OutcomeKind
from penchant_core.syntax import parses
from penchant_trainer.extent import cut_to_extent
from penchant_trainer.metrics import similarity
from penchant_trainer.replay.answer import Answer
from penchant_trainer.replay.codebleu import code_bleu, rouge_l, tokens
from penchant_trainer.replay.fragment import compiles
from penchant_trainer.replay.policy import Policy, judged
from penchant_trainer.replay.walk import Place
from penchant_trainer.rewards.execution import runs


@dataclass(frozen=True, slots=True)
class Item:
    """The numbers of one suggestion; None where nothing can be said.

    ``parses``, ``compiles`` and ``runs`` are judged only where the author's own text does so, and
    ``runs`` only when code may be run at all. ``kind`` is the outcome under the policy, '' when
    there was nothing to show. ``saved`` counts keystrokes. ``length`` and ``truth_length`` are
    characters at the author's extent; ``confidence`` is the mean log-probability per token.
    """

    exact: bool
    similarity: float
    codebleu: float
    syntax: float | None
    flow: float | None
    rouge: float
    parses: bool | None
    compiles: bool | None
    runs: bool | None
    kind: str
    retained: int
    saved: int
    length: int
    truth_length: int
    ended: bool
    confidence: float

    @property
    def taken(self) -> bool:
        """Whether the suggestion, or its beginning, entered the document."""
        return bool(self.kind) and OutcomeKind(self.kind) in TAKEN

    def as_json(self) -> dict[str, Any]:
        """Return it as plain, rounded values."""
        return {k: round(v, 5) if isinstance(v, float) else v for k, v in asdict(self).items()}


def item_from_json(data: dict[str, Any]) -> Item:
    """Return what ``as_json`` wrote."""
    return Item(**{field.name: data[field.name] for field in fields(Item)})


class Yardstick:
    """Measures suggestions at a fixed set of places; what the truth itself does is asked once.

    With ``execute`` statements that read as harmless are tried in the sandbox.
    """

    def __init__(self, places: Sequence[Place], policy: Policy, *, execute: bool = False) -> None:
        self.places, self.policy = places, policy
        self._tried: dict[tuple[int, str], bool | None] = {}
        self._parse = [_python(place) and parses(_file(place, place.truth)) for place in places]
        self._compile = [
            ok and compiles(_file(place, place.truth))
            for ok, place in zip(self._parse, places, strict=True)
        ]
        self._run = [
            bool(execute and ok and self._runs(number, place.truth))
            for number, (ok, place) in enumerate(zip(self._compile, places, strict=True))
        ]

    def measure(self, answers: Sequence[Answer]) -> list[Item]:
        """Return the numbers of one model's answers, in the order of the places."""
        return [self._item(number, answer) for number, answer in enumerate(answers)]

    def _item(self, number: int, answer: Answer) -> Item:
        place = self.places[number]
        text = cut_to_extent(answer.text, place.truth).rstrip()
        verdict = judged(answer.text, place.written, self.policy)
        close = code_bleu(text, place.truth, place.left)
        return Item(
            exact=text == place.truth,
            similarity=similarity(text, place.truth),
            codebleu=close.score,
            syntax=close.syntax,
            flow=close.flow,
            rouge=rouge_l(text, place.truth),
            parses=parses(_file(place, text)) if self._parse[number] else None,
            compiles=compiles(_file(place, text)) if self._compile[number] else None,
            runs=self._runs(number, text) if self._run[number] else None,
            kind=verdict.kind.value if verdict.kind else "",
            retained=verdict.retained,
            saved=verdict.saved,
            length=len(text),
            truth_length=len(place.truth),
            ended=answer.ended,
            confidence=answer.confidence,
        )

    def _runs(self, number: int, text: str) -> bool | None:
        """Whether the statement around a text runs; tried once, though many models write it."""
        if (number, text) not in self._tried:
            place = self.places[number]
            found = runs(place.prefix, text, place.suffix)
            self._tried[number, text] = None if found is None else found == 1.0
        return self._tried[number, text]


def distinct(texts: Sequence[str], n: int) -> float:
    """Return the share of distinct n-grams of tokens over all texts (Li et al. 2016)."""
    grams = [
        tuple(words[i : i + n]) for words in map(tokens, texts) for i in range(len(words) - n + 1)
    ]
    return len(set(grams)) / len(grams) if grams else 1.0


def at_show_rate(items: Sequence[Item], rate: float) -> list[bool]:
    """Return whether each place's suggestion is among the most confident ``rate`` of all places.

    Empty suggestions are never shown, whatever their confidence.
    """
    most = round(rate * len(items))
    showable = [i for i, item in enumerate(items) if item.kind]
    chosen = set(sorted(showable, key=lambda i: (-items[i].confidence, i))[:most])
    return [i in chosen for i in range(len(items))]


def _python(place: Place) -> bool:
    return place.language == "python"


def _file(place: Place, text: str) -> str:
    return place.prefix + text + place.suffix
