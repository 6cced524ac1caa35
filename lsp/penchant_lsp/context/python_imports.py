"""The import statements of Python code that may just be being written.

Read line by line, so that a syntax error elsewhere costs nothing; imports inside functions and
``if TYPE_CHECKING:`` count as well. Knows nothing of where modules are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 400

_STATEMENT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>\.*[\w.]*)[ \t]+import[ \t]+"
    r"(?P<names>\([^()]*\)?|[^\n#;]+)|import[ \t]+(?P<modules>[^\n#;]+))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")
_NAMED = re.compile(r"^(?P<name>[\w.]+|\*)(?:\s+as\s+(?P<alias>\w+))?$")


@dataclass(frozen=True, slots=True)
class Import:
    """``local`` means ``name`` of ``module``; an empty ``name`` means the module itself.

    ``module`` keeps the leading dots of a relative import. ``name`` and ``local`` are ``*`` where
    everything is imported.
    """

    local: str
    module: str
    name: str


def imports(source: str) -> list[Import]:
    """Return what a text imports, in its order."""
    found: list[Import] = []
    for match in _STATEMENT.finditer(source.replace("\\\n", " ")):
        found += _from(match["module"], match["names"]) if match["names"] else _plain(match)
        if len(found) >= MOST:
            break
    return found[:MOST]


def _from(module: str, names: str) -> Iterator[Import]:
    for name, alias in _listed(names):
        if "." not in name:
            yield Import(alias or name, module, name)


def _plain(match: re.Match[str]) -> Iterator[Import]:
    for module, alias in _listed(match["modules"]):
        if module != "*":
            # ``import a.b`` binds ``a``, but what is written afterwards begins with ``a.b``.
            yield Import(alias or module, module, "")


def _listed(text: str) -> Iterator[tuple[str, str | None]]:
    for part in _COMMENT.sub("", text).strip("() \t\n").split(","):
        match = _NAMED.match(part.strip())
        if match is not None:
            yield match["name"], match["alias"]
