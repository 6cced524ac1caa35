"""``python -m bench copying``: how far the bundled model should give way to copies, by likelihood.

At positions of unseen packages (others than ``bench context`` asks, by seed) each token of what
stands there is predicted by the model alone and by the copies from nearby. For every share that the
model declares, the one that would make the true tokens likeliest is found by expectation
maximisation, from the places where the declared one applies.
Source of the estimate: Jelinek and Mercer (1980), interpolated estimation.
"""

import argparse
import math
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.context import Position, looked_up
from bench.context_positions import drawn, kept_log, workspaces
from penchant_core import models
from penchant_core.copying import Nearby
from penchant_core.settings import EngineSettings
from penchant_lsp.context.selection import select
from penchant_server.window import window
from penchant_trainer import quiet
from penchant_trainer.tokens import Tokens, load_tokens

ROUNDS = 100
MAX_TOKENS = 4096

Found = dict[float, list[tuple[float, float]]]
"""By declared share: of each true token its probability by the model, and by the copies."""


def main(arguments: Sequence[str]) -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(prog="bench copying", description=__doc__)
    parser.add_argument("--positions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--chars", type=int, default=4000, help="as context.max_chars")
    asked = parser.parse_args(arguments)
    quiet.silence()
    with tempfile.TemporaryDirectory(prefix="penchant-bench-") as home:
        found = _predicted(Path(home), asked)
    _print(found)


def _predicted(home: Path, asked: argparse.Namespace) -> Found:
    from penchant_trainer.model import load_base
    from penchant_trainer.resources import choose

    base = models.resolve("bundled")
    tokens = load_tokens(str(base.directory), base.renderer, MAX_TOKENS, base.copying)
    network = load_base(base, choose("cpu")).network.eval()
    packages = workspaces(home / "packages")
    kept_log(home / "kept.db", packages, asked.seed)
    positions = drawn(packages, asked.positions, asked.seed)
    found: Found = defaultdict(list)
    for one in looked_up(home, positions, window(EngineSettings(), base)):
        _read(network, tokens, one, asked.chars, found)
    return found


def _read(network: object, tokens: Tokens, one: Position, chars: int, found: Found) -> None:
    """Note how likely each token of what stands at a position is, by the model and by copies."""
    from penchant_trainer.evaluate import log_probabilities

    prefix, suffix = one.where.prefix, one.where.suffix
    others = (each.text for each in select(one.pieces, one.where.room(chars)))
    copier = tokens.copier(Nearby(prefix, (suffix, *others)))
    assert copier is not None
    wanted = tokens.completion_ids(one.question.expected.rstrip() + "\n", False)
    ids = tokens.prompt_ids(prefix, suffix) + wanted
    alone = log_probabilities(network, ids, len(wanted)).detach().exp()
    written = ""
    for number, token in enumerate(wanted):
        shares = copier.shares(written)
        trusted = round(sum(shares.values()), 6)
        copied = shares.get(token, 0.0) / trusted if trusted else 0.0
        found[trusted].append((float(alone[number, token]), copied))
        written += tokens.tokenizer.decode([token])


def fitted(pairs: Sequence[tuple[float, float]], share: float = 0.5) -> float:
    """Return the share of copies under which tokens of these two probabilities are likeliest."""
    for _ in range(ROUNDS):
        mixed = [(1 - share) * alone + share * copied for alone, copied in pairs]
        parts = [share * c / m for (_, c), m in zip(pairs, mixed, strict=True) if m > 0]
        share = sum(parts) / len(pairs)
    return share


def surprise(pairs: Sequence[tuple[float, float]], share: float) -> float:
    """Return the mean nats per token of the mixture."""
    mixed = [(1 - share) * alone + share * copied for alone, copied in pairs]
    return -sum(math.log(max(chance, 1e-9)) for chance in mixed) / len(mixed)


def _print(found: Found) -> None:
    table = Table("declared share", "tokens", "fitted share", "nats: model", "declared", "fitted")
    for share, pairs in sorted(found.items()):
        best = fitted(pairs) if share else 0.0
        nats = [f"{surprise(pairs, each):.3f}" for each in (0.0, share, best)]
        table.add_row(f"{share:.2f}", str(len(pairs)), f"{best:.2f}", *nats)
    every = [(share, pair) for share, pairs in found.items() for pair in pairs]
    alone = surprise([pair for _, pair in every], 0.0)
    mixed = sum(surprise([pair], share) for share, pair in every) / len(every)
    table.add_row("all", str(len(every)), "", f"{alone:.3f}", f"{mixed:.3f}", "")
    Console(width=100).print(table)
