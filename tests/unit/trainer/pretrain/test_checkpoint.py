"""A checkpoint gives back what was saved, in small parts, and a damaged one is refused."""

from pathlib import Path

import pytest
import torch

from penchant_core.errors import TrainError
from penchant_trainer.pretrain import checkpoint


def tensors() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {
        "large": torch.randn(50, 40),
        "step": torch.tensor(7.0),
        "half": torch.randn(9, 3).bfloat16(),
        "vector": torch.arange(11),
    }


def test_it_gives_back_what_was_saved_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "PART_BYTES", 1000)
    place = checkpoint.save(tmp_path, 3, tensors(), {"step": 3})
    sizes = [path.stat().st_size for path in place.glob("part-*")]
    assert len(sizes) >= 8
    assert max(sizes) < 1000 + 600  # and the header
    found, state = checkpoint.load(place)
    assert state["step"] == 3
    assert found.keys() == tensors().keys()
    for name, tensor in tensors().items():
        assert torch.equal(found[name], tensor)
        assert found[name].dtype == tensor.dtype


def test_the_two_newest_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 30, 4):
        checkpoint.save(tmp_path, step, tensors(), {})
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["step-00000004", "step-00000030"]
    assert checkpoint.newest(tmp_path) == tmp_path / "step-00000030"


def test_what_a_killed_save_left_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / ".step-00000009").mkdir()
    assert checkpoint.newest(tmp_path) is None
    checkpoint.save(tmp_path, 9, tensors(), {})
    assert checkpoint.load(tmp_path / "step-00000009")[1]["shapes"]["large"] == [50, 40]


@pytest.mark.parametrize("harm", ["cut", "missing part", "no state"])
def test_a_damaged_one_is_refused(tmp_path: Path, harm: str) -> None:
    place = checkpoint.save(tmp_path, 1, tensors(), {})
    part = place / "part-0000.safetensors"
    if harm == "cut":
        part.write_bytes(part.read_bytes()[:-5])
    elif harm == "missing part":
        part.unlink()
    else:
        (place / "state.json").write_text("{")
    with pytest.raises(TrainError, match="damaged"):
        checkpoint.load(place)
