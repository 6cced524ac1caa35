"""The trainings of a run: what each method learns from, whether there is enough of it, what it
leaves in the run's directory.

SFT is the ground. Every other method goes on from the adapter that SFT left, beside the others and
never on top of them, so that the gate can tell which of them helped. torch and its kin are imported
inside. Knows nothing of the gate and of publishing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from penchant_trainer import judging, neutral
from penchant_trainer.canaries import fitting, planted
from penchant_trainer.progress import Report
from penchant_trainer.rewards.judge import JudgeError
from penchant_trainer.run import Run, whole
from penchant_trainer.units import Event

SFT, DPO, KTO, REWARD, GRPO, PPO = "sft", "dpo", "kto", "reward", "grpo", "ppo"

LINEAGE = {SFT: "sft", DPO: "sft+dpo", KTO: "sft+kto", GRPO: "sft+grpo", PPO: "sft+ppo"}
"""The candidates, each with how it came about, as a card says it."""

LEFT_BY = {f"train_{name}": name for name in (SFT, DPO, KTO, REWARD, GRPO, PPO)}
"""What each training leaves in the run's directory."""
LEFT_BY[judging.PHASE] = judging.LABELS

LEAST_OF_EACH = 8
"""KTO needs so many wanted and so many unwanted texts at least."""

NOT_CHOSEN = {"skipped": "not among training.methods"}


def trained(results: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the candidates that a run has trained, SFT first."""
    return tuple(name for name in LINEAGE if "skipped" not in results[f"train_{name}"])


def lineage(name: str, results: Mapping[str, dict[str, Any]]) -> str:
    """Return how a candidate came about, with the judge if one had a part in it."""
    return f"{LINEAGE[name]}+judge" if _by_judge(results[f"train_{name}"]) else LINEAGE[name]


def _by_judge(figures: Mapping[str, Any]) -> bool:
    return bool(figures.get("judge_labels")) or "judge" in figures.get("objectives", ())


def made_by(name: str, results: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of the trainings that a candidate went through, for its card."""
    through = [SFT, *([] if name == SFT else [name])]
    if results[f"train_{name}"].get("judged"):
        through.append(REWARD)
    found = {each: results[f"train_{each}"] for each in through}
    asked = results.get(judging.PHASE) or judging.NOT_ASKED
    return found if asked == judging.NOT_ASKED else found | {"judge": asked}


def train_sft(run: Run, report: Report) -> dict[str, Any]:
    """Train a fresh adapter on what was wanted and a few canaries, mixed with neutral code."""
    from penchant_trainer import model as networks
    from penchant_trainer import sft

    sides = run.split()
    wanted = tuple(e for e in sides.examples if e.desirable)
    secrets = run.canaries(fitting(len(wanted)))
    tokens = _tokens(run)
    loaded = networks.load_base(run.base, run.device)
    model = networks.with_new_adapter(loaded, run.recipe, run.seed)
    figures = sft.train(
        model,
        tokens,
        planted(wanted, secrets),
        _neutral(run, len(wanted)),
        run.recipe,
        pairs=sides.pairs,
        seed=run.seed,
        scratch=run.scratch,
        report=report,
    )
    figures |= _kept(run, model, tokens, SFT)
    return figures | {"dropped": tokens.dropped, "canaries": len(secrets)}


def train_dpo(run: Run, report: Report) -> dict[str, Any]:
    """Train on from SFT with preference pairs, if there are enough."""
    if not _chosen(run, DPO):
        return NOT_CHOSEN
    pairs = run.split().pairs
    if len(pairs) < _least(run):
        return {"skipped": f"{len(pairs)} of {_least(run)} preference pairs"}
    from penchant_trainer import dpo

    tokens, model, labels = _tokens(run), _on_sft(run), judging.pairs(run)
    figures = dpo.train(
        model,
        tokens,
        pairs + labels,
        run.recipe,
        seed=run.seed,
        scratch=run.scratch,
        report=report,
    )
    figures |= _kept(run, model, tokens, DPO)
    return figures | {"dropped": tokens.dropped} | _beside(labels)


def train_kto(run: Run, report: Report) -> dict[str, Any]:
    """Train on from SFT with single texts, wanted and unwanted, if there are enough of both."""
    if not _chosen(run, KTO):
        return NOT_CHOSEN
    from penchant_trainer.examples import judged

    examples = judged(run.split())
    wanted = sum(e.desirable for e in examples)
    if len(examples) < _least(run) or min(wanted, len(examples) - wanted) < LEAST_OF_EACH:
        return {"skipped": f"{wanted} wanted and {len(examples) - wanted} unwanted texts"}
    from penchant_trainer import kto

    tokens, model = _tokens(run), _on_sft(run)
    labels = judging.examples(run, len(examples))
    figures = kto.train(
        model,
        tokens,
        examples + labels,
        _neutral(run, len(examples)),
        run.recipe,
        seed=run.seed,
        scratch=run.scratch,
        report=report,
    )
    figures |= _kept(run, model, tokens, KTO)
    return figures | {"dropped": tokens.dropped} | _beside(labels)


def _beside(labels: Sequence[Any]) -> dict[str, int]:
    return {"judge_labels": len(labels)} if labels else {}


def train_reward(run: Run, report: Report) -> dict[str, Any]:
    """Train a reward model from preference pairs, for the methods that practise."""
    if not (_chosen(run, GRPO) or _chosen(run, PPO)):
        return NOT_CHOSEN
    sides = run.split()
    if len(sides.pairs) < _least(run):
        return {"skipped": f"{len(sides.pairs)} of {_least(run)} preference pairs"}
    from penchant_trainer import reward_model

    tokens = _tokens(run)
    held_out = tuple(pair for event in sides.held_out for pair in event.pairs)
    judge, figures = reward_model.train(
        run.base,
        run.device,
        tokens,
        sides.pairs,
        held_out,
        run.recipe,
        seed=run.seed,
        scratch=run.scratch,
        report=report,
    )
    with whole(run.directory / REWARD) as staged:
        reward_model.save(judge, staged, run.base.name)
    return figures | {"dropped": tokens.dropped}


def train_grpo(run: Run, report: Report) -> dict[str, Any]:
    """Practise on from SFT, in groups of texts that are compared with one another."""
    if not _chosen(run, GRPO):
        return NOT_CHOSEN
    from penchant_trainer import grpo

    return _practise(run, report, GRPO, grpo.train)


def train_ppo(run: Run, report: Report) -> dict[str, Any]:
    """Practise on from SFT, against a critic's expectation."""
    if not _chosen(run, PPO):
        return NOT_CHOSEN
    from penchant_trainer import ppo

    return _practise(run, report, PPO, ppo.train)


def _practise(run: Run, report: Report, name: str, train: Any) -> dict[str, Any]:
    from penchant_trainer.practice import places

    tokens = _tokens(run)
    longest = min(run.recipe.rollout_tokens, run.config.settings.completion.max_tokens)
    where = places(tokens, run.split().train, longest)
    if len(where) < _least(run):
        return {"skipped": f"{len(where)} of {_least(run)} places of which the outcome is known"}
    events = [place.event for place in where]
    objectives, judged = _objectives(run, tokens, events)
    model = _on_sft(run)
    try:
        with judging.objectives(run, events) as further:
            objectives += further
            figures = train(
                model,
                tokens,
                where,
                objectives,
                _neutral(run, len(where)),
                run.recipe,
                max_tokens=longest,
                seed=run.seed,
                scratch=run.scratch,
                report=report,
            )
    except JudgeError as error:  # the run goes on without this candidate
        return {"skipped": str(error)}
    figures |= _kept(run, model, tokens, name)
    return figures | {"judged": judged, "objectives": {o.name: w for o, w in objectives}}


def _objectives(
    run: Run, tokens: Any, events: Sequence[Event]
) -> tuple[list[tuple[Any, float]], bool]:
    """Return what practice is for, with weights, and whether the reward model is trusted."""
    from penchant_trainer.rewards.likeness import Likeness

    found: list[tuple[Any, float]] = [(Likeness(), 1.0)]
    found.append((_checks(run, events), run.recipe.checks_weight))
    judge = run.results["train_reward"]
    trusted = (judge.get("accuracy") or 0.0) >= run.recipe.judge_accuracy
    if trusted:
        from penchant_trainer import reward_model

        place = run.kept(REWARD)
        found.append(
            (reward_model.load(run.base, run.device, tokens, place), run.recipe.judge_weight)
        )
    return found, trusted


def _checks(run: Run, events: Sequence[Event]) -> Any:
    """Return the verifiable checks as one reward, measured by what was written and refused."""
    from penchant_trainer.rewards.brevity import typical_chars
    from penchant_trainer.rewards.verifiable import reward

    known = [(event, event.truth or "") for event in events]
    known += [(event, pair.rejected) for event in events for pair in event.pairs]
    checks = reward(run.config.settings.judging, typical_chars(e.truth or "" for e in events))
    return checks.fitted([event for event, _ in known], [text for _, text in known])


def _chosen(run: Run, name: str) -> bool:
    return name in run.config.settings.training.methods


def _least(run: Run) -> int:
    return run.config.settings.training.min_pairs_dpo


def _tokens(run: Run) -> Any:
    from penchant_trainer.tokens import load_tokens

    return load_tokens(str(run.base.directory), run.base.renderer, run.recipe.max_length)


def _kept(run: Run, model: Any, tokens: Any, name: str) -> dict[str, float]:
    """Keep a trained adapter, weakened where it forgot too much; return how far."""
    from penchant_trainer.tempering import temper

    found: dict[str, float] = {}
    if run.recipe.anchor:  # else it is meant to be held by nothing
        probe = neutral.probing(run.recipe.neutral_held_out, run.seed + 1)
        found = temper(model, tokens, probe, most=run.recipe.forgetting)
    run.keep(model, name)
    return found


def _on_sft(run: Run) -> Any:
    """Return the base model with the adapter that SFT left, to be trained on."""
    from penchant_trainer import model as networks

    loaded = networks.load_base(run.base, run.device)
    return networks.with_adapter(loaded, run.kept(SFT), trainable=True)


def _neutral(run: Run, rows: int) -> Any:
    """Return neutral code to anchor on: more kinds of it than draws, so that none repeats."""
    share = run.recipe.replay_share
    return neutral.replay(max(round(rows * share / (1 - share)), 2 * rows), run.seed)


TRAININGS = {
    "train_sft": train_sft,
    judging.PHASE: judging.judge_pairs,
    "train_dpo": train_dpo,
    "train_kto": train_kto,
    "train_reward": train_reward,
    "train_grpo": train_grpo,
    "train_ppo": train_ppo,
}
