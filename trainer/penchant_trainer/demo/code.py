"""What the scripted developer writes: small modules in one clear style.

Double quotes, type hints everywhere, f-strings, one-line docstrings. A ``|`` in a template is where
the developer pauses and looks at the ghost text. Names come from two lists that share no word, so
that what is measured was never written before. Knows nothing of editors or models.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

LEARNING_NOUNS = (
    "invoice", "customer", "order", "ticket", "report", "message", "contract", "payment",
    "session", "project", "device", "article", "booking", "shipment", "account", "profile",
    "channel", "product", "student", "vehicle",
)  # fmt: skip
HELD_OUT_NOUNS = (
    "sensor",
    "recipe",
    "meeting",
    "library",
    "planet",
    "question",
    "window",
    "garden",
)
FIELDS = ("total", "count", "weight", "price", "length", "score", "amount", "rating")

HEADER = '''"""Working with {noun}s."""

from dataclasses import dataclass, field


'''
FOOTER = '''


def main() -> None:
    """Run this module."""
    print("ready")
'''

TEMPLATES = (
    '''def load_{noun}s(|path: str, limit: int = 10) -> list[str]:
    """Return the |lines of a {noun} file."""
    if not path:
        raise |ValueError(f"no path given for the {noun}")
    lines: |list[str] = []
    with open(|path, encoding="utf-8") as file:
        for line in |file:
            lines.append(|line.strip())
    return |lines[:limit]''',
    '''def count_{noun}s({noun}s: |list[str]) -> dict[str, int]:
    """Return the |number of times each {noun} occurs."""
    counts: |dict[str, int] = {{}}
    for {noun} in |{noun}s:
        counts[{noun}] = |counts.get({noun}, 0) + 1
    return |counts''',
    '''def describe_{noun}(name: str, {field}: |float) -> str:
    """Return the |{noun} as one line of text."""
    if {field} < 0:
        raise |ValueError(f"the {field} of {{name}} is negative: {{{field}}}")
    message: |str = f"{noun} {{name}}: {{{field}:.2f}}"
    return |message''',
    '''@dataclass
class {Noun}:
    """One |{noun}."""

    name: |str
    {field}: |float = 0.0
    tags: |list[str] = field(default_factory=list)

    def label(|self) -> str:
        """Return the |name with its {field}."""
        return |f"{{self.name}} ({{self.{field}}})"''',
    '''def find_{noun}({noun}s: |dict[str, str], name: str) -> str | None:
    """Return the |{noun} with this name."""
    for key, value in |{noun}s.items():
        if key == |name:
            return |value
    return |None''',
    '''def print_{noun}s({noun}s: |dict[str, float]) -> None:
    """Print each |{noun} with its {field}."""
    for name, {field} in |sorted({noun}s.items()):
        print(|f"{{name}}: {{{field}}}")''',
)


@dataclass(frozen=True, slots=True)
class Module:
    """One file: what is there already, what will be written, and where the developer pauses."""

    name: str
    header: str
    footer: str
    text: str
    pauses: tuple[int, ...]


def modules(
    nouns: tuple[str, ...], *, seed: int, templates: tuple[str, ...] = TEMPLATES
) -> list[Module]:
    """Return one module per noun, each with three of ``templates``; same seed, same modules."""
    chance = random.Random(seed)  # noqa: S311 - a script, not a secret
    order = list(nouns)
    chance.shuffle(order)
    return [_module(noun, chance, templates) for noun in order]


def endless(nouns: tuple[str, ...]) -> Iterator[Module]:
    """Yield modules for ever, no two alike: those of seed 1 first, then others in further files."""
    yield from modules(nouns, seed=1)
    for number in itertools.count(2):
        for module in modules(nouns, seed=number):
            yield replace(module, name=f"{number}_{module.name}")


def _module(noun: str, chance: random.Random, templates: tuple[str, ...]) -> Module:
    chosen = chance.sample(templates, 3)
    words = {"noun": noun, "Noun": noun.capitalize(), "field": chance.choice(FIELDS)}
    marked = "\n\n\n".join(_fill(template, words) for template in chosen)
    text, pauses = _pauses(marked)
    return Module(f"{noun}s.py", HEADER.format(**words), FOOTER, text, pauses)


def _fill(template: str, words: dict[str, str]) -> str:
    """Fill a template; `` | `` (with blanks) is Python's own and is kept apart from a pause."""
    return template.replace(" | ", " \x01 ").format(**words)


def _pauses(marked: str) -> tuple[str, tuple[int, ...]]:
    parts = marked.split("|")
    pauses, position = [], 0
    for part in parts[:-1]:
        position += len(part)
        pauses.append(position)
    return "".join(parts).replace("\x01", "|"), tuple(pauses)
