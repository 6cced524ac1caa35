"""``make soak``: plays every fault at its full count and writes what happened.

``--share 0.1`` plays a tenth of each; Ctrl-C ends early and reports what was counted until then.
The exit status is 1 if any fault did what it must not do.
"""

import argparse
import json
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path

from samples import MEMORY

from penchant_core import __version__
from soak import damage, kills, shortage
from soak.tally import Tally

FAULTS = {
    "kill -9 while writing": (kills.play, 10_000),
    "damaged database file": (damage.play, 10_000),
    "disk full, at every size": (shortage.play_disk, 1_000),
    "file handles gone, at every count": (shortage.play_handles, 300),
    "language server short of everything": (shortage.play_server, 120),
}


def main() -> int:
    """Play; return the exit status."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="share of the full counts")
    parser.add_argument("--only", choices=FAULTS, action="append", help="play only these")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results.json"))
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tallies: list[Tally] = []
    try:
        for name in asked.only or FAULTS:
            play, count = FAULTS[name]
            tallies.append(Tally(name, max(1, round(count * asked.share)), quiet=False))
            with tempfile.TemporaryDirectory(dir=MEMORY, prefix="penchant-soak-") as directory:
                play(tallies[-1], Path(directory))
    except KeyboardInterrupt:
        print("ended early; these are the counts so far", file=sys.stderr)
    asked.out.write_text(json.dumps(_report(tallies), indent=1) + "\n", "utf-8")
    print(_table(tallies))
    print(f"written to {asked.out}")
    return 1 if any(tally.failures for tally in tallies) else 0


def _report(tallies: list[Tally]) -> dict[str, object]:
    return {
        "version": __version__,
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "faults": [tally.as_json() for tally in tallies],
    }


def _table(tallies: list[Tally]) -> str:
    rows = ["| fault | played | failures | seconds |", "| --- | ---: | ---: | ---: |"]
    for tally in tallies:
        failed = sum(tally.failures.values())
        rows.append(f"| {tally.name} | {tally.played:,} | {failed} | {tally.seconds:.0f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
