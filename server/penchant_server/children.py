"""Child processes of ``penchant up``: each on a leash, ended together.

A child gets a process group of its own, so Ctrl-C in the terminal reaches only ``up``, which ends
them in order. Knows nothing of what they do.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STOP_S = 15.0


@dataclass(frozen=True, slots=True)
class Child:
    """One running child; ``name`` is for messages."""

    name: str
    process: "subprocess.Popen[bytes]"

    @property
    def status(self) -> int | None:
        """Its exit status, None while it runs."""
        return self.process.poll()

    def end(self) -> None:
        """Let go of the leash: the child is asked to end and, if need be, killed."""
        if self.process.stdin:
            self.process.stdin.close()

    def wait(self) -> None:
        """Wait until it has ended; kill it when it takes too long."""
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_child(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
    """Start ``penchant ARGUMENTS…`` on a leash; its messages go where this process's go."""
    command = [sys.executable, "-m", "penchant_core.cli", *arguments]
    process = subprocess.Popen(
        [sys.executable, "-m", "penchant_server.leash", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=dict(environment),
        start_new_session=True,
    )
    return Child(name, process)


def end_all(children: Sequence[Child]) -> None:
    """End all children at once and wait for each."""
    for child in children:
        child.end()
    for child in children:
        child.wait()
