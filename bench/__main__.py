"""``python -m bench``: prints one table of ratios and writes ``bench/results.json``.

Each of these is measured alone: ``python -m bench context``, what context is worth
(``bench/context.py``); ``copying``, how far to trust copies (``bench/copying.py``); ``filters``,
what each filter is worth (``bench/filters.py``); ``training``, what a training step costs
(``bench/training.py``); ``peers``, Penchant beside other assistants (``bench/peers.py``). A whole
run does the last two at its end. Every row compares two things measured side by side in this run,
so that a busy machine slows both. Nothing here fails a test run.
"""

import asyncio
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench import (
    cancel,
    context,
    copying,
    filters,
    keystroke,
    log,
    peers,
    recording,
    secrets,
    training,
)
from bench.samples import Row
from penchant_core import __version__

RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Run every benchmark and report."""
    rows: list[Row] = []
    for module in (keystroke, cancel, recording, log, secrets):
        with tempfile.TemporaryDirectory(prefix="penchant-bench-") as home:
            rows += asyncio.run(module.measure(Path(home)))
    _print(rows)
    RESULTS.write_text(json.dumps({**machine(), "rows": [row.as_json() for row in rows]}, indent=1))
    print(f"written to {RESULTS}")
    peers.main()
    training.main([])


def machine() -> dict[str, object]:
    """Return what the figures were taken on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "version": __version__,
        "commit": commit.stdout.strip(),
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "load": round(psutil.getloadavg()[0], 1),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _print(rows: list[Row]) -> None:
    table = Table("what", "p50", "p95", "against", "p50", "p95", "ratio p50", "ratio p95", "n")
    for row in rows:
        table.add_row(*row.cells())
    Console(width=150).print(table)


if __name__ == "__main__":
    if sys.argv[1:2] == ["context"]:
        context.main(sys.argv[2:])
    elif sys.argv[1:2] == ["copying"]:
        copying.main(sys.argv[2:])
    elif sys.argv[1:2] == ["filters"]:
        filters.main(sys.argv[2:])
    elif sys.argv[1:2] == ["training"]:
        training.main(sys.argv[2:])
    elif sys.argv[1:2] == ["peers"]:
        peers.main(sys.argv[2:])
    else:
        main()
