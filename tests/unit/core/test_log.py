"""A canary in anything that is logged never reaches the file."""

import asyncio
import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from penchant_core import log
from penchant_core.errors import StoreError

CANARY = "canary_in_your_code"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions)
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers, level, logging.raiseExceptions = before
    root.setLevel(level)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    log.setup(tmp_path / "logs", "test")
    return tmp_path / "logs" / "test.log"


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_events_are_json_lines(file: Path) -> None:
    log.event("started", port=7717, engine="embedded", at="not the time", odd="\ud800ü")
    (line,) = _lines(file)
    assert line["event"] == "started"
    assert line["port"] == 7717
    assert str(line["at"]).startswith("20")
    assert line["odd"] == "\ud800ü"


def _raise(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_no_path_for_a_developers_code(file: Path) -> None:
    error = _raise(ValueError(CANARY))
    chained = StoreError("the log is full")
    chained.__cause__ = error
    log.failure("failed", error, count=1)
    log.failure("failed", _raise(chained))
    log.event("odd", thing={CANARY: CANARY})  # type: ignore[arg-type]
    for name in ("pygls.protocol", "asyncio", "httpx", CANARY[:0] + "uvicorn.error", ""):
        other = logging.getLogger(name)
        other.warning("body: %s", CANARY)
        other.error(CANARY)
        other.critical("x", extra={"code": CANARY})
        other.exception(CANARY, exc_info=error)
        other.warning("%s %s", CANARY)  # wrong number of arguments
        other.error(CANARY, stack_info=True)
    loop = asyncio.new_event_loop()
    loop.call_exception_handler({"message": CANARY, "exception": error})
    loop.close()
    text = file.read_text()
    assert CANARY not in text
    assert len(_lines(file)) > 25
    assert '"error": "ValueError"' in text
    assert "the log is full" in text
    assert '"thing": "<dict>"' in text


def test_a_failure_says_where(file: Path) -> None:
    log.failure("failed", _raise(ValueError("x")))
    assert "test_log.py:" in str(_lines(file)[0]["place"])


def test_nothing_goes_to_stderr_and_info_of_libraries_nowhere(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("pygls").info(CANARY)
    logging.getLogger("pygls").error(CANARY)
    log.event("x", level=logging.DEBUG)
    assert capfd.readouterr() == ("", "")
    assert len(_lines(file)) == 1


def test_files_are_private_and_rotated(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(22_000):
        log.event("filler", number=number, text="x" * 80)
    files = list(file.parent.iterdir())
    assert 1 < len(files) <= log.KEPT_FILES + 1
    assert sum(path.stat().st_size for path in files) < log.MAX_BYTES * (log.KEPT_FILES + 1)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_directory_that_cannot_be_written_costs_the_log_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    log.setup(tmp_path / "file", "test")
    log.event("started")
