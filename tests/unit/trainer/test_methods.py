"""Every method on the bundled model, small: it moves the SFT adapter where it should, and what it
leaves is an adapter that may be served.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from unit.trainer.curve_reader import curves

from penchant_core import models
from penchant_core.adapter_files import check
from penchant_core.models import BaseModel
from penchant_core.schedule_settings import ScheduleSettings
from penchant_trainer import model as networks
from penchant_trainer import neutral, quiet
from penchant_trainer.attendance import Attendance
from penchant_trainer.courtesy import Courtesy
from penchant_trainer.curves import Curves
from penchant_trainer.examples import judged
from penchant_trainer.limits import Limits
from penchant_trainer.practice import Place, places
from penchant_trainer.progress import Progress
from penchant_trainer.recipe import Recipe, adjusted, recipe
from penchant_trainer.resources import Device
from penchant_trainer.split import Split
from penchant_trainer.tokens import Tokens, load_tokens
from penchant_trainer.units import Event, Example, Pair

pytestmark = pytest.mark.filterwarnings("ignore")

NOUNS = [
    *("order", "invoice", "customer", "report", "message"),
    *("account", "payment", "ticket", "session", "product"),
]
CPU = Device("cpu")
MAX_TOKENS = 6


def event(n: int, noun: str) -> Event:
    """Somebody who writes double quotes where single ones were suggested."""
    where = (f"{noun}_name = ", f"\n{noun}_size = {n}\n", (), f"{noun}.py")
    chosen, rejected, ids = f'"{noun}"', f"'{noun}'", (f"c{n}",)
    wanted = Example(*where, chosen, True, 1.0, ids, True)
    pair = Pair(*where, chosen, rejected, 1.0, ids, True, n % 2 == 0)
    prefix, suffix, context, path = where
    return Event(
        ids[0],
        n,
        float(n),
        "w",
        path,
        "python",
        prefix,
        suffix,
        context,
        chosen,
        (pair,),
        (wanted,),
    )


EVENTS = tuple(event(n, noun) for n, noun in enumerate(NOUNS))
SIDES = Split(EVENTS[:8], EVENTS[8:], 0)
CHOSEN: Recipe = adjusted(
    recipe("small", parameters=7_600_000, max_rank=8),
    {
        "max_length": 96,
        "batch": 4,
        "accumulate": 1,
        "sft_epochs": 2,
        "replay_share": 0.2,
    },
)
JUDGED = adjusted(CHOSEN, {"batch": 8, "kto_epochs": 2, "kto_rate": 2e-3, "reward_epochs": 6})
PRACTISED = adjusted(
    CHOSEN,
    {
        "batch": 16,
        "rollouts": 16,
        "grpo_rate": 3e-3,
        "ppo_rate": 2e-3,
        "ppo_passes": 1,
        "replay_share": 0.1,
        "practice_anchor": 1.0,
        "grpo_tokens": 16 * 30 * 4,
        "ppo_tokens": 16 * 30 * 4,
        "no_end_penalty": 0.0,
    },
)


class Brief:
    """Rewards short texts: easily learned from any model."""

    name = "brief"

    def scores(self, events: Sequence[Event], texts: Sequence[str]) -> list[float | None]:
        assert len(events) == len(texts)
        return [1 / (1 + len(text) / 8) for text in texts]


@dataclass(frozen=True)
class Ground:
    """What all methods go on from."""

    base: BaseModel
    tokens: Tokens
    adapter: Path
    places: tuple[Place, ...]
    neutral: tuple[Example, ...]

    def model(self) -> Any:
        return networks.with_adapter(
            networks.load_base(self.base, CPU), self.adapter, trainable=True
        )


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    from penchant_trainer import sft

    quiet.silence()
    base = models.resolve("bundled")
    tokens = load_tokens(str(base.directory), base.renderer, CHOSEN.max_length)
    model = networks.with_new_adapter(networks.load_base(base, CPU), CHOSEN, 0)
    directory = tmp_path_factory.mktemp("sft")
    calm = tuple(e for e in neutral.replay(60, 0) if tokens.sft_row(e))[:12]
    figures = sft.train(
        model, tokens, SIDES.examples, calm, CHOSEN,
        seed=0, scratch=directory, report=lambda _: None,
    )  # fmt: skip
    assert figures["steps"] == 4
    networks.save(model, directory / "adapter", base.name)
    found = places(tokens, SIDES.train, MAX_TOKENS)
    assert len(found) == 8
    return Ground(base, tokens, directory / "adapter", found, calm)


@torch.no_grad()
def margin(model: Any, tokens: Tokens) -> float:
    """How much likelier (nats) the chosen texts are than the rejected ones, ends aside."""
    total = 0.0
    for pair in SIDES.pairs:
        prompt = tokens.prompt_ids(pair.prefix, pair.suffix, pair.context, pair.path)
        for sign, text in ((1, pair.chosen), (-1, pair.rejected)):
            ids = tokens.completion_ids(text, False)
            logits = model(input_ids=torch.tensor([prompt + ids])).logits[0, len(prompt) - 1 : -1]
            logp = logits.float().log_softmax(-1).gather(1, torch.tensor(ids)[:, None])
            total += sign * float(logp.sum())
    return total / len(SIDES.pairs)


def served(model: Any, ground: Ground, directory: Path) -> None:
    """Core accepts what was saved, and it is another adapter than SFT's."""
    networks.save(model, directory, ground.base.name)
    assert check(directory, ground.base.shapes(), max_rank=8).rank == 8
    assert {p.name for p in directory.iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
    }
    one, two = (p / "adapter_model.safetensors" for p in (directory, ground.adapter))
    assert one.read_bytes() != two.read_bytes()


def test_kto_prefers_what_was_wanted(ground: Ground, tmp_path: Path) -> None:
    from penchant_trainer import kto

    model = ground.model()
    before = margin(model, ground.tokens)
    figures = kto.train(
        model, ground.tokens, judged(SIDES), ground.neutral, JUDGED,
        seed=0, scratch=tmp_path, report=lambda _: None,
    )  # fmt: skip
    assert (figures["wanted"], figures["unwanted"]) == (8, 8)
    assert margin(model, ground.tokens) > before + 0.5
    served(model, ground, tmp_path / "adapter")


def test_the_reward_model_ranks_held_out_pairs(ground: Ground, tmp_path: Path) -> None:
    from penchant_trainer import reward_model

    held_out = [pair for event in SIDES.held_out for pair in event.pairs]
    judge, figures = reward_model.train(
        ground.base, CPU, ground.tokens, SIDES.pairs, held_out, JUDGED,
        seed=0, scratch=tmp_path, report=lambda _: None,
    )  # fmt: skip
    assert figures["accuracy"] == 1.0
    reward_model.save(judge, tmp_path / "reward", ground.base.name)
    assert {p.suffix for p in (tmp_path / "reward").iterdir()} == {".json", ".safetensors"}
    again = reward_model.load(ground.base, CPU, ground.tokens, tmp_path / "reward")
    where = SIDES.held_out
    texts = [e.truth or "" for e in where]
    scores = again.scores(where, texts)
    assert scores == pytest.approx(judge.scores(where, texts), abs=1e-5)
    assert all(0 <= (score or 0) <= 1 for score in scores)
    assert again.scores(where, ["", " "]) == [0.0, 0.0]
    # Padding, which here comes from a longer neighbour, does not change a score.
    alone = [again.scores([e], [t])[0] for e, t in zip(where, texts, strict=True)]
    together = again.scores([*where, where[0]], [*texts, "x = 1\n" * 8])[:2]
    assert together == pytest.approx(alone, abs=1e-4)


def test_grpo_raises_the_reward_on_exactly_the_served_prompts(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from penchant_trainer import grpo

    generate, seen = grpo.Trainer._generate_single_turn, []

    def noting(self: Any, prompt_ids: list[list[int]], *more: Any) -> Any:
        seen.extend(map(tuple, prompt_ids))
        return generate(self, prompt_ids, *more)

    monkeypatch.setattr(grpo.Trainer, "_generate_single_turn", noting)
    model = ground.model()
    figures = grpo.train(
        model, ground.tokens, ground.places, [(Brief(), 1.0)], ground.neutral,
        PRACTISED, max_tokens=MAX_TOKENS, seed=0, scratch=tmp_path, report=lambda _: None,
    )  # fmt: skip
    assert figures["reward_last"] > figures["reward_first"] + 0.05, figures
    assert set(seen) == {tuple(ground.tokens.event_ids(e)) for e in SIDES.train}
    served(model, ground, tmp_path / "adapter")


def attended(told: list[float], drawn: Curves, worked_s: float = 0.0) -> Attendance:
    """What the loop hands to a training that has worked so long of its ten minutes."""
    seconds = iter([0.0])
    progress = Progress(Path("/nowhere"), "r", lambda _, done: told.append(done), {"train_ppo": 1})
    progress._write = lambda *_, **__: None  # type: ignore[method-assign]
    return Attendance(
        progress.phase("train_ppo"),
        courtesy=Courtesy("http://127.0.0.1:1", 0),
        limits=Limits(ScheduleSettings(max_minutes=10), clock=lambda: next(seconds, worked_s)),
        curves=drawn,
        whole=lambda: None,
    )


def test_a_training_whose_time_is_up_ends_after_a_step(ground: Ground, tmp_path: Path) -> None:
    from penchant_trainer import kto

    told: list[float] = []
    report = attended(told, Curves(None), worked_s=8 * 60)
    figures = kto.train(
        ground.model(), ground.tokens, judged(SIDES), ground.neutral, JUDGED,
        seed=0, scratch=tmp_path, report=report,
    )  # fmt: skip
    assert figures["steps"] > 1
    assert told[1:] == [1 / figures["steps"]]
    assert report.ended_early


def test_ppo_raises_the_reward_and_leaves_its_critic_behind(ground: Ground, tmp_path: Path) -> None:
    from penchant_trainer import ppo

    model, told, drawn = ground.model(), [], Curves(tmp_path)
    drawn.begin("train_ppo", 1)
    figures = ppo.train(
        model, ground.tokens, ground.places, [(Brief(), 1.0)], ground.neutral,
        PRACTISED, max_tokens=MAX_TOKENS, seed=0, scratch=tmp_path, report=attended(told, drawn),
    )  # fmt: skip
    drawn.close()
    rewards = [value for _, value in curves(tmp_path)["ppo/reward"]]
    assert len(rewards) == figures["batches"]
    assert rewards[-1] > rewards[0]
    assert figures["reward_last"] > figures["reward_first"] + 0.05, figures
    assert figures["distance"] > 0
    assert told[-1] == 1.0 or figures["stopped"]
    served(model, ground, tmp_path / "adapter")


def test_ppo_ends_when_it_is_too_far_from_where_it_began(ground: Ground, tmp_path: Path) -> None:
    from penchant_trainer import ppo

    figures = ppo.train(
        ground.model(), ground.tokens, ground.places, [(Brief(), 1.0)], ground.neutral,
        adjusted(PRACTISED, {"ppo_tokens": 1e6, "ppo_rate": 2e-2, "kl_stop": 0.02}),
        max_tokens=MAX_TOKENS, seed=0, scratch=tmp_path, report=lambda _: None,
    )  # fmt: skip
    assert "nats per text" in figures["stopped"]
    assert figures["batches"] < 20
