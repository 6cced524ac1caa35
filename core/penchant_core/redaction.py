"""Finds secrets in text, by a table of rules, so that a signal that holds one is dropped whole.

Masking would keep the shape of what was masked; dropping keeps nothing. The rules are data
(``redaction_rules.toml``), each with samples that test it. Entropy is only asked about next to a
keyword. Also decides which files are never recorded at all. Knows nothing of signals or stores.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import PurePosixPath

IGNORED_FILES = (
    ".env*",
    "*.env",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ovpn",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    ".netrc",
    ".pgpass",
    ".npmrc",
    ".pypirc",
    ".htpasswd",
    "*credentials*",
    "*secrets*",
    "*.tfvars",
    "*.tfstate",
    "kubeconfig*",
)
"""Files that are never recorded, whatever is in them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret.

    ``entropy`` (bits per character) and ``jumps`` (share of neighbours of different kinds) are
    asked of the group ``value``.
    """

    name: str
    keywords: tuple[str, ...]
    pattern: re.Pattern[str]
    samples: tuple[str, ...]
    entropy: float = 0.0
    jumps: float = 0.0

    def finds(self, text: "Searched") -> bool:
        """Whether ``text`` holds a secret of this kind."""
        return any(
            self._strong(match)
            for line in text.lines_with(self.keywords)
            for match in self.pattern.finditer(line)
        )

    def _strong(self, match: re.Match[str]) -> bool:
        if self.entropy and _entropy(match["value"]) < self.entropy:
            return False
        return not self.jumps or _jumps(match["value"]) >= self.jumps


class Searched:
    """A text that many rules look through: most of them look at no line of it at all."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lowered = text.lower()
        self._threes = set(zip(self._lowered, self._lowered[1:], self._lowered[2:], strict=False))
        self._known: dict[tuple[str, ...], list[str]] = {}

    def lines_with(self, words: tuple[str, ...]) -> list[str]:
        """Return the lines that hold one of ``words``, which are lower case."""
        found = self._known.get(words)
        if found is None:
            found = self._known[words] = self._search(words)
        return found

    def _search(self, words: tuple[str, ...]) -> list[str]:
        text, lowered = self._text, self._lowered
        if len(text) != len(lowered):  # some letters grow when they are made small
            return [text]
        starts: dict[int, int] = {}
        for word in words:
            # Hundreds of words are looked for: one look at three letters rules most of them out.
            at = lowered.find(word) if _first_three(word) in self._threes or len(word) < 3 else -1
            while at >= 0:
                end = lowered.find("\n", at)
                end = len(text) if end < 0 else end
                starts[lowered.rfind("\n", 0, at) + 1] = end
                at = lowered.find(word, end)
        return [text[start:end] for start, end in starts.items()]


@cache
def _first_three(word: str) -> tuple[str, ...]:
    return tuple(word[:3])


@cache
def rules() -> tuple[Rule, ...]:
    """Return the table of rules."""
    text = files("penchant_core").joinpath("redaction_rules.toml").read_text("utf-8")
    return tuple(
        Rule(
            name=entry["name"],
            keywords=tuple(entry["keywords"]),
            pattern=re.compile(entry["pattern"]),
            samples=tuple(sample.replace("¦", "") for sample in entry["samples"]),
            entropy=entry.get("entropy", 0.0),
            jumps=entry.get("jumps", 0.0),
        )
        for entry in tomllib.loads(text)["rule"]
    )


def secret_in(texts: Iterable[str]) -> str | None:
    """Return the name of the first rule that finds a secret in any of ``texts``, else None."""
    for text in texts:
        searched = Searched(text)
        for rule in rules():
            if rule.finds(searched):
                return rule.name
    return None


def ignored(path: str, globs: Iterable[str] = ()) -> bool:
    """Whether the file at ``path`` (``/``-separated, relative) must never be recorded.

    A glob without ``/`` is compared with every part of the path, one with it with the path and
    every directory above it, at any depth: ``private/`` means all that is below.
    """
    parts = [part for part in PurePosixPath(path.lower()).parts if part != "/"]
    heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    for glob in (*IGNORED_FILES, *(glob.lower() for glob in globs)):
        if "/" in glob:
            wanted = glob.removeprefix("**/").strip("/").removesuffix("/**")
            if any(fnmatchcase(head, g) for head in heads for g in (wanted, f"*/{wanted}")):
                return True
        elif any(fnmatchcase(part, glob) for part in parts):
            return True
    return False


def _entropy(value: str) -> float:
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def _jumps(value: str) -> float:
    """Return the share of neighbouring letters and digits of different kinds.

    Random text jumps at every third character or more; a name made of words hardly ever. Names do
    jump where no digit is asked for ("getURLOfNode"), so that without one a jump counts half.
    """
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in value if c.isalnum()]
    if len(set(kinds)) < 2:
        return 0.0
    share = sum(a != b for a, b in pairwise(kinds)) / (len(kinds) - 1)
    return share if "d" in kinds else share / 2
