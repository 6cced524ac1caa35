"""The share of a run that is done: told for every phase, never falling, gone when the run is."""

import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from penchant_trainer import phases, progress
from penchant_trainer.bar import WORDS
from penchant_trainer.progress import DUE, Progress, shares

METHODS = ["sft", "dpo", "kto", "grpo", "ppo"]
REPORTS = st.lists(st.tuples(st.sampled_from(sorted(phases.ALL)), st.floats(-1, 2)), max_size=20)


def test_every_phase_has_a_share_and_words() -> None:
    chosen = shares(METHODS, judged=True)
    assert list(chosen) == list(phases.ALL), "in the order in which they come"
    assert min(chosen.values()) > 0
    assert set(WORDS) == {*phases.ALL, DUE}


def test_more_candidates_are_longer_judged() -> None:
    few, many = shares(["sft"]), shares(METHODS)
    assert few["evaluate"] / few["train_sft"] < many["evaluate"] / many["train_sft"]


@given(methods=st.sets(st.sampled_from(METHODS)), reports=REPORTS)
def test_the_share_never_falls(methods: set[str], reports: list[tuple[str, float]]) -> None:
    heard: list[float] = []

    class Silent(Progress):
        def _write(self, *_: object, **__: object) -> None:
            pass

    told = Silent(Path(), "r", lambda _, done: heard.append(done), shares(methods))
    for name, done in reports:
        told.phase(name)(done)
    assert heard == sorted(heard)
    assert all(0 <= share <= 1 for share in heard)


def test_a_run_from_beginning_to_end_counts_to_one(tmp_path: Path) -> None:
    heard: list[float] = []
    told = Progress(tmp_path, "r", lambda _, done: heard.append(done), shares(METHODS))
    for name in phases.ALL:
        told.phase(name)(1.0)
    assert heard[0] == 0
    assert abs(heard[-1] - 1) < 1e-9
    assert heard == sorted(heard)


def test_why_it_waits_is_told_and_forgotten(tmp_path: Path) -> None:
    heard: list[str] = []
    told = Progress(tmp_path, "r", waiting=heard.append)
    part = told.phase("train_dpo")
    told._written = 0.0  # as if that were long ago
    part.wait("you are writing")
    part.wait("you are writing")
    assert heard == ["you are writing"] * 2
    found = progress.read(tmp_path)
    assert found is not None
    assert (found.phase, found.waiting) == ("train_dpo", "you are writing")
    told._written = 0.0
    part(0.5)
    found = progress.read(tmp_path)
    assert found is not None
    assert (found.waiting, found.pid) == ("", os.getpid())


def test_who_was_killed_tells_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from penchant_trainer.progress import Progress; "
        "Progress(Path(sys.argv[1]), 'r').phase('train_sft')"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) as child:
        child.wait(60)
    assert json.loads((tmp_path / "progress.json").read_text())["pid"] == child.pid
    assert progress.read(tmp_path) is None
    progress.clear(tmp_path, os.getpid())
    assert (tmp_path / "progress.json").exists(), "somebody else's"
    progress.clear(tmp_path, child.pid)
    assert not (tmp_path / "progress.json").exists()
    progress.clear(tmp_path, child.pid)


def test_garbage_tells_nothing(tmp_path: Path) -> None:
    for text in ("{", "[]", "{}", '{"pid": "x"}', '"x"', "\xff"):
        (tmp_path / "progress.json").write_text(text)
        assert progress.read(tmp_path) is None
        progress.clear(tmp_path, 1)
        assert (tmp_path / "progress.json").exists()
