"""The served base model as its own judge: log-probabilities of " yes" and " no", on this machine.

Nothing is generated: the question is read once, and the two continuations are weighed. A small code
model is a poor judge, which is what measuring its agreement is for. Imports torch when it is asked.
Knows nothing of principles.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from penchant_core.config import Config
from penchant_trainer.rewards.judge import Row

MAX_TOKENS = 1024
"""The last so many tokens of a question are read."""


class SelfOracle:
    """Weighs yes against no with a language model; ``network`` is a causal model of transformers.

    ``tokenise`` turns text into token ids without special tokens.
    """

    def __init__(self, network: Any, tokenise: Callable[[str], list[int]], name: str) -> None:
        self._network, self._tokenise, self._called = network, tokenise, name
        self._yes, self._no = tokenise(" yes"), tokenise(" no")

    @property
    def name(self) -> str:
        """The model's own name."""
        return f"self ({self._called})"

    def probabilities(self, questions: Sequence[str]) -> Row:
        """Return how probable yes is for each question, of the two."""
        return [self._probability(question) for question in questions]

    def _probability(self, question: str) -> float:
        ids = self._tokenise(question)[-MAX_TOKENS:]
        yes, no = (self._log_probability(ids, said) for said in (self._yes, self._no))
        return 1 / (1 + math.exp(min(700.0, max(-700.0, no - yes))))

    def _log_probability(self, ids: list[int], said: list[int]) -> float:
        import torch

        with torch.inference_mode():
            inputs = torch.tensor([ids + said], device=self._network.device)
            logits = self._network(input_ids=inputs, logits_to_keep=len(said) + 1).logits[0, :-1]
            log_p = torch.log_softmax(logits.float(), dim=-1)
            wanted = torch.tensor(said, device=log_p.device)
            return float(log_p.gather(1, wanted[:, None]).sum())


def served_model(config: Config) -> SelfOracle:
    """Return the base model that is served as an oracle; raises PenchantError without one."""
    from penchant_core import models
    from penchant_trainer import quiet
    from penchant_trainer.resources import choose, claim

    device = choose(config.settings.training.device)
    base = models.resolve(config.settings.engine.model, config.paths.cache)
    claim(device)
    quiet.silence()
    from penchant_trainer.model import load_base
    from penchant_trainer.tokens import load_tokens

    tokens = load_tokens(str(base.directory), base.renderer, MAX_TOKENS)
    network = load_base(base, device).network.eval()

    def tokenise(text: str) -> list[int]:
        return [int(i) for i in tokens.tokenizer(text, add_special_tokens=False)["input_ids"]]

    return SelfOracle(network, tokenise, base.name)
