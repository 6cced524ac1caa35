"""Runs a short Python program where it can do no harm: no network, no files, little of everything.

Several walls, each of which would do: an isolated interpreter (``-I -S -B``) in an empty directory
with an empty environment; limits on processor time, memory, file size, open files and processes; a
network name space of its own and, for root, another user, where the kernel grants them; an audit
hook (PEP 578) that refuses files, sockets, processes and foreign code; and a deadline on the wall
clock, after which the whole group is killed. Screening what may be tried at all is the caller's
part. Nothing is ever returned of what a program printed.
"""

import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ran", "raised", "refused", "stopped", "unavailable"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one program: seconds, and bytes of memory."""

    wall_s: float = 3.0
    cpu_s: int = 1
    memory_bytes: int = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a program.

    ``raised`` with the type of the exception; ``refused`` when it reached for what is forbidden;
    ``stopped`` when a limit ended it; ``unavailable`` where there is no such sandbox.
    """

    outcome: Outcome
    error: str = ""


# Run in the child, from the command line, in this order; it shares nothing with this process.
# What a program may import is imported first: behind the walls there are no files to load from.
_PREPARE = """
import sys, resource, ctypes, os
cpu, memory, names = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
for name in filter(None, names.split(",")):
    __import__(name)
"""
SEPARATE = """
libc = ctypes.CDLL(None, use_errno=True)
NEWNET, NEWIPC, NEWUSER = 0x40000000, 0x08000000, 0x10000000
if hasattr(libc, "unshare"):
    if libc.unshare(NEWNET | NEWIPC) != 0:
        libc.unshare(NEWUSER | NEWNET | NEWIPC)
if os.getuid() == 0:
    try:
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
    except OSError:
        pass
if hasattr(libc, "prctl"):
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
for name in [name for name in sys.modules if "ctypes" in name]:
    del sys.modules[name]
del libc, ctypes
"""
LIMIT = """
for kind, bound in (
    (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_NOFILE, 16), (resource.RLIMIT_NPROC, 0), (resource.RLIMIT_CORE, 0),
):
    resource.setrlimit(kind, (bound, bound))
"""
WATCH = """
class Refused(BaseException):
    pass
def _watch(event, arguments, allowed=(
    "compile", "exec", "object.__getattr__", "object.__setattr__", "object.__delattr__",
    "builtins.id", "marshal.loads", "code.__new__", "function.__new__", "sys._getframe",
    "sys.unraisablehook", "sys.excepthook", "cpython._PySys_ClearAuditHooks", "time.sleep",
    "import", "array.__new__", "re.compile", "random",
), refused=Refused, known=frozenset(sys.modules)):
    if event not in allowed or (event == "import" and arguments[0] not in known):
        raise refused(event)
sys.addaudithook(_watch)
del _watch
"""
_RUN = """
program = sys.stdin.read()
report = sys.__stdout__
class _Nowhere:
    def write(self, text): return len(text)
    def flush(self): pass
sys.stdout = sys.stderr = _Nowhere()
said = "ran"
try:
    exec(compile(program, "<snippet>", "exec"), {"__name__": "__snippet__"})
except MemoryError:
    said = "stopped"
except SystemExit:
    pass
except Exception as error:
    said = "raised " + type(error).__name__
except BaseException as error:
    said = "refused " + str(error)[:60]
report.write("\\n" + said + "\\n")
report.flush()
"""


def attempt(program: str, modules: tuple[str, ...] = (), limits: Limits | None = None) -> Attempt:
    """Run a program to its end or to a limit; ``modules`` are imported before the walls go up."""
    if os.name != "posix":
        return Attempt("unavailable")
    return run(program, modules, limits or Limits(), (SEPARATE, LIMIT, WATCH))


def run(program: str, modules: tuple[str, ...], limits: Limits, walls: tuple[str, ...]) -> Attempt:
    """Run a program behind the given walls; all of them, but where single ones are tried."""
    script = "".join((_PREPARE, *walls, _RUN))
    bounds = (str(limits.cpu_s), str(limits.memory_bytes))
    command = [sys.executable, "-I", "-S", "-B", "-c", script, *bounds, ",".join(modules)]
    with tempfile.TemporaryDirectory(prefix="penchant-") as empty:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=empty,
            env={},
            start_new_session=True,
            close_fds=True,
        )
        try:
            said, _ = child.communicate(program.encode("utf-8", "replace"), limits.wall_s)
        except subprocess.TimeoutExpired:
            return Attempt("stopped")
        finally:
            _end(child)
    return _read(said)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Kill whatever is left of the program's group."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()


def _read(said: bytes) -> Attempt:
    words = said.decode("utf-8", "replace").strip().rpartition("\n")[2].split(" ", 1)
    match words:
        case ["ran"]:
            return Attempt("ran")
        case ["raised", error]:
            return Attempt("raised", error)
        case ["refused", event]:
            return Attempt("refused", event)
        case _:
            return Attempt("stopped")  # by a signal, or by the limit on memory
