"""Where a model practises, and what a text that it wrote there is worth.

The places are past events of which the outcome is known, each with the very token ids that are
served there. A text's reward is the weighted mean of the objectives that have an opinion on it.
Knows nothing of how a model is trained.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from penchant_trainer.rewards.objective import Objective
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Event

Objectives = Sequence[tuple[Objective, float]]
"""What practice is for, each with its weight (above 0)."""


@dataclass(frozen=True, slots=True)
class Place:
    """One event with the token ids of its prompt, exactly as they are served."""

    event: Event
    ids: list[int]


def places(tokens: Tokens, events: Sequence[Event], max_tokens: int) -> tuple[Place, ...]:
    """Return the events with a known truth whose prompt leaves room for ``max_tokens``."""
    known = [Place(event, tokens.event_ids(event)) for event in events if event.truth]
    return tuple(place for place in known if len(place.ids) + max_tokens <= tokens.max_length)


def rewards(objectives: Objectives, events: Sequence[Event], texts: Sequence[str]) -> list[float]:
    """Return one reward in 0..1 per text; 0 where no objective has an opinion."""
    judged = [(objective.scores(events, texts), weight) for objective, weight in objectives]
    return [
        _mean([(scores[row], weight) for scores, weight in judged]) for row in range(len(texts))
    ]


def _mean(scores: Sequence[tuple[float | None, float]]) -> float:
    known = [(score, weight) for score, weight in scores if score is not None]
    total = sum(weight for _, weight in known)
    return sum(score * weight for score, weight in known) / total if total else 0.0


def course(values: Sequence[float]) -> dict[str, float]:
    """Return the mean reward of the first and of the last quarter of the steps."""
    quarter = max(1, len(values) // 4)
    return {
        "reward_first": round(fmean(values[:quarter]), 4) if values else 0.0,
        "reward_last": round(fmean(values[-quarter:]), 4) if values else 0.0,
    }
