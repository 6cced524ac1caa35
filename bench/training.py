"""``python -m bench training``: what a training step costs, and how long a new version takes.

A step of SFT as it ships (TRL, drawn by weight, anchored on neutral code, with the contrast)
against a bare PyTorch loop of the same base model, LoRA, optimiser and rows (neutral ones included)
with the plain loss. Each runs in processes of its own, taking turns, so that the peak memory of
each is known. Then the whole loop, in real processes: from outcomes with at least 200 preference
pairs to a version that the gateway serves.
"""

import argparse
import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.samples import Row
from penchant_core import models
from penchant_trainer import neutral, quiet
from penchant_trainer.recipe import Recipe, recipe
from penchant_trainer.units import Example, Pair

RESULTS = Path(__file__).with_name("training.json")
ROWS, NEUTRAL, SEED = 160, 160, 7
WARM_UP = 2
UNLEARNED = -100
TURNS = 3
MODULES = 40
"""So many modules of the demo's developer leave at least ``PAIRS`` pairs."""
PAIRS = 200


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write the figures."""
    parser = argparse.ArgumentParser(prog="bench training", description=__doc__)
    parser.add_argument("side", nargs="?", choices=("ours", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("--steps-only", action="store_true", help="do not play the whole loop")
    asked = parser.parse_args(arguments)
    if asked.side:
        print(json.dumps(_side(asked.side)))
        return
    found = _steps() | ({} if asked.steps_only else {"live": _live()})
    from bench.__main__ import machine

    _print(found)
    RESULTS.write_text(json.dumps({**machine(), **found}, indent=1) + "\n")
    print(f"written to {RESULTS}")


def _steps() -> dict[str, Any]:
    """Return the times of both sides' steps and their peak memory, taking turns."""
    seen: dict[str, list[dict[str, Any]]] = {"ours": [], "bare": []}
    for _ in range(TURNS):
        for side, results in seen.items():
            command = [sys.executable, "-m", "bench", "training", side]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            results.append(json.loads(done.stdout.splitlines()[-1]))
    times = {side: [ms for r in results for ms in r["steps_ms"]] for side, results in seen.items()}
    peaks = {side: max(r["peak_mib"] for r in results) for side, results in seen.items()}
    row = Row("a step of SFT", times["ours"], "a bare loop", times["bare"])
    return {"steps": row.as_json(), "peak_mib": peaks}


def _side(side: str) -> dict[str, Any]:
    """Train one side in this process; return its steps (ms) and its peak memory (MiB)."""
    quiet.silence()
    ended = _train_ours() if side == "ours" else _train_bare()
    steps = [1000 * (b - a) for a, b in itertools.pairwise(ended)][WARM_UP:]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"steps_ms": [round(ms, 2) for ms in steps], "peak_mib": round(peak)}


def _train_ours() -> list[float]:
    """Return when each step of the shipped training ended (s)."""
    from penchant_trainer import sft

    model, tokens, chosen = _prepared()
    examples, pairs = _lessons()
    ended: list[float] = []
    with tempfile.TemporaryDirectory(prefix="penchant-bench-") as scratch:
        sft.train(
            model,
            tokens,
            examples,
            neutral.replay(NEUTRAL, SEED),
            chosen,
            pairs=pairs,
            seed=SEED,
            scratch=Path(scratch),
            report=lambda _done: ended.append(time.perf_counter()),
        )
    return ended


def _train_bare() -> list[float]:
    """Return when each step of the bare loop ended (s)."""
    import torch

    model, tokens, chosen = _prepared()
    own = [row for example in _lessons()[0] if (row := tokens.sft_row(example))]
    batches = _batches(tokens, own, chosen)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=chosen.sft_rate)
    model.train()
    ended: list[float] = []
    for _ in range(len(own) // (chosen.batch * chosen.accumulate)):
        for _ in range(chosen.accumulate):
            loss = model(**next(batches)).loss / chosen.accumulate
            loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, chosen.max_grad_norm)
        optimiser.step()
        optimiser.zero_grad()
        ended.append(time.perf_counter())
    return ended


def _batches(tokens: Any, own: list[Any], chosen: Recipe) -> Iterator[dict[str, Any]]:
    """Yield the batches of the shipped training with its neutral rows in them, padded."""
    import torch

    from penchant_trainer.anchor import anchor_on
    from penchant_trainer.sampling import ByWeight

    samples = neutral.replay(NEUTRAL, SEED)
    anchor = anchor_on(tokens, samples, chosen, SEED)
    kept = (row for e in samples if (row := tokens.sft_row(e)))
    beside = sorted(kept, key=lambda row: len(row["input_ids"]))
    lengths = [len(row["input_ids"]) for row in own]
    order = list(ByWeight([1.0] * len(own), lengths, chosen.batch, SEED))
    for number, start in enumerate(range(0, len(order), chosen.batch)):
        rows = [own[i] for i in order[start : start + chosen.batch]]
        at = number * anchor.batch % (len(beside) - anchor.batch)
        padded = _padded([*rows, *beside[at : at + anchor.batch]], tokens.tokenizer.pad_token_id)
        yield {name: torch.tensor(values) for name, values in padded.items()}


def _padded(rows: list[Any], pad: int) -> dict[str, list[list[int]]]:
    """Return rows as the columns of a batch; only completions are learned."""
    width = max(len(row["input_ids"]) for row in rows)
    found: dict[str, list[list[int]]] = {"input_ids": [], "attention_mask": [], "labels": []}
    for row in rows:
        ids, own = row["input_ids"], row["completion_mask"]
        rest = width - len(ids)
        found["input_ids"].append(ids + [pad] * rest)
        found["attention_mask"].append([1] * len(ids) + [0] * rest)
        learned = [token if mine else UNLEARNED for token, mine in zip(ids, own, strict=True)]
        found["labels"].append(learned + [UNLEARNED] * rest)
    return found


def _prepared() -> tuple[Any, Any, Recipe]:
    """Return the bundled model with a fresh LoRA, its tokens, and one pass of the small recipe."""
    from penchant_trainer import model as networks
    from penchant_trainer.resources import choose
    from penchant_trainer.tokens import load_tokens

    base = models.resolve("bundled")
    loaded = networks.load_base(base, choose("cpu"))
    usual = recipe("small", parameters=loaded.network.num_parameters(), max_rank=16)
    chosen = replace(usual, sft_epochs=1.0, sft_tokens=10**9)
    tokens = load_tokens(str(base.directory), base.renderer, chosen.max_length, base.copying)
    return networks.with_new_adapter(loaded, chosen, SEED), tokens, chosen


def _lessons() -> tuple[tuple[Example, ...], tuple[Pair, ...]]:
    """Return what is learned, and for every second of them a text that was turned down there."""
    examples = neutral.probing(ROWS, SEED)
    others = (*examples[1:], examples[0])
    pairs = [_pair(own, other.completion) for own, other in zip(examples, others, strict=True)]
    return examples, tuple(pairs[::2])


def _pair(own: Example, rejected: str) -> Pair:
    return Pair(
        own.prefix,
        own.suffix,
        own.context,
        own.path,
        own.completion,
        rejected,
        1.0,
        own.signal_ids,
        own.ended,
        False,
    )


def _live() -> dict[str, Any]:
    """Return how long it took from the outcomes of a developer to a version that is served."""
    from penchant_trainer.demo.story import Plan, play

    with tempfile.TemporaryDirectory(prefix="penchant-bench-") as home:
        story = play(Path(home), Plan(learn=MODULES, measure=1, quiet=True), lambda _text: None)
    data, run = story.training["data"], story.training
    if data["pairs"] < PAIRS:
        raise RuntimeError(f"only {data['pairs']} pairs of {PAIRS}; raise MODULES")
    return {
        "minutes": round(story.seconds["training"] / 60, 2),
        "pairs": data["pairs"],
        "examples": data["examples"],
        "held_out": data["held_out"],
        "method": run["method"],
        "status": run["status"],
        "served": story.served,
        "device": run["device"],
        "phases": run["phases"],
    }


def _print(found: dict[str, Any]) -> None:
    console, steps, peaks = Console(width=150), found["steps"], found["peak_mib"]
    console.print(
        f"a step of SFT: {steps['p50_ms']:.0f} ms, "
        f"of a bare loop: {steps['against_p50_ms']:.0f} ms "
        f"(bare over ours {1 / steps['ratio_p50']:.2f}, {steps['n']} steps)"
    )
    console.print(
        f"peak memory: {peaks['ours']} MiB, of a bare loop: {peaks['bare']} MiB "
        f"({peaks['ours'] / peaks['bare']:.2f})"
    )
    if live := found.get("live"):
        console.print(
            f"from {live['pairs']} pairs to a version that is served: {live['minutes']} minutes "
            f"({live['method']}, {live['device']}, {live['status']}, served: {live['served']})"
        )
