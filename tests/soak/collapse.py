"""``python -m soak.collapse``: adapters that went wrong, and what the gate says of each: a table.

A sane one first. The exit status is 1 if any is judged otherwise than it should be. Takes a minute.
"""

import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any

from unit.trainer import collapsed

from penchant_trainer.gate import decide
from penchant_trainer.metrics import Figures

HEADER = (
    "| adapter | similarity | parses | length | runs on | commonest | distinct | repeats "
    "| perplexity | nats | exposure | refused because |"
)


def main() -> int:
    """Print the table; return the exit status."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    world = collapsed.world()
    base = world.figures(world.loaded.network)
    print(HEADER)
    print(f"| --- {'| ---: ' * 10}| --- |")
    print(_row("base model", base, ""))
    ways: dict[str, tuple[Callable[..., None], str]] = {"sane": (collapsed.sane, "")}
    wrong = 0
    for name, (make, word) in (ways | collapsed.WAYS).items():
        found = _judged(world, make)
        decision = decide(found, base, base)
        named = [reason for reason in decision.reasons if word and word in reason]
        wrong += decision.passed if word else not decision.passed
        wrong += bool(word) and not named
        said = "; ".join(named) or ("passed" if decision.passed else "; ".join(decision.reasons))
        print(_row(name, found, said), flush=True)
    return min(wrong, 1)


def _judged(world: collapsed.World, make: Callable[..., None]) -> Figures:
    model: Any
    with world.adapter() as model:
        make(model, world)
        return world.figures(model)


def _row(name: str, found: Figures, said: str) -> str:
    columns = (
        f"{found.similarity:.2f}",
        f"{found.parses:.0%}",
        f"{found.length_ratio:.2f}",
        f"{found.runs_on:.0%}",
        f"{found.commonest:.0%}",
        f"{found.distinct:.2f}",
        f"{found.repeats:.0%}",
        f"{found.perplexity:.3g}",
        f"{found.kl:.2f}" if found.kl < 1e6 else f"{found.kl:.0e}",
        f"{found.exposure:.0f}",
    )
    return f"| {name} | {' | '.join(columns)} | {said} |"


if __name__ == "__main__":
    sys.exit(main())
