"""The trace format: what a ``.toml`` file here says, as values. README.md describes it."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOTAL = "def total(prices):\n    return |\n\nprint(total([1]))\n"
FIELDS = {
    "accepted": "accepted_chars",
    "retained": "retained_chars",
    "final": "final_text",
    "instead": "instead",
    "kept": "kept",
}


@dataclass(frozen=True)
class Truth:
    """What became of one showing, from the developer's view. ``given`` may leave fields open."""

    kind: str
    given: dict[str, Any] = field(default_factory=dict)
    flags: dict[str, frozenset[str]] = field(default_factory=dict)
    probes: dict[float, float] = field(default_factory=dict)

    def wrong(self, outcome: Any, *, hints: bool) -> str:
        """Return in what an outcome differs from the truth, "" if in nothing."""
        if outcome is None:
            return f"{self.kind}, but no outcome"
        if str(outcome.kind) != self.kind:
            return f"{self.kind}, but taken for {outcome.kind}"
        for name, value in self.given.items():
            found = getattr(outcome, FIELDS[name])
            if found != value:
                return f"{name} {value!r}, but {found!r}"
        wanted = self.flags["flags"] | self.flags["hinted" if hints else "unhinted"]
        if missing := wanted - set(outcome.flags):
            return f"flags {sorted(missing)} are missing"
        probes = {second: round(share, 2) for second, share in outcome.probes}
        if lost := {k: v for k, v in self.probes.items() if probes.get(k) != v}:
            return f"probes {lost}, but {probes}"
        return ""


@dataclass(frozen=True)
class Trace:
    """One story and its truths, one for each showing that is judged."""

    name: str
    text: str
    steps: tuple[tuple[str, tuple[Any, ...]], ...]
    truths: tuple[Truth, ...]
    file: str
    units: str = "utf-16"
    notebook: bool = False
    full: bool = False
    path: str = "a.py"


def traces() -> list[Trace]:
    """Return every trace of this directory."""
    return [
        _trace(entry, path.stem)
        for path in sorted(HERE.glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8"))["trace"]
    ]


def _trace(entry: dict[str, Any], file: str) -> Trace:
    became = entry.pop("became")
    story = entry.pop("story")
    return Trace(
        name=entry.pop("name"),
        text=entry.pop("text", TOTAL),
        steps=tuple(steps(story)),
        truths=tuple(_truth(each) for each in (became if isinstance(became, list) else [became])),
        file=file,
        **entry,
    )


def _truth(entry: dict[str, Any]) -> Truth:
    flags = {name: frozenset(entry.pop(name, ())) for name in ("flags", "hinted", "unhinted")}
    probes = {float(second): share for second, share in entry.pop("probes", ())}
    kind = entry.pop("kind")
    assert set(entry) <= set(FIELDS), entry
    return Truth(kind, entry, flags, probes)


def steps(story: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Read a story: a verb per line, then its arguments in JSON."""
    decoder = json.JSONDecoder()
    for line in filter(None, map(str.strip, story.splitlines())):
        verb, rest = re.match(r"([a-z-]+)\s*(.*)", line).groups()
        arguments = []
        while rest:
            value, end = decoder.raw_decode(rest)
            arguments.append(value)
            rest = rest[end:].lstrip()
        yield verb, tuple(arguments)
