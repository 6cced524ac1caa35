"""What the SFT adapter of a run writes at past places, several texts at each, to be compared.

Sampled as practice samples, from the very prompts that are served. Knows nothing of judges.
"""

from collections.abc import Sequence

import torch

from penchant_core.signals import Candidate
from penchant_trainer import model as networks
from penchant_trainer.metrics import Generation
from penchant_trainer.pairs import stopped
from penchant_trainer.practice import Place
from penchant_trainer.progress import Report
from penchant_trainer.rollouts import write
from penchant_trainer.run import Run
from penchant_trainer.tokens import Tokens, load_tokens
from penchant_trainer.units import Event

ADAPTER = "sft"


def draw(run: Run, events: Sequence[Event], count: int, report: Report) -> list[list[Generation]]:
    """Return ``count`` texts per event; none where the prompt leaves no room for one.

    The same run draws the same texts.
    """
    longest = run.config.settings.completion.max_tokens
    tokens = load_tokens(str(run.base.directory), run.base.renderer, run.recipe.max_length)
    loaded = networks.load_base(run.base, run.device)
    model = networks.with_adapter(loaded, run.kept(ADAPTER)).eval()
    torch.manual_seed(run.seed)
    rows = [(n, Place(event, tokens.event_ids(event))) for n, event in enumerate(events)]
    rows = [(n, at) for n, at in rows if len(at.ids) + longest <= tokens.max_length]
    rows.sort(key=lambda row: len(row[1].ids))
    found: list[list[Generation]] = [[] for _ in events]
    size = max(1, run.recipe.generation_batch // count)
    for start in range(0, len(rows), size):
        part = [row for row in rows[start : start + size] for _ in range(count)]
        texts = _written(model, tokens, [at for _, at in part], longest, run.recipe.temperature)
        for (n, _), text in zip(part, texts, strict=True):
            found[n].append(text)
        report((start + len(part)) / max(1, len(rows)))
    return found


def _written(
    model: torch.nn.Module,
    tokens: Tokens,
    places: Sequence[Place],
    max_tokens: int,
    temperature: float,
) -> list[Generation]:
    written = write(model, tokens, places, max_tokens=max_tokens, temperature=temperature)
    ended = written.ended.tolist()
    return [
        Generation(text, stopped(Candidate(text, finish_reason="stop" if by_itself else "length")))
        for text, by_itself in zip(written.texts, ended, strict=True)
    ]
