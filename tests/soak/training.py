"""``python -m soak.training``: real runs with every method, killed with -9 in phase after phase.

One run takes a blow in each phase, at a random moment of it: kill, go on, kill in the next. After
each, ledger and store must be sound; in the end the run must have gone on (or begun cleanly anew)
and published one version or refused, never two and never half of one. Rounds are played until each
phase has died ``--times`` times. Three early ends make a run count as failed, so the count of them
is set back between blows: giving up is another test's (tests/fault/test_trainer_resume.py).
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unit.trainer import developers
from unit.trainer.conftest import command, environment

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.errors import PenchantError
from penchant_trainer.curves import PREFIX
from penchant_trainer.ledger import PHASES, Ledger, RunRow
from soak.tally import Tally

KILLED = PHASES[:-1]
SETTINGS = {
    "PENCHANT_TRAINING__MIN_EXAMPLES": "20",
    "PENCHANT_TRAINING__MIN_PAIRS_DPO": "20",
    "PENCHANT_TRAINING__METHODS": '["sft", "dpo", "kto", "grpo", "ppo"]',
    "PENCHANT_TRAINING__RECIPE": (
        "{ sft_tokens = 20000, dpo_tokens = 3000, kto_tokens = 6000, reward_tokens = 8000, "
        "grpo_tokens = 3000, ppo_tokens = 3000, judge_accuracy = 0.5, held_out_limit = 16, "
        "neutral_held_out = 16 }"
    ),
}
LONGEST_LIFE_S = 1800
ENDED = ("published", "refused")


@dataclass(slots=True)
class Round:
    """One developer, and one run that dies and rises; ``deaths`` counts by phase."""

    home: Path
    tally: Tally
    deaths: Counter[str]
    runs: set[str] = field(default_factory=set)

    def prepare(self) -> None:
        """Write the developer's signal log."""
        log = self.home / "data" / "signals" / "ada.db"
        developers.write_log(log, developers.signals(60, 2))

    def live(self, *program: str) -> "subprocess.CompletedProcess[str]":
        """Let a trainer live until it ends or is killed."""
        return subprocess.run(
            [*program, "--once", "--json", "--force"],
            env=environment(self.home, **SETTINGS),
            capture_output=True,
            text=True,
            timeout=LONGEST_LIFE_S,
            check=False,
        )

    def die_in(self, phase: str, seconds: float) -> bool:
        """Kill a trainer that long after the phase began; return whether its run is over."""
        arguments = ("-m", "soak.mortal", phase, str(seconds))
        done = self.live(sys.executable, *arguments)
        killed = done.returncode == -signal.SIGKILL
        self.tally.expect(killed or done.returncode == 0, f"failed: {done.stderr[-300:]}")
        row = self.row()
        if row is None or row.status in ENDED:
            return row is not None
        self.runs.add(row.id)
        struck = PHASES[PHASES.index(row.phase) + 1 if row.phase else 0]
        self.tally.expect(killed, f"ended early in {struck}")
        self.deaths[struck] += killed
        self.tally.seen[f"killed in {struck}"] += killed
        self.sound(whole=False)
        return False

    def row(self) -> RunRow | None:
        """Return the newest run, its early ends forgotten."""
        with closing(Ledger(self.home / "state" / "runs" / "ada")) as ledger:
            self.tally.expect(ledger.set_aside is None, "ledger set aside")
            row = ledger.last("dev/ada")
            if row is not None and row.status == "running":
                row = ledger.update(row.id, attempts=1)
            return row

    def sound(self, *, whole: bool) -> list[str]:
        """Expect only whole versions in the store, at most one; return their names."""
        base = models.resolve("bundled")
        store = AdapterStore(self.home / "data" / "adapters", base.fingerprint)
        names = list(store.names("dev/ada"))
        self.tally.expect(len(names) <= 1, "more than one version of one run")
        for name in names:
            try:
                store.verify(store.get("dev/ada", name), base.directory)
            except PenchantError as error:
                self.tally.expect(False, f"half an adapter: {type(error).__name__}")
        pointed = store.pointer("dev/ada").version
        self.tally.expect(pointed in (None, *names), "the live version is not there")
        if whole:
            self.tally.expect(names == ([pointed] if pointed else []), "published, not live")
        return names

    def finish(self, over: bool) -> dict[str, Any]:
        """Let the run end by itself and expect one decision; return its report, if it gave one."""
        report: dict[str, Any] = {}
        if not over:
            done = self.live(*command())
            self.tally.expect(done.returncode == 0, f"failed: {done.stderr[-300:]}")
            report = json.loads(done.stdout or "{}")
        names, row = self.sound(whole=True), self.row()
        status = row.status if row else "none"
        self.tally.expect(status in ENDED, f"the run is {status} in the end")
        self.tally.expect(len(names) == (status == "published"), f"{status}: {len(names)} versions")
        self.tally.expect(len({*self.runs, row.id if row else ""}) == 1, "more than one run")
        self.tally.seen[status] += 1
        if not over and row:
            self.tidy(self.home / "state" / "runs" / "ada" / row.id)
        return report

    def tidy(self, directory: Path) -> None:
        """Expect that an ended run keeps its figures and its curves alone.

        Of a result that was being written when the blow fell, a temporary file stays: figures too.
        """
        left = [path for path in directory.rglob("*") if path.is_file()]
        strays = [path for path in left if path.name.endswith(".tmp") and ".json." in path.name]
        self.tally.seen["half-written figures left"] += len(strays)
        curves = [path for path in left if path.name.startswith(PREFIX)]
        kinds = {path.suffix for path in left if path not in (*strays, *curves)}
        self.tally.expect(kinds == {".json"}, f"left behind: {sorted(kinds)}")


def play(tally: Tally, directory: Path, *, times: int, seed: int = 3) -> Counter[str]:
    """Play rounds until each phase has died ``times`` times; return the deaths by phase."""
    dice, deaths = random.Random(seed), Counter[str]()
    first = Round(directory / "undisturbed", tally, deaths)
    first.prepare()
    spans = first.finish(over=False).get("phases", {})
    for number in range(3 * times):
        missing = [phase for phase in KILLED if deaths[phase] < times]
        if not missing:
            break
        one = Round(directory / f"round-{number}", tally, deaths)
        one.prepare()
        over = False
        for phase in missing:
            over = over or one.die_in(phase, dice.uniform(0, spans.get(phase, 1.0)))
            tally.step()
        one.finish(over)
    for phase in KILLED:
        tally.expect(deaths[phase] >= times, f"only {deaths[phase]} deaths in {phase}")
    return deaths


def main() -> int:
    """Play; print the deaths by phase and write them down; return the exit status."""
    parser = argparse.ArgumentParser(prog="soak.training", description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="deaths in each phase")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("training.json"))
    asked = parser.parse_args()
    tally = Tally("kill -9 of a training run", asked.times * len(KILLED), quiet=False)
    with tempfile.TemporaryDirectory(prefix="penchant-soak-") as directory:
        deaths = play(tally, Path(directory), times=asked.times, seed=asked.seed)
    asked.out.write_text(json.dumps(tally.as_json(), indent=1) + "\n", "utf-8")
    for phase in KILLED:
        print(f"{phase:14} killed {deaths[phase]} times")
    print(f"{sum(tally.failures.values())} failures; written to {asked.out}")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
