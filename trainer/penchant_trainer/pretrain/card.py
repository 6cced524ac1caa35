"""The model card: what a base model is made of, how, how good it is and what it cannot do.

Everything in it is read from the run's own records. Knows nothing of the weights.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from penchant_trainer.pretrain.evaluation import as_text
from penchant_trainer.pretrain.recipe import Recipe

CURVE_LINES = 16


def card(run: Path, recipe: Recipe, state: dict[str, Any], figures: dict[str, Any] | None) -> str:
    """Return the card as Markdown."""
    manifest = json.loads((run / "corpus" / "manifest.json").read_text("utf-8"))
    parts = (
        _head(recipe, state),
        _use(recipe),
        f"## Figures\n\n{as_text(figures)}" if figures else "## Figures\n\nNot evaluated.",
        _curve(run),
        _data(manifest),
        _limits(),
        f"## Recipe\n\n```json\n{recipe.model_dump_json(indent=1)}\n```",
    )
    return "\n\n".join(parts) + "\n"


def _head(recipe: Recipe, state: dict[str, Any]) -> str:
    part = recipe.model
    return (
        f"# {recipe.name}\n\n"
        "A small code model for ghost text in Python, trained by `penchant pretrain`. "
        "Weights: Apache-2.0.\n\n"
        f"Qwen2 architecture: {part.layers} layers, width {part.hidden}, "
        f"vocabulary {recipe.samples.vocabulary}, tied embeddings; trained on "
        f"{state['tokens'] / 1e6:.1f} M tokens in {state['seconds'] / 60:.0f} minutes "
        f"({state['step']} steps, context {recipe.samples.context})."
    )


def _use(recipe: Recipe) -> str:
    part = recipe.samples
    return (
        "## Use\n\n"
        f"Order `{part.order}`; in `spm` the prompt is "
        "`<|fim_prefix|><|fim_suffix|>{suffix}<|fim_middle|>{prefix}`, and the answer ends with "
        f"`<|endoftext|>`. It saw at most {part.prefix_chars} characters of prefix, "
        f"{part.suffix_chars} of suffix and {part.context_chars} of other files: "
        "`penchant.json` declares these windows, and Penchant keeps to them."
    )


def _curve(run: Path) -> str:
    path = run / "log.jsonl"
    text = path.read_text("utf-8") if path.exists() else ""
    lines = [json.loads(line) for line in text.splitlines()]
    held_out = [line for line in _gone_this_way(lines) if line["kind"] == "held_out"]
    step = max(1, -(-len(held_out) // CURVE_LINES))
    rows = [
        f"| {line['step']} | {line['tokens'] / 1e6:.2f} | {line['seconds'] / 60:.0f} | "
        f"{line['loss']:.3f} | {line['middle']:.3f} |"
        for line in [*held_out[:-1:step], *held_out[-1:]]
    ]
    head = (
        "## Learning curve\n\nLoss on held-out packages in nats per token: all tokens, and the "
        "middles alone.\n\n| step | M tokens | minutes | loss | middle |\n|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows)


def _gone_this_way(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what was undone: granted more time, a run goes back to before its rate fell."""
    kept: list[dict[str, Any]] = []
    for line in reversed(lines):
        if not kept or line["step"] <= kept[-1]["step"]:
            kept.append(line)
    return kept[::-1]


def _data(manifest: dict[str, Any]) -> str:
    listed = manifest["packages"]
    train = [p for p in listed if p["role"] == "train"]
    held_out = [p for p in listed if p["role"] == "held_out"]
    dropped = ", ".join(f"{name} {count}" for name, count in sorted(manifest["dropped"].items()))
    licences = Counter(p["licence"] for p in train)
    return (
        "## Data\n\nPython source code as installed, permissive licences only (MIT, BSD, "
        "Apache-2.0, PSF, ISC, by package metadata). Docstrings mostly shortened to their summary; "
        "licence headers and e-mail addresses removed; files with secrets left out. Files dropped: "
        f"{dropped}.\n\nLicences: "
        + ", ".join(f"{name} {count}" for name, count in licences.most_common())
        + f".\n\nHeld out for evaluation: {_names(held_out)}.\n\n"
        f"<details><summary>Trained on ({len(train)} packages, "
        f"{sum(p['chars'] for p in train) / 1e6:.1f} M characters)</summary>\n\n"
        "| package | version | licence | files | characters |\n|---|---|---|---|---|\n"
        + "\n".join(
            f"| {p['name']} | {p['version']} | {p['licence']} | {p['files']} | {p['chars']} |"
            for p in train
        )
        + "\n\n</details>"
    )


def _names(packages: list[dict[str, Any]]) -> str:
    return ", ".join(f"{p['name']} {p['version']}" for p in packages)


def _limits() -> str:
    return (
        "## Limits\n\nIt knows Python and little else, no natural language to speak of, and "
        "nothing of instructions. It can write plausible nonsense, names that do not exist and "
        "code that is wrong or unsafe: read what you accept. Packages change; it has seen one "
        "version of each. It is meant as a base that needs no download and for adapters to "
        "improve on, not as a match for models a hundred times its size."
    )
