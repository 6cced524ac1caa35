"""Objectives together as one reward, every one of them still to be seen apart.

Is an objective itself, so that what trains on one objective can train on all. Knows nothing of how
scores are combined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from penchant_trainer.rewards.objective import Objective
from penchant_trainer.rewards.scalarisation import (
    Figure,
    Method,
    Scale,
    Score,
    combine,
    figures,
    scales,
)
from penchant_trainer.units import Event

GATES = ("parses", "no_secret")
"""Objectives that multiply instead of adding: nothing makes up for them."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Rewards (0..1, in the texts' order), each objective's scores, and its figures."""

    rewards: tuple[float, ...]
    scores: Mapping[str, Sequence[Score]]
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Reward:
    """Several objectives with their weights (1 where none is given) and gates.

    ``known`` are scales fitted on reference texts (see ``fitted``); without them each batch is
    its own reference, and rewards of different batches cannot be compared.
    """

    objectives: tuple[Objective, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    method: Method = "sum"
    gates: tuple[str, ...] = GATES
    known: Mapping[str, Scale] = field(default_factory=dict)
    name: str = "reward"

    def fitted(self, events: Sequence[Event], texts: Sequence[str]) -> "Reward":
        """Return the same reward, standardised against these texts from now on."""
        known = scales(self._separately(events, texts))
        return Reward(self.objectives, self.weights, self.method, self.gates, known, self.name)

    def scores(self, events: Sequence[Event], texts: Sequence[str]) -> list[float | None]:
        """Return one reward per text, in 0..1."""
        return list(self.scored(events, texts).rewards)

    def scored(self, events: Sequence[Event], texts: Sequence[str]) -> Scored:
        """Return rewards together with what each objective said."""
        scores = self._separately(events, texts)
        weights = {name: self.weights.get(name, 1.0) for name in scores}
        known = {**scales(scores), **self.known}
        rewards = combine(scores, weights, known, method=self.method, gates=self.gates)
        return Scored(tuple(rewards), scores, figures(scores))

    def _separately(
        self, events: Sequence[Event], texts: Sequence[str]
    ) -> dict[str, list[float | None]]:
        return {o.name: o.scores(events, texts) for o in self.objectives}
