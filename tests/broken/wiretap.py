"""Hears what programs send: a tapped way to a server, and a guard inside every Python process.

The guard is a ``sitecustomize`` with an audit hook (PEP 578), so a program cannot connect, bind,
look a name up or start another program unheard. Nothing is changed on the way.
"""

import contextlib
import json
import os
import re
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

HOOK = """
import json, os, sys

_heard = os.open(os.environ["WIRETAP"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

def _listen(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.bind", "socket.getaddrinfo"):
        where = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        program = " ".join(sys.orig_argv)
        line = json.dumps([event, repr(where), program]) + "\\n"
        os.write(_heard, line.encode())

sys.addaudithook(_listen)
"""


@dataclass(frozen=True)
class Heard:
    """One event of one process: ``where`` is the address as Python writes it."""

    event: str
    where: str
    program: str


class Guard:
    """Listens in every Python process started with ``environment``."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        (directory / "sitecustomize.py").write_text(HOOK)
        self._log = directory / "heard.jsonl"
        self.environment = {
            "WIRETAP": str(self._log),
            "PYTHONPATH": os.pathsep.join([str(directory), os.environ.get("PYTHONPATH", "")]),
        }

    def heard(self, program: str) -> list[Heard]:
        """Return what the processes with ``program`` in their command line did."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [
            event for event in (Heard(*json.loads(x)) for x in lines) if program in event.program
        ]


class Tap:
    """A way to ``port`` on loopback that keeps what clients send."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.sent: list[bytearray] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[str]:
        """The request lines, in order within each connection."""
        lines = re.compile(rb"(?:GET|POST|PUT|DELETE|HEAD) \S+ HTTP/1\.1(?=\r\n)")
        return [line.decode() for stream in self.sent for line in lines.findall(bytes(stream))]

    def __enter__(self) -> "Tap":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            kept = bytearray()
            self.sent.append(kept)
            threading.Thread(target=self._carry, args=(client, kept), daemon=True).start()

    def _carry(self, client: socket.socket, kept: bytearray) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server:
            back = threading.Thread(target=_pass_on, args=(server, client, None), daemon=True)
            back.start()
            _pass_on(client, server, kept)
            back.join()


def _pass_on(source: socket.socket, sink: socket.socket, kept: bytearray | None) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            if kept is not None:
                kept += piece
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
