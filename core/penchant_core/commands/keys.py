"""Single keys from the terminal on standard input, without Enter and without echo.

The terminal is switched before the question is printed and what was typed ahead is kept, so that no
key is lost. Keys that send several characters (arrows, Home) count as one that means nothing.
Knows nothing of what keys mean.
"""

import os
import select
import sys
import termios
import tty

END = "\x04"
_ESCAPE = b"\x1b"
_REST_S = 0.05


class Keys:
    """Use as a context manager around printing a question and reading its answer."""

    def __enter__(self) -> "Keys":
        self._file = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._file)
        tty.setcbreak(self._file, termios.TCSADRAIN)
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)

    def next(self) -> str:
        """Wait for a key; ``END`` where there are no more. Ctrl-C raises KeyboardInterrupt."""
        try:
            byte = os.read(self._file, 1)
        except OSError:  # the terminal is gone
            return END
        if byte == _ESCAPE:
            self._swallow()
            return ""
        return byte.decode("ascii", "ignore") if byte else END

    def _swallow(self) -> None:
        """Drop the rest of an escape sequence (ECMA-48: ESC [ … letter or ~, or ESC O letter)."""
        introducer = self._soon()
        if introducer == b"O":
            self._soon()
        elif introducer == b"[":
            while (byte := self._soon()) and not b"@" <= byte <= b"~":
                pass

    def _soon(self) -> bytes:
        """Return the next character of a key that sends several, empty when there is none."""
        ready = select.select([self._file], [], [], _REST_S)[0]
        return os.read(self._file, 1) if ready else b""
