"""Logging that cannot hold a developer's code.

Records are JSON lines in the state directory, rotated, mode 0600. Only the events of ``event`` with
plain values are written as they are; of any other library's record the logger, the level and the
place in the source are kept and the text is dropped, because pygls logs message bodies and
exceptions quote their input. Knows nothing of who logs.
"""

import json
import logging
import logging.handlers
import os
import time
import traceback
from io import TextIOWrapper
from pathlib import Path

from penchant_core.errors import PenchantError
from penchant_core.paths import FILE_MODE, private_directory

Plain = str | int | float | bool | None

_NAME = "penchant"
MAX_BYTES = 1_000_000
KEPT_FILES = 3


def event(name: str, /, *, level: int = logging.INFO, **fields: Plain) -> None:
    """Log that something happened; ``fields`` are numbers and short names, never code."""
    logging.getLogger(_NAME).log(level, name, extra={"penchant_fields": fields})


def failure(name: str, error: BaseException, /, **fields: Plain) -> None:
    """Log an error: its type, and its message only when it is one of our own."""
    message = str(error) if isinstance(error, PenchantError) else ""
    logging.getLogger(_NAME).error(
        name,
        extra={
            "penchant_fields": {
                **fields,
                "error": type(error).__name__,
                "message": message,
                "place": _place(error),
            }
        },
    )


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))


class ContentFree(logging.Formatter):
    """Writes our own events whole and of every other record only where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON line."""
        line: dict[str, Plain] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)),
            "level": record.levelname.lower(),
        }
        fields = getattr(record, "penchant_fields", None)
        if fields is None:
            line |= {
                "event": "library",
                "logger": record.name,
                "place": f"{record.module}:{record.lineno}",
            }
            if record.exc_info and record.exc_info[0]:
                line["error"] = record.exc_info[0].__name__
        else:
            line = {k: _plain(v) for k, v in fields.items()} | line
            line["event"] = record.getMessage()
        return json.dumps(line)


def _plain(value: object) -> Plain:
    """Return a plain value; of any other what it is, never what it holds."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return f"<{type(value).__name__}>"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


class _PrivateFile(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding="utf-8", opener=_private)


def setup(directory: Path, program: str) -> None:
    """Send every record of this process to ``<directory>/<program>.log``, and nothing elsewhere.

    A directory that cannot be written costs the log, never the program.
    """
    handler: logging.Handler
    try:
        private_directory(directory)
        handler = _PrivateFile(
            directory / f"{program}.log", maxBytes=MAX_BYTES, backupCount=KEPT_FILES, delay=False
        )
    except (OSError, PenchantError):
        handler = logging.NullHandler()
    handler.setFormatter(ContentFree())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(_NAME).setLevel(logging.INFO)
    logging.raiseExceptions = False
