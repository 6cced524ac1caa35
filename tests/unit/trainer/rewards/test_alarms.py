"""The checks on real code: this repository's own lines must raise no false alarm."""

from pathlib import Path

from penchant_core.judging_settings import JudgingSettings
from penchant_trainer.rewards.alarms import measure, places

CORE = Path(__file__).parents[4] / "core" / "penchant_core"


def test_no_check_rejects_real_code_and_mistakes_are_noticed() -> None:
    events = places([CORE], 24, seed=3)
    assert len(events) == 24
    found = {figures.check: figures for figures in measure(events, JudgingSettings(), seed=3)}
    assert {name: f.alarms for name, f in found.items() if f.alarms} == {}
    assert found["parses"].judged > 5
    assert found["names"].judged > 5
    assert found["parses"].noticed > found["parses"].spoilt / 2
    assert found["names"].noticed > found["names"].spoilt / 4
