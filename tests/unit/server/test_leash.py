"""A process on the leash ends with its owner, and its own children with it."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from serving import wait_for

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
open(sys.argv[1], "w").write("up")
time.sleep(100)
"""
MEEK = STUBBORN.replace("signal.signal(signal.SIGTERM, signal.SIG_IGN)", "")


def leashed(*command: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "penchant_server.leash", *command],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def family(leash: "subprocess.Popen[bytes]", mark: Path) -> list[psutil.Process]:
    wait_for(mark.exists)
    return psutil.Process(leash.pid).children(recursive=True)


@pytest.mark.parametrize("status", [0, 3])
def test_the_commands_status_is_the_leashs(status: int) -> None:
    with leashed(sys.executable, "-c", f"raise SystemExit({status})") as leash:
        assert leash.wait(10) == status


def test_a_killed_command_reads_like_in_a_shell() -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with leashed(sys.executable, "-c", code) as leash:
        assert leash.wait(10) == 128 + signal.SIGKILL


@pytest.mark.parametrize("how", ["let go", "terminated", "killed"])
def test_the_whole_family_ends(tmp_path: Path, how: str) -> None:
    mark = tmp_path / "mark"
    with leashed(sys.executable, "-c", MEEK, str(mark)) as leash:
        children = family(leash, mark)
        assert len(children) == 2
        if how == "let go":
            assert leash.stdin
            leash.stdin.close()
        elif how == "terminated":
            leash.terminate()
        else:
            leash.kill()
            children = children[:1]  # the kernel takes the command along, not its children
        leash.wait(10)
        assert psutil.wait_procs(children, 10)[1] == []
    for process in psutil.process_iter():
        assert str(mark) not in " ".join(_command(process))


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_one_that_ignores_the_request_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "mark"
    code = "import sys, penchant_server.leash as l; l.GRACE_S = 1; sys.exit(l.main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, sys.executable, "-c", STUBBORN, str(mark)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as leash:
        children = family(leash, mark)
        assert leash.stdin
        leash.stdin.close()
        assert leash.wait(10) == 128 + signal.SIGKILL
        assert psutil.wait_procs(children, 10)[1] == []
