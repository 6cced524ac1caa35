"""Windows of ordinary code: the interpreter's own library, chosen by seed.

Its tests are left out: they hold keys and passwords on purpose. Knows nothing of the rules.
"""

import random
import sysconfig
from pathlib import Path

LINES = 40
_NOT_CODE = {"test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__"}


def windows(seed: int, count: int) -> list[tuple[str, str]]:
    """Return ``count`` windows of 40 lines, each with its place; every line is as likely."""
    files = [(path, lines) for path, lines in _library() if len(lines) > LINES]
    dice = random.Random(seed)
    found = []
    weights = [len(lines) for _, lines in files]
    for path, lines in dice.choices(files, weights, k=count):
        start = dice.randrange(len(lines) - LINES)
        found.append((f"{path.name}:{start + 1}", "".join(lines[start : start + LINES])))
    return found


def _library() -> list[tuple[Path, list[str]]]:
    root = Path(sysconfig.get_path("stdlib"))
    paths = [
        path for path in root.rglob("*.py") if not _NOT_CODE & set(path.relative_to(root).parts)
    ]
    return [(p, p.read_text("utf-8", "replace").splitlines(keepends=True)) for p in sorted(paths)]
