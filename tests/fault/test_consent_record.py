"""The consent record fails closed: torn lines, lost files, and decisions that cannot be written."""

import os
import resource
import signal as signals
from pathlib import Path

import pytest

from penchant_core.consent import ConsentRecord, Level
from penchant_core.errors import ConsentError


@pytest.fixture
def record(tmp_path: Path) -> ConsentRecord:
    return ConsentRecord(tmp_path / "data" / "consent.jsonl")


@pytest.mark.parametrize(
    "line",
    [
        b'{"workspace": "w1", "lev',
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'{"workspace": "w1", "level": "everything", "at": 1}',
        b"[" * 100_000,
        b'{"workspace": "w1", "level": "off"',
    ],
)
def test_an_unreadable_line_voids_every_decision_before_it(
    record: ConsentRecord, line: bytes
) -> None:
    record.decide("w1", Level.TEAM, via="test")
    record.decide("w2", Level.LOCAL, via="test")
    with record.path.open("ab") as file:
        file.write(line)
    assert record.level("w1") is Level.OFF
    assert record.level("w2") is Level.OFF
    record.decide("w2", Level.LOCAL, via="test")
    assert record.level("w2") is Level.LOCAL
    assert record.level("w1") is Level.OFF
    assert ConsentRecord(record.path).level("w2") is Level.LOCAL
    assert list(record.history())[2] is None


def test_every_cut_of_the_file_allows_no_more_than_was_ever_allowed(record: ConsentRecord) -> None:
    record.decide("w1", Level.LOCAL, via="test")
    first = record.path.stat().st_size
    record.decide("w1", Level.OFF, via="test")
    whole = record.path.read_bytes()
    for length in range(len(whole)):
        record.path.write_bytes(whole[:length])
        level = ConsentRecord(record.path).level("w1")
        if length > first + 1 or length < first - 1:
            # A torn withdrawal withdraws; a torn agreement agrees to nothing.
            assert level is Level.OFF, length


def test_a_record_that_is_gone_or_no_file_means_off(record: ConsentRecord) -> None:
    record.decide("w1", Level.TEAM, via="test")
    assert record.level("w1") is Level.TEAM
    record.path.unlink()
    assert record.level("w1") is Level.OFF
    record.path.mkdir()
    assert record.level("w1") is Level.OFF
    assert record.all() == {}


def test_a_withdrawal_that_cannot_be_written_still_withdraws(record: ConsentRecord) -> None:
    record.decide("w1", Level.TEAM, via="test")
    record.decide("w2", Level.TEAM, via="test")
    kept = record.path.read_bytes()
    record.path.unlink()
    record.path.mkdir()
    with pytest.raises(ConsentError, match="nothing is recorded"):
        record.decide("w1", Level.OFF, via="test")
    record.path.rmdir()
    record.path.write_bytes(kept)
    assert record.level("w1") is Level.OFF
    assert record.level("w2") is Level.TEAM
    record.decide("w1", Level.LOCAL, via="test")
    assert record.level("w1") is Level.LOCAL


def test_disk_full_while_deciding(record: ConsentRecord) -> None:
    record.decide("w1", Level.TEAM, via="test")
    child = os.fork()
    if child == 0:
        signals.signal(signals.SIGXFSZ, signals.SIG_IGN)
        room = record.path.stat().st_size + 20
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        try:
            record.decide("w1", Level.OFF, via="test")
        except ConsentError:
            os._exit(0 if record.level("w1") is Level.OFF else 2)
        os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    assert ConsentRecord(record.path).level("w1") is Level.OFF  # the torn line voids the yes
