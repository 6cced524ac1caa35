"""Reads the files of commits from one long-lived ``git cat-file --batch`` (git-cat-file(1)).

A process per file would cost more than the reading. Knows nothing of what is in the files.
"""

import subprocess
from collections.abc import Sequence
from types import TracebackType

from penchant_core.errors import TrainError


class Blobs:
    """A context manager; ``command`` is git with the options that make it safe."""

    def __init__(self, command: Sequence[str]) -> None:
        self._git = subprocess.Popen(
            [*command, "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> "Blobs":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pipe in (self._git.stdin, self._git.stdout):
            if pipe is not None:
                pipe.close()
        self._git.wait()

    def text(self, commit: str, path: str) -> str:
        """Return a file as it was in a commit; empty if it was not there or is no text."""
        if "\n" in path or self._git.stdin is None or self._git.stdout is None:
            return ""
        try:
            self._git.stdin.write(f"{commit}:{path}\n".encode())
            self._git.stdin.flush()
            head = self._git.stdout.readline().split()
            if len(head) != 3 or not head[2].isdigit():
                return ""
            content = self._git.stdout.read(int(head[2]) + 1)[:-1]
        except OSError as error:
            raise TrainError("git ended while the history was read; try again") from error
        if head[1] != b"blob" or b"\0" in content:
            return ""
        return content.decode("utf-8", "replace").replace("\r\n", "\n")
