"""The last step: the trained network as a directory that Penchant, transformers and vLLM load.

bf16 safetensors, tokenizer, configuration, ``penchant.json`` (order, windows, checksums) and a
model card. Written aside and renamed. Knows nothing of how the network was trained.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from penchant_core.errors import TrainError
from penchant_core.fim import MODEL_FILE
from penchant_core.models import digest, resolve
from penchant_core.paths import private_directory
from penchant_trainer.pretrain.card import card
from penchant_trainer.pretrain.recipe import Recipe

MAX_BYTES = 120_000_000


def package(run: Path, recipe: Recipe, target: Path, figures: dict[str, Any] | None) -> int:
    """Write the package of a run's newest checkpoint to ``target`` and return its size in bytes.

    ``figures`` are the evaluation's, for the card. Raises TrainError when the run has no
    checkpoint, ``target`` holds something else, or the package is too large to ship.
    """
    if target.exists() and any(target.iterdir()) and not (target / MODEL_FILE).exists():
        raise TrainError(f"{target} exists and holds no base model; name an empty directory")
    staged = target.with_name(f".{target.name}.staged")
    shutil.rmtree(staged, ignore_errors=True)
    private_directory(staged)
    state = export(run, recipe, staged)
    (staged / "MODEL_CARD.md").write_text(card(run, recipe, state, figures), "utf-8")
    size = sum(path.stat().st_size for path in staged.iterdir())
    if size > MAX_BYTES:
        raise TrainError(f"the package has {size / 1e6:.0f} MB, more than may be shipped")
    resolve(str(staged))  # refuses what the server would refuse
    for path in staged.iterdir():
        path.chmod(0o644)
    staged.chmod(0o755)
    shutil.rmtree(target, ignore_errors=True)
    staged.rename(target)
    return size


def export(run: Path, recipe: Recipe, directory: Path) -> dict[str, Any]:
    """Write weights, tokenizer and configuration of the newest checkpoint; return its state."""
    import torch

    from penchant_trainer.pretrain import checkpoint, network

    place = checkpoint.newest(run / "checkpoint")
    if place is None:
        raise TrainError(f"{run} holds no checkpoint; run `penchant pretrain train` first")
    tensors, state = checkpoint.load(place)
    made = network.build(recipe)
    weights = {n: t for n, t in tensors.items() if not n.startswith(("muon.", "adam."))}
    made.load_state_dict(weights, strict=False)
    made.to(torch.bfloat16).save_pretrained(directory)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(run / "tokenizer" / name, directory / name)
    (directory / MODEL_FILE).write_text(json.dumps(_declared(recipe, directory), indent=2), "utf-8")
    return state


def _declared(recipe: Recipe, directory: Path) -> dict[str, Any]:
    part = recipe.samples
    # An earlier export may lie there: what it declared is about to be written anew.
    files = sorted(path for path in directory.iterdir() if path.name != MODEL_FILE)
    return {
        "name": recipe.name,
        "fim_order": part.order,
        "prefix_chars": part.prefix_chars,
        "suffix_chars": part.suffix_chars,
        "context_chars": part.context_chars,
        **({"copying": recipe.copying.model_dump()} if recipe.copying else {}),
        "sha256": {path.name: digest(path) for path in files},
    }
