"""Two trainers at once: one works, the other says so and leaves."""

import json
import subprocess

from unit.trainer.conftest import command, environment

from penchant_core.paths import Paths
from penchant_trainer.lock import exclusive


def test_the_second_trainer_is_busy_and_exits_well(paths: Paths) -> None:
    with exclusive(paths.runs / "ada"):
        done = subprocess.run(
            command("--once", "--json", "--force"),
            env=environment(paths.data.parent),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["status"] == "busy"
    assert "another training run" in report["reasons"][0]


def test_of_many_at_once_one_wins(paths: Paths) -> None:
    """All start together; whoever finds the lock taken is busy, whoever has it reports itself."""
    children = [
        subprocess.Popen(
            command("--once", "--json"),
            env=environment(paths.data.parent),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    found = [json.loads(child.communicate(timeout=60)[0])["status"] for child in children]
    assert set(found) <= {"waiting", "busy"}
    assert "waiting" in found
