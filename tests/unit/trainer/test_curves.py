"""Curves are files that TensorBoard reads, and hold nothing but numbers."""

import math
from pathlib import Path

import pytest
from unit.trainer.curve_reader import curves

from penchant_trainer.curves import Curves
from penchant_trainer.event_file import EventFile

BY_TENSORBOARD = (
    "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c3000000000000000"
    "95f5d05f09000000000000044010ac022a220a0f0a087366742f6c6f7373150000803e0a0f0a087366742f7261746515"
    "000040c04ba7bd63"
)
"""What TensorBoard 2.21's own RecordWriter makes of the same two events."""


def test_the_bytes_are_those_of_tensorboards_own_writer(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "e", 1.5)
    file.add({"sft/loss": 0.25, "sft/rate": -3.0}, 300, 2.5)
    file.close()
    assert (tmp_path / "e").read_bytes().hex() == BY_TENSORBOARD
    assert (tmp_path / "e").stat().st_mode & 0o077 == 0


def test_only_numbers_are_drawn(tmp_path: Path) -> None:
    drawn = Curves(tmp_path)
    drawn.begin("train_sft", 2)
    odd = {"text": "SECRET", "SECRET = 1": 1.0, "nan": math.nan, "inf": math.inf, "huge": 1e300}
    drawn.draw({"loss": 2.0, **odd}, 1)
    drawn.draw({"loss": 1.0, "list": [1.0]}, 2)
    drawn.draw(odd, 3)
    drawn.result({"steps": 2, "loss": 1.5, "skipped": "SECRET"})
    drawn.draw({"loss": 9.0}, 4)  # after its end
    assert curves(tmp_path) == {
        "sft/loss": [(1, 2.0), (2, 1.0)],
        "sft/end/steps": [(2, 2.0)],
        "sft/end/loss": [(2, 1.5)],
    }
    assert b"SECRET" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_of_the_evaluation_the_summary_is_drawn(tmp_path: Path) -> None:
    drawn = Curves(tmp_path)
    drawn.begin("evaluate", 8)
    drawn.result({"figures": {"sft": {"x": 1.0}}, "summary": {"sft": {"similarity": 0.5}}})
    drawn.begin("gate", 9)
    drawn.result({"best": "sft", "passed": True})
    assert curves(tmp_path) == {
        "evaluate/end/sft/similarity": [(0, 0.5)],
        "gate/end/passed": [(0, 1.0)],
    }


def test_a_phase_that_is_begun_again_has_one_curve(tmp_path: Path) -> None:
    for last in (5.0, 7.0):
        drawn = Curves(tmp_path)
        drawn.begin("train_dpo", 3)
        drawn.draw({"loss": last}, 1)
        drawn.close()
    assert curves(tmp_path) == {"dpo/loss": [(1, 7.0)]}
    drawn.begin("train_dpo", 3)
    drawn.result({"skipped": "too few"})
    assert not list(tmp_path.iterdir()), "what is left out has none"


@pytest.mark.parametrize("directory", [None, "gone"])
def test_where_nothing_can_be_drawn_the_run_goes_on(tmp_path: Path, directory: str | None) -> None:
    drawn = Curves(tmp_path / directory if directory else None)
    for phase in ("train_sft", "train_dpo"):
        drawn.begin(phase, 2)
        drawn.draw({"loss": 1.0}, 1)
        drawn.result({"loss": 1.0})
    assert list(tmp_path.iterdir()) == []
