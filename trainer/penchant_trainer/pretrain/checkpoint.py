"""Checkpoints of a run: parts of at most 15 MB, so that a run can move between machines.

``checkpoint/step-…/`` holds ``part-….safetensors`` and ``state.json``; it is written aside and
renamed, so that a killed run always finds a whole one. Large tensors are split over parts. The two
newest are kept. Knows nothing of what the tensors mean.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from penchant_core.errors import TrainError
from penchant_core.paths import private_directory, write_private

PART_BYTES = 14_000_000
KEPT = 2

Tensors = dict[str, torch.Tensor]


def save(directory: Path, step: int, tensors: Tensors, state: dict[str, Any]) -> Path:
    """Write a checkpoint below ``directory`` and return its place."""
    private_directory(directory)
    final = directory / f"step-{step:08d}"
    staged = directory / f".{final.name}"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    for number, part in enumerate(_parts(tensors)):
        save_file(part, staged / f"part-{number:04d}.safetensors")
    shapes = {name: list(tensor.shape) for name, tensor in tensors.items()}
    write_private(staged / "state.json", json.dumps({**state, "shapes": shapes}))
    shutil.rmtree(final, ignore_errors=True)
    staged.rename(final)
    for old in sorted(directory.glob("step-*"))[:-KEPT]:
        shutil.rmtree(old)
    return final


def newest(directory: Path) -> Path | None:
    """Return the newest checkpoint below ``directory``, or None."""
    return max(directory.glob("step-*"), default=None)


def load(place: Path) -> tuple[Tensors, dict[str, Any]]:
    """Return the tensors and the state of a checkpoint; raise TrainError when it is damaged."""
    try:
        state: dict[str, Any] = json.loads((place / "state.json").read_text("utf-8"))
        pieces: dict[str, list[torch.Tensor]] = {}
        for path in sorted(place.glob("part-*.safetensors")):
            for key, piece in sorted(load_file(path).items()):
                pieces.setdefault(key.rsplit("|", 1)[0], []).append(piece)
        return {
            name: torch.cat(pieces[name]).view(shape) for name, shape in state["shapes"].items()
        }, state
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise TrainError(
            f"the checkpoint {place.name} is damaged; delete it to go on from the one before"
        ) from error


def _parts(tensors: Tensors) -> Iterator[Tensors]:
    part: Tensors = {}
    size = 0
    for name, tensor in tensors.items():
        flat = tensor.detach().cpu().contiguous().view(-1)
        most = PART_BYTES // flat.element_size()
        for number, piece in enumerate(flat.split(most)):
            if part and size + piece.nbytes > PART_BYTES:
                yield part
                part, size = {}, 0
            part[f"{name}|{number:04d}"] = piece.clone()
            size += piece.nbytes
    yield part
