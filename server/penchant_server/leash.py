"""``python -m penchant_server.leash COMMAND…``: a process that never outlives its owner.

Runs the command in a process group of its own and watches standard input: the owner holds the other
end of that pipe, and the kernel closes it however the owner dies. Then, or on SIGTERM, the whole
group is asked to end and, after a grace period, killed. Exits with the command's status. Standard
library only, so that it starts in milliseconds.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

GRACE_S = 6
_PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


def main(command: list[str]) -> int:
    """Run ``command`` on the leash; return its exit status (128 + n for signal n)."""
    # preexec_fn is safe here: this process has no second thread yet.
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_together(),  # noqa: PLW1509
    )
    ending = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ending
        if not ending:
            ending = True
            _signal_group(child.pid, signal.SIGTERM)
            signal.alarm(GRACE_S)

    def kill(_number: int, _frame: FrameType | None) -> None:
        _signal_group(child.pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, kill)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    threading.Thread(target=_watch_owner, daemon=True).start()
    status = child.wait()
    signal.alarm(0)
    _signal_group(child.pid, signal.SIGKILL)  # what the command left behind
    return status if status >= 0 else 128 - status


def _watch_owner() -> None:
    while True:
        select.select([0], [], [])
        if not os.read(0, 64):
            os.kill(os.getpid(), signal.SIGTERM)
            return


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _die_together() -> Callable[[], None] | None:
    """Return what makes the child die with this process even when that is killed outright."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
