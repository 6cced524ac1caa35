"""``python -m soak.mortal PHASE SECONDS …``: ``penchant train`` that dies of SIGKILL in a phase.

A forked executioner strikes so long after the phase began; nothing in the trainer is changed. The
other arguments are those of ``penchant train``. If the phase is over sooner, the blow falls in what
comes next, and if the run is over, nowhere.
"""

import os
import signal
import sys
import time

from penchant_trainer import phases
from penchant_trainer.cli import train
from penchant_trainer.progress import Report
from penchant_trainer.run import Run


def strike_after(seconds: float) -> None:
    """Have this process killed in so many seconds, at whatever it is then."""
    doomed = os.getpid()
    if os.fork():
        return
    time.sleep(seconds)  # the moment is what is tried out
    if os.getppid() == doomed:
        os.kill(doomed, signal.SIGKILL)
    os._exit(0)


def doom(phase: str, seconds: float) -> None:
    """Let the executioner wait for a phase to begin."""
    real = phases.ALL[phase]

    def begun(run: Run, report: Report) -> dict[str, object]:
        strike_after(seconds)
        return real(run, report)

    phases.ALL[phase] = begun


if __name__ == "__main__":
    doom(sys.argv[1], float(sys.argv[2]))
    train(sys.argv[3:], prog_name="penchant train")
