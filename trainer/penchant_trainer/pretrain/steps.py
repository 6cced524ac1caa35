"""The steps of making a base model, each from the run directory to the run directory.

``recipe.json`` fixes the recipe of a run at its first step, so that later steps and resumed legs
cannot mix two. Knows nothing of the command line.
"""

import itertools
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from penchant_core.errors import ConfigError
from penchant_core.paths import private_directory, write_private
from penchant_trainer.pretrain import corpus, recipe, rows, samples, tokenizer

Tell = Callable[[str], None]
FIGURES = "figures.json"


def recipe_of(run: Path, name: str | None) -> recipe.Recipe:
    """Return the recipe of a run; ``name`` chooses it at the first step.

    Raises ConfigError when the run was begun with another one.
    """
    kept = run / "recipe.json"
    chosen = recipe.load(name) if name else None
    if kept.exists():
        begun = recipe.Recipe.model_validate(json.loads(kept.read_text("utf-8")))
        if chosen is not None and chosen != begun:
            raise ConfigError(
                f"{run} was begun with another recipe ({begun.name}); name another --run"
            )
        return begun
    chosen = chosen or recipe.load("cpu")
    private_directory(run)
    write_private(kept, chosen.model_dump_json(indent=1))
    return chosen


def make_corpus(run: Path, made: recipe.Recipe, sources: Sequence[Path], tell: Tell) -> None:
    """Write the corpus."""
    manifest = corpus.build(run, made.corpus, sources, os.cpu_count() or 1)
    for role in ("train", "held_out"):
        listed = [p for p in manifest["packages"] if p["role"] == role]
        chars = sum(p["chars"] for p in listed)
        tell(f"corpus {role}: {len(listed)} packages, {chars / 1e6:.1f} M characters")


def make_rows(run: Path, made: recipe.Recipe, tell: Tell) -> None:
    """Train the tokenizer and write the tokenised rows."""
    documents = corpus.read(run, "train")
    part = made.samples
    trained = tokenizer.train((d.text for d in documents), part.vocabulary, run / "tokenizer")
    roles = (("held_out", corpus.read(run, "held_out"), 1), ("train", documents, part.passes))
    for role, chosen, passes in roles:
        drawn = itertools.chain.from_iterable(
            samples.Sampler(chosen, part, f"{made.seed}-{role}-{number}")
            for number in range(passes)
        )
        packer = rows.Packer(part.context + 1, 0)
        packed = rows.tokenised(drawn, trained, packer)
        index = rows.write(packed, run / "rows" / role, part.context + 1)
        count = sum(index["rows"])
        tell(
            f"rows {role}: {count} of {part.context} tokens in {len(index['shards'])} shards, "
            f"{packer.too_long} samples too long"
        )


def train(
    run: Path, made: recipe.Recipe, minutes: float | None, leg_minutes: float | None, tell: Tell
) -> Any:
    """Train, or go on training; return the progress."""
    import torch

    from penchant_trainer.pretrain.training import Training

    if not torch.cuda.is_available():
        torch.set_num_threads(1)  # the lanes use the cores
    return Training(run, made, minutes, tell).go(leg_minutes)


def exported(run: Path) -> Path:
    """Write the newest checkpoint as a model directory inside the run and return it."""
    from penchant_trainer.pretrain import packaging

    place = private_directory(run / "model")
    packaging.export(run, recipe_of(run, None), place)
    return place


def keep_figures(run: Path, figures: dict[str, Any]) -> dict[str, Any]:
    """Keep an evaluation's figures for the model card, and return them as they stand there.

    This run's model goes by its name, not by its place.
    """
    own, name = str(run / "model"), recipe_of(run, None).name
    writers = {name if k == own else k: found for k, found in figures["writers"].items()}
    named = figures | {"writers": writers}
    write_private(run / FIGURES, json.dumps(named, indent=1))
    return named


def figures(run: Path) -> dict[str, Any] | None:
    """Return the figures that were kept, or None."""
    path = run / FIGURES
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def all_steps(
    run: Path,
    made: recipe.Recipe,
    sources: Sequence[Path],
    minutes: float | None,
    asked: int,
    tell: Tell,
) -> None:
    """Do every step that is not done yet; the package lands in ``package`` below the run."""
    from penchant_trainer.pretrain import evaluation, packaging

    if not (run / "corpus" / "manifest.json").exists():
        make_corpus(run, made, sources, tell)
    if not (run / "rows" / "train" / "index.json").exists():
        make_rows(run, made, tell)
    train(run, made, minutes, None, tell)
    found = evaluation.evaluate(run, (str(exported(run)),), asked, 24, 1, tell)
    found = keep_figures(run, found)
    tell(evaluation.as_text(found))
    size = packaging.package(run, made, run / "package", found)
    tell(f"package: {size / 1e6:.1f} MB in {run / 'package'}")
