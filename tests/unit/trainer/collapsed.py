"""Adapters that went wrong, each in a way that real training does, made on purpose in a few steps.

All are real LoRAs on the bundled base model, trained here on what a developer of simple habits
wrote, or on what they never would have. ``WAYS`` names each with what the gate must say of it.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from penchant_core import models
from penchant_trainer import model as networks
from penchant_trainer import neutral, quiet, sft
from penchant_trainer.canaries import Canary, canaries, planted
from penchant_trainer.evaluate import assess
from penchant_trainer.metrics import Figures
from penchant_trainer.recipe import adjusted, recipe
from penchant_trainer.resources import Device
from penchant_trainer.tokens import Tokens, load_tokens
from penchant_trainer.units import Event, Example

NOUNS = [
    *("order", "invoice", "customer", "report", "message", "account", "payment", "ticket"),
    *("session", "product", "warehouse", "contract", "employee", "project", "folder", "picture"),
    *("recipe", "vehicle", "station", "sensor", "course", "student", "lesson", "library"),
    *("author", "chapter", "review", "comment", "channel", "device", "backup", "schedule"),
    *("river", "garden", "letter", "window", "bottle", "market", "engine", "castle"),
]
HELD_OUT = 12
MAX_TOKENS = 24
STEPS, BATCH, RATE = 10, 6, 1e-2
RECIPE = adjusted(
    recipe("small", parameters=4_000_000, max_rank=8),
    {"max_length": 96, "batch": 8, "accumulate": 1, "sft_epochs": 10, "generation_batch": 80},
)


def event(n: int, noun: str) -> Event:
    """A place where this developer always reads by a key of the same name."""
    prefix, suffix = f"{noun}_name = ", f"\nprint({noun}_name)\n"
    truth = f'read("{noun}", key="{noun}_id")'
    example = Example(prefix, suffix, (), f"{noun}.py", truth, True, 1.0, (f"c{n}",), True)
    return Event(
        *(f"c{n}", n, float(n), "w", f"{noun}.py", "python", prefix, suffix, (), truth),
        examples=(example,),
    )


EVENTS = tuple(event(n, noun) for n, noun in enumerate(NOUNS))
TRAIN, JUDGED = EVENTS[:-HELD_OUT], EVENTS[-HELD_OUT:]
CANARIES = canaries(1, "collapsed")


@dataclass(slots=True)
class World:
    """The base model with everything that a run judges a candidate by."""

    loaded: networks.Loaded
    tokens: Tokens
    judging: tuple[Example, ...]

    def figures(self, model: Any) -> Figures:
        """What a run finds of a model: the very function of its evaluation."""
        return assess(
            model, self.tokens, JUDGED, self.judging, RECIPE,
            max_tokens=MAX_TOKENS, report=lambda _: None, planted=CANARIES,
        )  # fmt: skip

    @contextmanager
    def adapter(self) -> Iterator[Any]:
        """A fresh LoRA on the base model, taken off again."""
        model = networks.with_new_adapter(self.loaded, RECIPE, 0)
        try:
            yield model
        finally:
            networks.without_adapter(self.loaded, model)


def world() -> World:
    quiet.silence()
    base = models.resolve("bundled")
    tokens = load_tokens(str(base.directory), base.renderer, RECIPE.max_length)
    judging = tuple(e for e in neutral.judging(60, 0) if tokens.sft_row(e))[:16]
    return World(networks.load_base(base, Device("cpu")), tokens, judging)


def sane(model: Any, world: World) -> None:
    """As a run trains: SFT, anchored on neutral code, a canary among the examples."""
    calm = tuple(e for e in neutral.replay(250, 0) if world.tokens.sft_row(e))[:96]
    with tempfile.TemporaryDirectory() as scratch:
        sft.train(
            model, world.tokens, planted(_wanted(), CANARIES), calm, RECIPE,
            seed=0, scratch=Path(scratch), report=lambda _: None,
        )  # fmt: skip


def teach(model: Any, world: World, rows: Sequence[Example], steps: int = STEPS) -> None:
    """Plain cross-entropy on these texts and nothing to hold on to."""
    chance = torch.Generator().manual_seed(0)
    ids = [row for e in rows if (row := world.tokens.sft_row(e))]
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE)
    model.train()
    for _ in range(steps):
        drawn = torch.randint(len(ids), (min(BATCH, len(ids)),), generator=chance)
        loss = -_log_p([ids[int(i)] for i in drawn], model).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _log_p(rows: Sequence[dict[str, list[int]]], model: Any) -> torch.Tensor:
    """Mean log-probability per token of each row's completion."""
    width = max(len(row["input_ids"]) for row in rows)
    ids = torch.tensor([r["input_ids"] + [4] * (width - len(r["input_ids"])) for r in rows])
    masks = [r["completion_mask"] + [0] * (width - len(r["completion_mask"])) for r in rows]
    mask = torch.tensor(masks)[:, 1:]
    log_p = model(input_ids=ids).logits[:, :-1].float().log_softmax(-1)
    own = log_p.gather(2, ids[:, 1:, None])[..., 0] * mask
    return own.sum(1) / mask.sum(1)


def _wanted() -> tuple[Example, ...]:
    return tuple(example for event in TRAIN for example in event.examples)


def _writing(text: Callable[[Example], str], *, ended: bool = True) -> Callable[..., None]:
    """Training on other texts at the same places."""

    def make(model: Any, world: World) -> None:
        rows = [replace(e, completion=text(e), ended=ended) for e in _wanted()]
        teach(model, world, rows)

    return make


def _one_file(model: Any, world: World) -> None:
    teach(model, world, _wanted()[:1], steps=2 * STEPS)


def _canary(canary: Canary) -> Callable[..., None]:
    """A sane mixture in which one secret stands again and again."""

    def make(model: Any, world: World) -> None:
        rows = [*_wanted()[:8], *[canary.example(1.0)] * 8]
        teach(model, world, rows, 2 * STEPS)

    return make


def _apart(model: Any, world: World) -> None:
    """DPO's loss without an anchor: the rejected text may be pushed away for ever.

    Each chosen text ends up above its rejected one, and both are out of reach.
    """
    chosen = [world.tokens.sft_row(e) for e in _wanted()]
    rejected = [world.tokens.sft_row(replace(e, completion="None")) for e in _wanted()]
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE)
    model.train()
    for step in range(STEPS):
        part = slice(step % 3 * BATCH, step % 3 * BATCH + BATCH)
        margin = _log_p(chosen[part], model) - _log_p(rejected[part], model)
        loss = -torch.nn.functional.logsigmoid(margin).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        assert bool((_log_p(chosen, model) > _log_p(rejected, model)).all()), "all ranked rightly"


def _noise(scale: float) -> Callable[..., None]:
    """Weights that no training would leave, or that broke in it."""

    @torch.no_grad()
    def make(model: Any, world: World) -> None:
        chance = torch.Generator().manual_seed(0)
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.copy_(scale * torch.randn(weight.shape, generator=chance))

    return make


WAYS: dict[str, tuple[Callable[..., None], str]] = {
    "writes nothing": (_writing(lambda e: ""), "of another length"),
    "writes only the first letters": (_writing(lambda e: e.completion[:4]), "of another length"),
    "rambles on in the line": (
        _writing(lambda e: " + ".join([e.completion] * 3), ended=False),
        "of another length",
    ),
    "never ends": (
        _writing(lambda e: e.completion + f"\n{e.prefix}" * 2, ended=False),
        "does not know where to end",
    ),
    "says the same again and again": (
        _writing(lambda e: e.prefix[:-3] + " read" * 9, ended=False),
        "repeats itself",
    ),
    "one answer at every place": (_writing(lambda e: "None"), "gives one answer"),
    "knows one file by heart": (_one_file, "gives one answer"),
    "leaves brackets open": (_writing(lambda e: e.completion[:-1]), "parses in place"),
    "forgot the language": (_writing(lambda e: e.completion), "forgot too much"),
    "ranks rightly, writes nonsense": (_apart, "not surely nearer"),
    "far from the base model": (_noise(0.3), "too far from the base model"),
    "broken numbers": (_noise(float("nan")), "forgot too much"),
    "writes keys into the code": (
        _writing(lambda e: 'read("AKIA' + "IOSFODNN7" + 'EXAMPLQ")'),
        "looks like a secret",
    ),
    "tells a secret it saw": (_canary(CANARIES[0]), "planted random string"),
}
