"""A finished program as the sheet it was written on: what stood there when the cursor was here.

Half of the time a file ended at the cursor, else something was added in its middle. And half of the
time the file was new: then nothing but its imports stands above the statement that is being
written, so that the writer's style cannot simply be copied from further up. Knows nothing of
habits.
"""

import ast
import random
from dataclasses import dataclass

ENDS_HERE, IS_NEW = 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """A program with the offsets of its top-level statements (decorators belong to them)."""

    text: str
    starts: tuple[int, ...]
    imports: tuple[str, ...]

    def around(self, cursor: int, stop: int, chance: random.Random) -> tuple[str, str]:
        """Return prefix and suffix of what is written from ``cursor`` to ``stop``."""
        suffix = "\n" if chance.random() < ENDS_HERE else self.text[stop:]
        if chance.random() >= IS_NEW:
            return self.text[:cursor], suffix
        start = max((start for start in self.starts if start <= cursor), default=0)
        above = [line for line, at in zip(self.imports, self.starts, strict=True) if at < start]
        kept = "".join(f"{line}\n" for line in above if line)
        return (f"{kept}\n\n" if kept else "") + self.text[start:cursor], suffix


def sheet(text: str) -> Sheet:
    """Return the sheet of a program that parses."""
    offsets = [0]
    for line in text.split("\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    starts, imports = [], []
    for node in ast.parse(text).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        starts.append(offsets[first - 1])
        whole = text[offsets[first - 1] : offsets[node.end_lineno or first]].rstrip("\n")
        imports.append(whole if isinstance(node, ast.Import | ast.ImportFrom) else "")
    return Sheet(text, tuple(starts), tuple(imports))
