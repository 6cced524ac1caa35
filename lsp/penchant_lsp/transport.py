"""Standard input and output, guarded: bytes to messages in, messages to bytes out.

Reads and writes on threads of their own, so that a client that stops reading cannot block the
loop; only what a pipe is sure to take at once is written without that detour. Ends the process
within ``GRACE_S`` once the client is gone, whatever is still running. Standard output belongs to
the protocol alone: a stray ``print`` goes to standard error. Knows nothing of what messages mean.
"""

import asyncio
import contextlib
import os
import queue
import select
import stat
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

from penchant_core import log
from penchant_lsp.framing import Framer

GRACE_S = 0.8
PARENT_POLL_S = 0.2
WAITING_MESSAGES = 256
_CHUNK = 64 * 1024


def take_stdio() -> tuple[int, BinaryIO]:
    """Return the descriptor to read from and the stream to write to; point ``print`` elsewhere."""
    if sys.platform == "win32":
        import msvcrt

        for stream in (sys.stdin, sys.stdout):
            msvcrt.setmode(stream.fileno(), os.O_BINARY)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return sys.stdin.fileno(), out


class Reader:
    """Feeds messages to ``handle`` on the loop, at most ``WAITING_MESSAGES`` ahead of it."""

    def __init__(
        self,
        descriptor: int,
        handle: Callable[[bytes], None],
        gone: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._descriptor = descriptor
        self._handle = handle
        self._gone = gone
        self._loop = loop
        self._room = threading.Semaphore(WAITING_MESSAGES)
        self.framer = Framer()

    def start(self) -> None:
        """Begin to read, on a thread that never keeps the process alive."""
        threading.Thread(target=self._run, name="stdin", daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._descriptor, _CHUNK):
                if not self._feed(data):
                    return
        exit_within(GRACE_S)
        self._call(self._gone)

    def _feed(self, data: bytes) -> bool:
        """Pass on what ``data`` completes; keeps none of it while waiting for more."""
        before = self.framer.resyncs
        for body in self.framer.feed(data):
            self._room.acquire()
            if not self._call(self._deliver, body):
                return False
        if self.framer.resyncs > before:
            log.event("stream out of step", resyncs=self.framer.resyncs)
        return True

    def _deliver(self, body: bytes) -> None:
        self._room.release()
        self._handle(body)

    def _call(self, function: Callable[..., None], *arguments: bytes) -> bool:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop is closed: the process is ending
            return False
        return True


class Writer:
    """What pygls writes to; never blocks and never fails. For one thread: the loop's."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._given = self._done = 0
        self._room = _room(stream)
        self._thread = threading.Thread(target=self._run, name="stdout", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Send one framed message."""
        waiting = self._given > self._done
        if waiting or self._room is None or not self._at_once(data, self._room):
            self._given += 1
            self._queue.put(data)

    def close(self) -> None:
        """Send what is waiting, for at most ``GRACE_S / 2``."""
        self._queue.put(None)
        self._thread.join(GRACE_S / 2)

    def _at_once(self, data: bytes, room: "select.poll") -> bool:
        """Write a short message if there is room for it: a pipe then takes the whole of it."""
        if len(data) > select.PIPE_BUF or [each for _, each in room.poll(0)] != [select.POLLOUT]:
            return False
        with contextlib.suppress(OSError):
            self._stream.write(data)
        return True

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while (data := self._queue.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[self._stream.write(view) :]
                self._done += 1


def _room(stream: BinaryIO) -> "select.poll | None":
    """Return what tells whether a pipe has room for ``PIPE_BUF`` bytes; None for anything else."""
    try:
        descriptor = stream.fileno()
        if not hasattr(select, "poll") or not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return None
    except (OSError, ValueError):
        return None
    room = select.poll()
    room.register(descriptor, select.POLLOUT)
    return room


def exit_within(seconds: float, code: int | None = None) -> None:
    """End the process after ``seconds`` at the latest, even with work in flight."""
    timer = threading.Timer(seconds, os._exit, args=[exit_code() if code is None else code])
    timer.daemon = True
    timer.start()


_shutdown_seen = threading.Event()


def shutdown_seen() -> None:
    """Remember that the client asked for a shutdown: from now on the exit code is 0."""
    _shutdown_seen.set()


def exit_code() -> int:
    """Return the exit code that the protocol wants: 1 without a ``shutdown`` before the end."""
    return 0 if _shutdown_seen.is_set() else 1


def watch_parent(process_id: int, gone: Callable[[], None]) -> None:
    """Call ``gone`` (on a thread) and end the process once the client's process has died.

    A process that cannot be seen (another container's) is not watched: closing standard input
    still ends the server. Windows has no harmless probe in the standard library.
    """
    if os.name == "nt" or not _alive(process_id):
        return
    own_parent = os.getppid() == process_id
    stop = threading.Event()

    def poll() -> None:
        while not stop.wait(PARENT_POLL_S):
            if (own_parent and os.getppid() != process_id) or not _alive(process_id):
                exit_within(GRACE_S - PARENT_POLL_S)
                gone()
                return

    threading.Thread(target=poll, name="parent", daemon=True).start()


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
