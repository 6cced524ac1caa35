"""Every wall of the sandbox stops what it should: all together, and the strong ones alone."""

import os
import select
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from penchant_trainer.rewards.sandbox import LIMIT, SEPARATE, Attempt, Limits, attempt, run

SHORT = Limits(wall_s=1.0)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A real server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def _reached(server: socket.socket) -> bool:
    """Whether anybody connected since it was last asked."""
    found = bool(select.select([server], [], [], 0)[0])
    if found:
        server.accept()[0].close()
    return found


def _each_refused(*calls: str) -> str:
    """A program that makes each call and notices whether it was refused."""
    tries = [
        f"try:\n    {call}\nexcept BaseException as e:\n    said[{call!r}] = type(e).__name__\n"
        for call in calls
    ]
    wanted = dict.fromkeys(calls, "Refused")
    return f"import os\nsaid = {{}}\n{''.join(tries)}assert said == {wanted!r}\n"


def _connect(server: socket.socket) -> str:
    return f"import socket\nsocket.create_connection({server.getsockname()!r}, 1).close()\n"


def test_a_program_runs_or_raises() -> None:
    assert attempt("import math\nassert math.sqrt(4) == 2", ("math",)).outcome == "ran"
    failed = attempt("print('ran')\nraise ValueError('a secret')")
    assert (failed.outcome, failed.error) == ("raised", "ValueError")
    assert attempt("def (").error == "SyntaxError"
    assert attempt("raise SystemExit(3)").outcome == "ran"


def test_the_network_is_stopped_by_all_walls(listener: socket.socket) -> None:
    assert attempt(_connect(listener), ("socket",)).outcome == "refused"
    assert not _reached(listener)


def test_the_network_is_stopped_by_the_name_space_alone(listener: socket.socket) -> None:
    assert run(_connect(listener), ("socket",), SHORT, ()).outcome == "ran"
    assert _reached(listener), "without a wall it is open"
    own = Path("/proc/self/ns/net")
    apart = (
        f"import os\nassert os.stat({str(own)!r}).st_ino != {own.exists() and own.stat().st_ino}"
    )
    if run(apart, (), SHORT, (SEPARATE,)).outcome != "ran":
        pytest.skip("this kernel grants no network name space; the audit hook is the wall here")
    assert run(_connect(listener), ("socket",), SHORT, (SEPARATE,)).outcome == "raised"
    assert not _reached(listener)


def test_files_are_stopped_by_all_walls(tmp_path: Path) -> None:
    target = str(tmp_path / "written")
    program = _each_refused(
        f"open({target!r}, 'w')",
        "open('/etc/passwd')",
        "open('here', 'w')",
        f"os.mkdir({target!r})",
        "os.listdir('/')",
        f"os.remove({__file__!r})",
        f"os.symlink('/', {target!r})",
    )
    assert attempt(program) == Attempt("ran")
    assert not Path(target).exists()


def test_no_byte_is_written_by_the_limits_alone(tmp_path: Path) -> None:
    target = tmp_path / "written"
    program = f"with open({str(target)!r}, 'w') as file: file.write('x')"
    assert run(program, (), SHORT, (LIMIT,)).outcome in ("raised", "stopped")
    assert not target.exists() or target.stat().st_size == 0


def test_an_endless_loop_ends_by_its_own_processor_time() -> None:
    long = Limits(wall_s=60, cpu_s=1)
    assert run("while True: pass", (), long, (LIMIT,)).outcome == "stopped"


def test_sleeping_ends_by_the_wall_clock() -> None:
    assert attempt("import time\ntime.sleep(60)", ("time",), SHORT).outcome == "stopped"


@pytest.mark.parametrize(
    "program", ["x = [0] * 10**9", "x = []\nwhile True: x.append('a' * 10**6)"]
)
def test_memory_is_bounded(program: str) -> None:
    assert attempt(program).outcome == "stopped"


def test_processes_are_stopped_by_all_walls() -> None:
    program = _each_refused(
        "os.fork()",
        "os.system('true')",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "__import__('subprocess').run(['true'])",
        "os.kill(os.getppid(), 9)",
    )
    assert attempt(program, ("subprocess",)) == Attempt("ran")


def test_processes_are_stopped_by_the_limit_alone() -> None:
    walls = (SEPARATE, LIMIT)
    root = run("import os\nassert os.getuid() != 0", (), SHORT, walls).outcome == "raised"
    if root:
        pytest.skip("the kernel bounds root's processes by nothing; the audit hook is the wall")
    assert run("import os\nos.fork()", (), SHORT, walls).outcome == "raised"


def test_foreign_code_and_the_hook_itself_are_out_of_reach() -> None:
    program = _each_refused(
        "__import__('ctypes').CDLL(None)",
        "__import__('sys').addaudithook(print)",
        "__import__('gc').get_objects()",
        "__import__('importlib.util')",
    )
    assert attempt(program, ("gc",)) == Attempt("ran")


def test_what_is_refused_stays_refused_when_it_is_caught(tmp_path: Path) -> None:
    target = tmp_path / "written"
    program = f"try:\n    open({str(target)!r}, 'w')\nexcept BaseException:\n    pass\n"
    assert attempt(program).outcome == "ran"
    assert not target.exists()


def test_the_environment_and_the_directory_are_empty() -> None:
    program = "import os\nassert not set(os.environ) - {'LC_CTYPE'}\nassert os.listdir() == []"
    assert run(program, (), SHORT, ()) == Attempt("ran")


def test_nothing_is_left_running_behind() -> None:
    token = f"penchant_{os.getpid()}"
    program = f"token = {token!r}\nwhile True: pass\n"
    assert attempt(program, (), SHORT).outcome == "stopped"
    children = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert not [line for line in children.splitlines() if " -I -S -B " in line]
