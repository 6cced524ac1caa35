"""What a decision is, and how it is kept."""

import json
import stat
import time
from pathlib import Path

import pytest

from penchant_core.consent import (
    TEXT,
    TEXT_VERSION,
    ConsentRecord,
    Decision,
    Level,
    workspace_id,
)


@pytest.fixture
def record(tmp_path: Path) -> ConsentRecord:
    return ConsentRecord(tmp_path / "data" / "consent.jsonl")


def test_never_asked_is_off_and_writes_nothing(record: ConsentRecord) -> None:
    assert record.level("w") is Level.OFF
    assert record.latest("w") is None
    assert record.all() == {}
    assert list(record.history()) == []
    assert not record.path.exists()


def test_a_decision_is_dated_versioned_and_private(record: ConsentRecord) -> None:
    before = time.time()
    record.decide("w", Level.LOCAL, via="test")
    line = json.loads(record.path.read_text())
    assert line["level"] == "local"
    assert line["text_version"] == TEXT_VERSION
    assert before <= line["at"] <= time.time()
    assert stat.S_IMODE(record.path.stat().st_mode) == 0o600


def test_every_decision_stays_and_the_newest_counts(record: ConsentRecord) -> None:
    for level in (Level.LOCAL, Level.OFF, Level.TEAM):
        record.decide("w", level, via="test")
    record.decide("other", Level.LOCAL, via="test")
    history = [d.level for d in record.history() if d]
    assert history == ["local", "off", "team", "local"]
    assert record.level("w") is Level.TEAM
    assert set(record.all()) == {"w", "other"}


def test_another_process_is_heard_at_once(record: ConsentRecord) -> None:
    assert record.level("w") is Level.OFF
    ConsentRecord(record.path).decide("w", Level.LOCAL, via="other")
    assert record.level("w") is Level.LOCAL
    ConsentRecord(record.path).decide("w", Level.OFF, via="other")
    assert record.level("w") is Level.OFF


def test_a_file_put_in_its_place_is_noticed(record: ConsentRecord, tmp_path: Path) -> None:
    record.decide("w", Level.TEAM, via="test")
    assert record.level("w") is Level.TEAM
    other = tmp_path / "other"
    other.write_bytes(record.path.read_bytes().replace(b"team", b"nope"))
    other.replace(record.path)
    assert record.level("w") is Level.OFF


def test_workspaces_are_hashes_of_real_paths(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    known = workspace_id(tmp_path)
    assert len(known) == 16
    assert workspace_id(str(tmp_path) + "/") == known
    assert workspace_id(tmp_path / "link") == known
    assert workspace_id(tmp_path / "sub" / "..") == known
    assert workspace_id(tmp_path / "sub") != known
    assert workspace_id("/nowhere/\udcff") != workspace_id("/nowhere/?")


def test_every_level_has_words() -> None:
    assert set(TEXT) == {level.value for level in Level}
    with pytest.raises(ValueError, match="level"):
        Decision.model_validate({"workspace": "w", "level": "all", "at": 1})
