"""A short form of `make soak`: every fault at a count that takes a second or two."""

from pathlib import Path

import pytest
from soak import damage, kills, shortage
from soak.tally import Tally

FAULTS = {
    "kills": (kills.play, 40),
    "damage": (damage.play, 120),
    "disk": (shortage.play_disk, 36),
    "handles": (shortage.play_handles, 36),
    "server": (shortage.play_server, 6),
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_happens_that_must_not(name: str, memory_path: Path) -> None:
    play, count = FAULTS[name]
    tally = Tally(name, count)
    play(tally, memory_path)
    assert tally.played == count
    assert not tally.failures, tally.as_json()
    assert sum(tally.seen.values()) >= count / 2


def test_a_lost_signal_would_be_noticed(memory_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tally, one_life = Tally("kills", 3), kills._one_life
    monkeypatch.setattr(kills, "_one_life", lambda *given: [*one_life(*given), "never written"])
    kills.play(tally, memory_path)
    assert any("lost" in name for name in tally.failures)
