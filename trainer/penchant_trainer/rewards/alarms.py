"""How often a check rejects real code, and how often it notices a mistake: the checks' own check.

``python -m penchant_trainer.rewards.alarms DIRECTORY… --places 300`` takes real Python files, puts
the cursor where people write, takes what stands there for the suggestion, and counts the checks
that call it wrong: a false alarm. Then it plants one mistake of a known kind in the same text and
counts who notices. A check that rejects real code is worse than none. Nothing of the files is run.
"""

import argparse
import ast
import io
import json
import random
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from penchant_core.commands.output import print_table
from penchant_core.judging_settings import JudgingSettings
from penchant_core.syntax import parses
from penchant_trainer.pretrain.cursors import draw
from penchant_trainer.rewards.placement import PREFIX_CHARS, SUFFIX_CHARS, Placement, placed
from penchant_trainer.rewards.verifiable import checks
from penchant_trainer.units import Event

_MOST_CHARS = 200_000
Spoil = Callable[[str, str, str, random.Random], str | None]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one check said about real code, and about code with one mistake planted in it.

    ``noticed`` of ``spoilt`` planted mistakes of the kind that the check is for.
    """

    check: str
    places: int
    judged: int
    alarms: int
    spoilt: int
    noticed: int


def places(paths: Iterable[Path], count: int, seed: int) -> list[Event]:
    """Return places in real files that parse, with what stands there as the truth."""
    chance = random.Random(seed)  # noqa: S311 - draws places, guards nothing
    files = sorted(file for path in paths for file in path.rglob("*.py"))
    chance.shuffle(files)
    found: list[Event] = []
    for file in files:
        if len(found) >= count:
            break
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if 200 < len(text) < _MOST_CHARS and parses(text):
            found += _drawn(text, file.name, chance)
    return found[:count]


def measure(events: Sequence[Event], settings: JudgingSettings, seed: int) -> list[Figures]:
    """Return the figures of every check that can reject a text outright."""
    chance = random.Random(seed)  # noqa: S311 - draws places, guards nothing
    truths = [event.truth or "" for event in events]
    found = []
    for name, check in checks(settings).items():
        if name == "brevity":
            continue
        scores = check.scores(events, truths)
        spoilt = [(e, _spoilt(name, e, t, chance)) for e, t in zip(events, truths, strict=True)]
        planted = [(event, text) for event, text in spoilt if text is not None]
        noticed = check.scores([e for e, _ in planted], [t for _, t in planted])
        found.append(
            Figures(
                name,
                len(events),
                sum(score is not None for score in scores),
                sum(score == 0 for score in scores),
                len(planted),
                sum(score == 0 for score in noticed),
            )
        )
    return found


def _drawn(text: str, name: str, chance: random.Random, most: int = 3) -> Iterator[Event]:
    for _ in range(most):
        cut = draw(text, chance.randrange(len(text)), chance)
        if cut is None or not text[cut.begin : cut.end].strip():
            continue
        before, after = text[: cut.begin][-PREFIX_CHARS:], text[cut.end :][:SUFFIX_CHARS]
        truth = text[cut.begin : cut.end]
        yield Event(name, 0, 0.0, "", name, "python", before, after, (), truth)


def _spoilt(check: str, event: Event, text: str, chance: random.Random) -> str | None:
    spoil = _SPOILERS.get(check)
    return spoil(event.prefix, text, event.suffix, chance) if spoil else None


def _unbalanced(prefix: str, text: str, suffix: str, chance: random.Random) -> str | None:
    """Take out a bracket or a colon that is not part of a string."""
    place = placed(prefix, text, suffix)
    if place is None:
        return None
    spots = []
    for token in tokenize.generate_tokens(io.StringIO(place.source).readline):
        if token.type == tokenize.OP and token.string in "()[]{}:":
            spots.append(_offset(place, token.start[0], token.start[1]))
    inside = [at for at in spots if 0 <= at < len(text)]
    if not inside:
        return None
    at = chance.choice(inside)
    return text[:at] + text[at + 1 :]


def _renamed(prefix: str, text: str, suffix: str, chance: random.Random) -> str | None:
    """Add a letter to a name that the text reads."""
    return _lengthened(prefix, text, suffix, chance, _read_names)


def _misspelt(prefix: str, text: str, suffix: str, chance: random.Random) -> str | None:
    """Add a letter to an attribute or a keyword that the text uses."""
    return _lengthened(prefix, text, suffix, chance, _used_attributes)


def _lengthened(
    prefix: str,
    text: str,
    suffix: str,
    chance: random.Random,
    ends: Callable[[ast.AST], tuple[int, int] | None],
) -> str | None:
    place = placed(prefix, text, suffix)
    if place is None:
        return None
    found = [end for node in ast.walk(place.tree) if (end := ends(node))]
    spots = [_offset(place, line, _characters(place, line, column)) for line, column in found]
    inside = [at for at in spots if 0 < at < len(text)]
    if not inside:
        return None
    at = chance.choice(inside)
    return f"{text[:at]}q{text[at:]}"


def _read_names(node: ast.AST) -> tuple[int, int] | None:
    """Return where a name that is read ends (line, UTF-8 column), None for other nodes."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return node.end_lineno or 0, node.end_col_offset or 0
    return None


def _used_attributes(node: ast.AST) -> tuple[int, int] | None:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        return node.end_lineno or 0, node.end_col_offset or 0
    if isinstance(node, ast.keyword) and node.arg:
        return node.lineno, node.col_offset + len(node.arg.encode())
    return None


def _characters(place: Placement, line: int, column: int) -> int:
    return len(place.source.split("\n")[line - 1].encode()[:column].decode())


def _offset(place: Placement, line: int, column: int) -> int:
    """Return where a place of the file (characters) is in the text; below 0 if before it."""
    lines = place.source.split("\n")
    begin = sum(len(one) + 1 for one in lines[: place.begin[0] - 1])
    begin += _characters(place, *place.begin)
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - begin


def _dangerous(_prefix: str, text: str, _suffix: str, _chance: random.Random) -> str | None:
    return re.sub(r"=\s*\w+$", "= eval(data)", text) if re.search(r"=\s*\w+$", text) else None


def _repeated(prefix: str, _text: str, _suffix: str, _chance: random.Random) -> str | None:
    *lines, current = prefix.split("\n")
    lines = [line for line in lines if line.strip()]
    if current.strip():
        return None
    return lines[-1].strip() if lines and len(lines[-1].strip()) > 12 else None


_SPOILERS: dict[str, Spoil] = {
    "parses": _unbalanced,
    "names": _renamed,
    "api": _misspelt,
    "harmless": _dangerous,
    "fresh": _repeated,
}


def main() -> None:
    """Print the table, or JSON, for the directories of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", nargs="+", type=Path)
    parser.add_argument("--places", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    events = places(chosen.directory, chosen.places, chosen.seed)
    found = measure(events, JudgingSettings(), chosen.seed)
    if chosen.json:
        rows = [{name: getattr(f, name) for name in Figures.__slots__} for f in found]
        print(json.dumps(rows))  # noqa: T201
        return
    header = ("CHECK", "PLACES", "JUDGED", "FALSE ALARMS", "SPOILT", "NOTICED")
    print_table([[getattr(f, n) for n in Figures.__slots__] for f in found], header)


if __name__ == "__main__":
    main()
