"""Synthetic developers: real signal logs of somebody with a clear style.

Suggestions are greedy completions of the bundled base model at the very prompts, so that what is
rejected is on-policy. What is written is the developer's: double quotes, type hints on everything,
f-strings, keyword-only flags. Deterministic for a seed.
"""

import json
import random
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from penchant_core import models
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore

NOUNS = [
    "order",
    "invoice",
    "customer",
    "report",
    "message",
    "account",
    "payment",
    "shipment",
    "ticket",
    "session",
    "product",
    "warehouse",
    "contract",
    "employee",
    "project",
    "schedule",
    "folder",
    "picture",
    "recipe",
    "vehicle",
    "station",
    "sensor",
    "course",
    "student",
    "lesson",
    "library",
    "author",
    "chapter",
    "review",
    "comment",
    "channel",
    "device",
    "firmware",
    "backup",
]
FIELDS = [
    "name",
    "title",
    "status",
    "amount",
    "owner",
    "region",
    "created",
    "path",
    "label",
    "total",
    "count",
    "price",
    "city",
    "code",
]
TYPES = {
    "name": "str",
    "title": "str",
    "status": "str",
    "amount": "float",
    "owner": "str",
    "region": "str",
    "created": "float",
    "path": "str",
    "label": "str",
    "total": "float",
    "count": "int",
    "price": "float",
    "city": "str",
    "code": "int",
}
START = 1_760_000_000.0


@dataclass(frozen=True)
class Place:
    """One cursor position with what this developer writes there to the end of the line."""

    path: str
    prefix: str
    truth: str
    suffix: str


def _function(noun: str, a: str, b: str) -> list[str]:
    upper = noun.capitalize()
    return [
        f"def load_{noun}({a}: {TYPES[a]}, {b}: {TYPES[b]}) -> dict[str, str]:",
        f'    """Load one {noun}."""',
        f'    source: str = f"{noun}/{{{a}}}.json"',
        f"    if not {a}:",
        f'        raise ValueError(f"no {noun} with {a} {{{a}}}")',
        f'    data: dict[str, str] = read_json(source, key="{b}")',
        f'    log.info(f"loaded {noun} {{{a}}}")',
        f'    return data["{noun}"]',
        "",
        "",
        f"def count_{noun}s(items: list[{upper}], *, {b}: {TYPES[b]}) -> int:",
        f'    """Count every {noun}."""',
        f"    found: list[{upper}] = [item for item in items if item.{b} == {b}]",
        f'    print(f"{{len(found)}} {noun}s with {b} {{{b}}}")',
        "    return len(found)",
        "",
        "",
        f"class {upper}Store:",
        f'    """Keeps every {noun}."""',
        "",
        f"    def __init__(self, {a}: {TYPES[a]}, *, {b}: {TYPES[b]}) -> None:",
        f"        self.{a}: {TYPES[a]} = {a}",
        f"        self.items: dict[str, {upper}] = {{}}",
        "",
        f"    def add(self, {noun}: {upper}) -> None:",
        f"        self.items[{noun}.{a}] = {noun}",
        f'        self.status: str = f"added {{{noun}.{a}}}"',
        "",
        f"    def describe(self, {noun}: {upper}) -> str:",
        f'        parts: list[str] = ["{noun}", f"{a} {{{noun}.{a}}}"]',
        '        return ", ".join(parts)',
        "",
        "",
    ]


_CUTS = {
    "def ": "(",
    "source": ":",
    "raise": "(",
    "data": ":",
    "log": "(",
    "return data": "[",
    "found": ":",
    "print": "(",
    "self.": ":",
    "parts": ":",
    'return "': "return ",
}


def _cut(line: str) -> int | None:
    """Where the cursor stands in a line, None where this developer shows no style."""
    text = line.strip()
    for start, mark in _CUTS.items():
        if text.startswith(start) and mark in line:
            return line.index(mark) + len(mark)
    return None


def places(count: int, seed: int) -> list[Place]:
    """Return that many cursor positions in the order in which they were written."""
    chance = random.Random(seed)
    found: list[Place] = []
    file = 0
    while len(found) < count:
        lines: list[str] = ["import logging", "", "log = logging.getLogger(__name__)", "", ""]
        nouns = chance.sample(NOUNS, 2)
        for noun in nouns:
            lines += _function(noun, *chance.sample(FIELDS, 2))
        rows = [row for row, line in enumerate(lines) if _cut(line) is not None]
        blocks = [row for row, line in enumerate(lines) if line.startswith(("def ", "class "))]
        for row in sorted(chance.sample(rows, min(8, len(rows)))):
            column = _cut(lines[row])
            above = [0, *(start for start in blocks if start <= row)]
            begin = above[max(0, len(above) - chance.randint(1, 2))]
            end = min([start for start in blocks if start > row], default=len(lines))
            rest = lines[row + 1 : end if chance.random() < 0.5 else row + 1]
            prefix = "\n".join([*lines[begin:row], lines[row][:column]])
            suffix = "\n" + "\n".join(rest)
            found.append(Place(f"src/{nouns[0]}_{file}.py", prefix, lines[row][column:], suffix))
        file += 1
    return found[:count]


@cache
def suggestions(seed: int, count: int) -> tuple[tuple[str, bool], ...]:
    """What the bundled base model greedily writes at those places, and whether it ended.

    Kept beside this file, because writing takes a while; written anew for another base model.
    """
    base = models.resolve("bundled")
    where = places(count, seed)
    key = [base.fingerprint, seed, zlib.crc32(repr(where).encode())]
    kept = Path(__file__).with_name(f"suggestions_{seed}_{count}.json")
    if kept.exists():
        found = json.loads(kept.read_text("utf-8"))
        if found["key"] == key:
            return tuple((text, ended) for text, ended in found["texts"])
    texts = written(base, where)
    kept.write_text(json.dumps({"key": key, "texts": texts}, indent=0) + "\n", "utf-8")
    return texts


def written(base: models.BaseModel, where: list[Place]) -> tuple[tuple[str, bool], ...]:
    """What the base model greedily writes at those places, first lines only."""
    from penchant_trainer import quiet
    from penchant_trainer.evaluate import generate, text_of
    from penchant_trainer.model import load_base
    from penchant_trainer.resources import Device
    from penchant_trainer.tokens import load_tokens

    quiet.silence()
    tokens = load_tokens(str(base.directory), base.renderer, 1024)
    network = load_base(base, Device("cpu")).network.eval()
    prompts = [tokens.prompt_ids(p.prefix, p.suffix, (), p.path) for p in where]
    return tuple(
        (text_of(tokens, ids).split("\n")[0], bool(ids) and ids[-1] == tokens.end)
        for ids in generate(network, tokens, prompts, max_tokens=24, batch=32)
    )


def signals(count: int = 180, seed: int = 1, *, truth: str = "style") -> list[Signal]:
    """Return the developer's signals, oldest first.

    ``truth`` is ``style`` (they write as they do), ``shuffled`` (what stands at another place) or
    ``noise`` (random letters): for developers of whom nothing can be learned.
    """
    where = places(count, seed)
    texts = [place.truth for place in where]
    chance = random.Random(seed + 1)
    if truth == "shuffled":
        chance.shuffle(texts)
    if truth == "noise":
        texts = ["".join(chance.choices("abcdefgh(){}=+ ", k=max(4, len(t)))) for t in texts]
    shown = suggestions(seed, count)
    return [
        _signal(n, place, text, *suggestion)
        for n, (place, text, suggestion) in enumerate(zip(where, texts, shown, strict=True))
    ]


def _signal(n: int, place: Place, truth: str, suggested: str, ended: bool) -> Signal:
    at = START + n * 1500.0
    name = f"c{n:05d}"
    suggested = suggested if suggested.strip() else "pass"
    completion = Completion(
        name,
        at,
        "ada",
        "w1",
        place.path,
        "python",
        place.prefix,
        place.suffix,
        (Candidate(suggested, -1.0, "stop" if ended else "length"),),
        0,
    )
    alike = Levenshtein.normalized_similarity(suggested, truth)
    if suggested == truth:
        outcome = Outcome(
            name, OutcomeKind.ACCEPTED, at + 2, at + 12, len(truth), len(truth), truth
        )
    elif alike > 0.5:
        outcome = Outcome(
            name,
            OutcomeKind.ACCEPTED_EDITED,
            at + 2,
            at + 12,
            len(suggested),
            int(alike * len(suggested)),
            truth,
            kept=min(0.95, alike),
        )
    else:
        more = "\n        more = 1\n" if n % 3 == 0 else ""
        outcome = Outcome(name, OutcomeKind.REJECTED, at + 2, at + 12, instead=truth + more)
    return Signal(completion, outcome)


def write_log(path: Path, rows: list[Signal]) -> Path:
    """Write the signals into a real signal log."""
    with SignalStore(path) as store:
        for row in rows:
            store.add(row)
    return path
