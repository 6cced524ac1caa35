"""What both pages show: thirty days without gaps, the words of consent, and never any code."""

import time
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from samples import signal

from penchant_core import config as settings_file
from penchant_core.config import Config
from penchant_core.consent import TEXT, ConsentRecord, Level
from penchant_core.dashboard import DAYS, local, statistics
from penchant_core.rebuild import request_rebuild, runs_directory
from penchant_core.store import SignalStore
from penchant_trainer.ledger import Ledger

CANARY = "canary_in_the_code"


@pytest.fixture
def config(home: Path) -> Config:
    return settings_file.load()


def test_nothing_yet_is_thirty_quiet_days(config: Config, home: Path) -> None:
    found = local(config)
    assert [day.shown for day in found.statistics.days] == [0] * DAYS
    assert found.statistics.days[-1].day == date.today().isoformat()
    assert found.statistics.problem is None
    assert (found.runs, found.rebuild, found.consent.workspaces) == ([], None, [])
    assert found.storage.exists is False
    assert not home.exists(), "looking leaves no trace"


def test_the_month_is_the_sum_of_its_days(config: Config) -> None:
    noon = time.time()
    with SignalStore(config.paths.signal_log("ada")) as log:
        for back in (0, 0, 3, 29, 45):
            log.add(signal(f"c{back}-{noon}-{time.monotonic_ns()}", at=noon - back * 86_400))
    found = statistics(config)
    assert (found.today.shown, found.month.shown, found.signals) == (2, 4, 5)
    for name in ("shown", "accepted", "retained_chars"):
        assert sum(getattr(day, name) for day in found.days) == getattr(found.month, name) > 0
    days = [date.fromisoformat(day.day) for day in found.days]
    assert all(b - a == timedelta(1) for a, b in pairwise(days))


def test_versions_come_after_the_base_model(config: Config) -> None:
    with SignalStore(config.paths.signal_log("ada")) as log:
        log.add(signal("a", adapter="dev/ada", version="v0002"))
        log.add(signal("b", adapter="dev/ada", version="v0001"))
        log.add(signal("c"))
    names = [version.name for version in statistics(config).versions]
    assert names == ["base", "dev/ada/v0001", "dev/ada/v0002"]


def test_a_damaged_log_is_a_problem_and_not_an_error(config: Config) -> None:
    log = config.paths.signal_log("ada")
    log.parent.mkdir(parents=True)
    log.write_bytes(b"no database" * 500)
    found = statistics(config)
    assert found.problem is not None and "penchant doctor" in found.problem
    assert found.month.shown == 0


def test_runs_rebuild_and_decisions_are_told(config: Config) -> None:
    ledger = Ledger(runs_directory(config))
    run = ledger.begin("dev/ada", last_seq=1, made_of="x")
    ledger.finish(run.id, "refused", ("forgot too much",))
    ledger.close()
    request_rebuild(config, "signals were erased")
    record = ConsentRecord(config.paths.consent_file)
    record.decide("w1", Level.LOCAL, via="editor")
    record.decide("w2", Level.OFF, via="command line")
    found = local(config)
    assert [(run.status, run.reasons) for run in found.runs] == [("refused", ["forgot too much"])]
    assert found.rebuild is not None and found.rebuild.reason == "signals were erased"
    assert {d.workspace: d.level for d in found.consent.workspaces} == {"w1": "local", "w2": "off"}
    assert found.consent.words == TEXT


def test_no_code_is_told(config: Config) -> None:
    with SignalStore(config.paths.signal_log("ada")) as log:
        log.add(signal("a", prefix=CANARY, suffix=CANARY, path=f"{CANARY}.py", at=time.time()))
    told = local(config).model_dump_json()
    assert '"shown":1' in told
    assert CANARY not in told
