"""Chooses the next token of each candidate from the model's scores.

Temperature 0 is greedy; otherwise temperature, then nucleus (top-p), with a generator of its own
per request so that a seed repeats an answer. Log-probabilities are those of the unscaled model.
Source: nucleus sampling, arXiv 1904.09751. Knows nothing of text.
"""

import torch


class Sampler:
    """The settings of one request; ``choose`` maps scores [n, vocabulary] to n tokens."""

    def __init__(
        self, *, temperature: float, top_p: float, seed: int | None, device: torch.device
    ) -> None:
        self._temperature = temperature
        self._top_p = top_p
        self._generator: torch.Generator | None = None
        if temperature > 0:
            self._generator = torch.Generator(device=device)
            if seed is None:
                self._generator.seed()
            else:
                self._generator.manual_seed(seed & 0x7FFF_FFFF_FFFF_FFFF)

    def choose(self, scores: torch.Tensor) -> torch.Tensor:
        """Return one token id per row."""
        if self._generator is None:
            return scores.argmax(dim=-1)
        chances = torch.softmax(scores.float() / self._temperature, dim=-1)
        if self._top_p < 1.0:
            chances = self._nucleus(chances)
        return torch.multinomial(chances, 1, generator=self._generator).squeeze(-1)

    def _nucleus(self, chances: torch.Tensor) -> torch.Tensor:
        ordered, places = chances.sort(dim=-1, descending=True)
        before = ordered.cumsum(dim=-1) - ordered
        ordered = ordered.masked_fill(before >= self._top_p, 0.0)
        return torch.zeros_like(chances).scatter_(-1, places, ordered)


def log_probabilities(scores: torch.Tensor, tokens: torch.Tensor) -> list[float]:
    """Return the natural log-probability of each row's token."""
    logs = torch.log_softmax(scores.float(), dim=-1)
    return [float(x) for x in logs.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)]
