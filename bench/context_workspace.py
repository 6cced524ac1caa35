"""A generated workspace of many files: how long its index takes, how large it gets, whom it delays.

A fifth of the files are ignored, and some are minified. The index is asked while it is made and
afterwards, and the first completions of a real language server are timed beside it (with the
embedded engine). Also tells whether the text of an ignored file was ever found.
"""

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import psutil

from bench.samples import spread
from penchant_lsp.context.index import Index
from penchant_trainer.demo.editor import Editor
from penchant_trainer.demo.stage import gateway

CANARY = "ignored_canary"
DEADLINE_S = 900.0


def measure(home: Path, files: int) -> dict[str, Any]:
    """Return the figures of one workspace of ``files`` files."""
    root = home / "workspace"
    begun = time.perf_counter()
    written = generate(root, files)
    made_s = time.perf_counter() - begun
    return {
        "files": files,
        "bytes": written,
        "generating_s": round(made_s, 1),
        **_index(root, files),
        **asyncio.run(_completions(home, root)),
    }


def generate(root: Path, files: int) -> int:
    """Write the workspace; return how many bytes it has."""
    dice = random.Random(3)
    root.mkdir(parents=True)
    (root / ".gitignore").write_text("generated/\n*.gen.py\n")
    total = 0
    for number in range(files):
        ignored = number % 5 == 4
        directory = root / f"part{number // 400}" / f"area{number // 40 % 10}"
        directory = directory / "generated" if ignored else directory
        directory.mkdir(parents=True, exist_ok=True)
        text = _module(number, dice, CANARY if ignored else "value")
        if number % 97 == 3:
            text = "x = [" + "1, " * 1500 + "]\n"  # on one line: nobody wrote that
        (directory / f"module_{number}.py").write_text(text)
        total += len(text)
    return total


def _module(number: int, dice: random.Random, word: str) -> str:
    lines = [f'"""Module {number}."""', "", "import os", ""]
    for each in range(dice.randint(3, 12)):
        lines += [
            f"class Thing{number}_{each}:",
            f'    """Holds the {word} of {each}."""',
            "",
            f"    def read_{word}(self, size: int, name: str = '') -> str:",
            f'        """Read {each} of {number}."""',
            f"        path = os.path.join(name, '{number}')",
            "        return path[:size]",
            "",
            f"    def write_{word}(self, text: str) -> None:",
            "        self.text = text",
            "",
        ]
    return "\n".join(lines)


def _index(root: Path, files: int) -> dict[str, Any]:
    index = Index(files, delay_s=0)
    slow: list[float] = []
    answered = 0
    begun = time.perf_counter()
    try:
        while not index.watch(root, ()):
            time.sleep(0.01)
        process = psutil.Process(index.process_id)
        state: dict[str, Any] = {}
        largest = 0
        while not state.get("crawled") and time.perf_counter() - begun < DEADLINE_S:
            asked = time.perf_counter()
            state = index.state(root, 5.0)
            slow.append((time.perf_counter() - asked) * 1000)
            answered += bool(state)
            largest = max(largest, process.memory_info().rss)
            time.sleep(0.05)
        took_s = time.perf_counter() - begun
        cpu = process.cpu_times()
        again = _looks(index, root, files)
        leaked = [hit for hit in _canaries(index, root) if CANARY in hit]
    finally:
        index.close()
    p50, p95 = spread(slow)
    return {
        "index_s": round(took_s, 1),
        "index_cpu_s": round(cpu.user + cpu.system, 1),
        "index_memory_mb": round(largest / 1e6),
        "definitions": state.get("definitions"),
        "question_while_indexing_ms": {"p50": round(p50, 2), "p95": round(p95, 2)},
        "question_afterwards_ms": again,
        "ignored_found": len(leaked),
    }


async def _completions(home: Path, root: Path) -> dict[str, Any]:
    """Time the first completion after start and 30 keystrokes, with context and without."""
    found: dict[str, Any] = {}
    with gateway(home, {"PENCHANT_COMPLETION__DEBOUNCE_MS": "40"}) as stage:
        for name, sources in (("warm_up", "[]"), ("without", "[]"), ("with", None)):
            environment = stage.as_developer("bench")
            if sources is not None:
                environment["PENCHANT_CONTEXT__SOURCES"] = sources
            async with Editor(root, environment) as editor:
                first, later = await _typed(editor, name)
            if name != "warm_up":
                p50, p95 = spread(later)
                found[f"first_completion_{name}_ms"] = round(first)
                found[f"keystroke_{name}_ms"] = {"p50": round(p50, 1), "p95": round(p95, 1)}
    return found


async def _typed(editor: Editor, name: str) -> tuple[float, list[float]]:
    header = f"# {name}\nfrom part0.area0.module_0 import Thing0_0\n\nthing = Thing0_0()\n"
    editor.open(f"opened_{name}.py", header + "x0 = ", "\n")
    spent = []
    for number in range(31):
        editor.type(f"\nx{number + 1} = ")
        begun = time.perf_counter()
        await editor.suggest()
        spent.append((time.perf_counter() - begun) * 1000)
    editor.delete_back(1)
    return spent[0], spent[1:]


def _looks(index: Index, root: Path, files: int) -> dict[str, float]:
    dice, spent = random.Random(5), []
    for _ in range(200):
        number = dice.randrange(files)
        names = {f"Thing{number}_1(": 1.0, f"Thing{number}_2": 0.5, "thing.read_value(": 0.3}
        begun = time.perf_counter()
        index.look(root, "part0/area0/module_0.py", "python", [], names)
        spent.append((time.perf_counter() - begun) * 1000)
    p50, p95 = spread(spent)
    return {"p50": round(p50, 2), "p95": round(p95, 2)}


def _canaries(index: Index, root: Path) -> list[str]:
    names = {f"thing.read_{CANARY}(": 1.0, "Thing4_0(": 1.0, "Thing9_1(": 1.0}
    found = index.look(root, "part0/area0/module_0.py", "python", [], names)
    return [hit.text for hit in found.hits]
