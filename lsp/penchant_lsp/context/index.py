"""The language server's end of the indexing process: starts it, asks it, never waits long for it.

A process that ends is started again a few times; one that does not answer in time costs context,
nothing else. Knows nothing of what the answers are used for.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant_core import log
from penchant_lsp.context.lookup import Hit
from penchant_lsp.context.python_imports import Import

COMMAND = (sys.executable, "-P", "-m", "penchant_lsp.context.indexer")
STARTS = 3
LOOK_S = 0.25
AGAIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the index says about a place: definitions, outlines of files, imported files."""

    hits: tuple[Hit, ...] = ()
    outlines: tuple[Hit, ...] = ()
    modules: tuple[str, ...] = ()


class Index:
    """One indexing process for all workspaces of a session. Called from one thread."""

    def __init__(
        self,
        most_files: int,
        *,
        delay_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most_files = most_files
        self._clock = clock
        self._starts_at: float | None = None
        self._delay_s = delay_s
        self._started = 0
        self._process: subprocess.Popen[str] | None = None
        self._watched: dict[Path, float] = {}
        self._texts: dict[tuple[Path, str], int] = {}
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._number = 0

    def watch(self, root: Path, ignore: Iterable[str]) -> bool:
        """See to it that a workspace is indexed; whether it can be asked about now.

        The process starts ``delay_s`` after the first call: an editor that opens has enough to do.
        """
        if not self._ready():
            return False
        last = self._watched.get(root)
        if last is None or self._clock() - last > AGAIN_S:
            self._watched[root] = self._clock()
            message = {"root": str(root), "ignore": list(ignore), "files": self._most_files}
            return self._send({"do": "watch", **message})
        return True

    def open(self, root: Path, path: str, text: str) -> None:
        """Tell the text of an open document, if it is not the one told before."""
        stamp = hash(text)
        if root in self._watched and self._texts.get((root, path)) != stamp:
            self._texts[root, path] = stamp
            self._send({"do": "open", "root": str(root), "path": path, "text": text})

    def file(self, root: Path, path: str) -> None:
        """Tell that a file on disk may have changed, and that the disk counts again."""
        self._texts.pop((root, path), None)
        if root in self._watched:
            self._send({"do": "file", "root": str(root), "path": path})

    def look(
        self,
        root: Path,
        path: str,
        language: str,
        imported: Iterable[Import],
        names: Mapping[str, float],
        outlines: Iterable[str] = (),
        *,
        seconds: float = LOOK_S,
    ) -> Found:
        """Return what is known about a place; nothing when the answer takes too long.

        ``imported`` is what the file imports, ``names`` the names near the cursor with weights.
        """
        answer = self._ask(
            {
                "do": "look",
                "root": str(root),
                "path": path,
                "language": language,
                "imports": [[each.local, each.module, each.name] for each in imported],
                "names": dict(names),
                "outlines": list(outlines),
            },
            seconds,
        )
        if "hits" not in answer:
            return Found()
        return Found(
            tuple(Hit(**each) for each in answer["hits"]),
            tuple(Hit(**each) for each in answer["outlines"]),
            tuple(answer["modules"]),
        )

    def state(self, root: Path, seconds: float = LOOK_S) -> dict[str, Any]:
        """Return whether a workspace was read (``crawled``) and how many ``definitions`` it has."""
        return self._ask({"do": "state", "root": str(root)}, seconds)

    @property
    def process_id(self) -> int | None:
        """The process, while there is one."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()  # it holds nothing that could be lost, and may hang
        with suppress(OSError):  # what was not sent yet is sent on closing, to nobody
            if process.stdin is not None:
                process.stdin.close()
        process.wait()

    # -- the process -----------------------------------------------------------------------

    def _ready(self) -> bool:
        if not self._most_files:
            return False
        if self._process is not None and self._process.poll() is None:
            return True
        if self._starts_at is None:
            self._starts_at = self._clock() + self._delay_s
        return self._clock() >= self._starts_at and self._start()

    def _start(self) -> bool:
        if self._started >= STARTS:
            return False
        self.close()  # what is left of the one before
        self._started += 1
        self._watched.clear()
        self._texts.clear()
        try:
            self._process = subprocess.Popen(
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                cwd=os.path.sep,
            )
        except OSError as error:
            log.failure("no index of symbols", error)
            return False
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        return True

    def _send(self, message: Mapping[str, Any]) -> bool:
        process = self._process
        if process is None or process.stdin is None:
            return False
        try:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
        except (OSError, ValueError):  # it ended
            return False
        return True

    def _ask(self, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        self._number += 1
        answer: Future[dict[str, Any]] = Future()
        self._waiting[self._number] = answer
        try:
            if not self._send({**message, "id": self._number}):
                return {}
            return answer.result(seconds)
        except Late:
            return {}
        finally:
            self._waiting.pop(self._number, None)

    def _read(self, process: "subprocess.Popen[str]") -> None:
        if process.stdout is None:
            return
        with suppress(OSError, ValueError), process.stdout as answers:
            for line in answers:
                message = json.loads(line)
                if "read" in message:
                    log.event("workspace read", files=message["read"])
                    continue
                answer = self._waiting.pop(message.get("id"), None)
                if answer is not None:  # else it comes too late
                    answer.set_result(message)
