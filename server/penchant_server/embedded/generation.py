"""The generation loop: prompt in, pieces of text out, stoppable between any two tokens.

Fills the prompt in blocks so that even a long one can be cancelled, reuses what the last prompt of
the document left in the prefix cache, and shares one filled prompt among all candidates. Runs in
the engine's one worker thread. Knows nothing of HTTP.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from tokenizers import Tokenizer

from penchant_core.copying import Copier, Copying, Nearby, mixed
from penchant_server.embedded.adapters import AdapterRack
from penchant_server.embedded.prefix_cache import PrefixCache, Remembered
from penchant_server.embedded.sampling import Sampler, log_probabilities
from penchant_server.embedded.text import TextStream

BLOCK_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Order:
    """What one request wants. ``adapter`` None is the base model, ``nearby`` None no copying."""

    prompt_ids: list[int]
    adapter: str | None = None
    max_tokens: int = 16
    n: int = 1
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stops: tuple[str, ...] = ()
    stop_ids: frozenset[int] = frozenset()
    logprobs: bool = False
    nearby: Nearby | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """New text of one candidate; ``finish`` is set on its last piece."""

    index: int
    text: str
    finish: str | None = None
    tokens: tuple[str, ...] = ()
    logprobs: tuple[float, ...] = ()
    generated: int = 0


@dataclass(slots=True)
class _Candidate:
    stream: TextStream
    done: bool = False
    generated: int = 0
    ids: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)

    def flush(self) -> tuple[tuple[str, ...], tuple[float, ...]]:
        taken = tuple(self.tokens), tuple(self.logprobs)
        self.tokens, self.logprobs = [], []
        return taken


class Generator:
    """A model with its adapters, ready to generate; not safe for several threads at once."""

    def __init__(
        self,
        model: Any,
        tokenizer: Tokenizer,
        rack: AdapterRack,
        eos: frozenset[int],
        copying: Copying | None = None,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._eos = eos
        self._copying = copying
        self.rack = rack
        self.cache = PrefixCache()
        self.generated_tokens = 0

    @torch.inference_mode()
    def run(self, order: Order, cancelled: Callable[[], bool]) -> Iterator[Piece]:
        """Yield pieces until every candidate has finished or ``cancelled()`` turns true.

        Raises KeyError for an adapter that is not loaded.
        """
        self.rack.use(order.adapter)
        memory = self.cache.take(order.adapter, order.prompt_ids)
        scores = self._fill(memory, order.prompt_ids, cancelled)
        if scores is None:
            self.cache.put(order.adapter, memory)
            return
        if order.n == 1:
            yield from self._decode(order, memory, memory.cache, scores, cancelled)
        else:
            cache = copy.deepcopy(memory.cache)
            cache.batch_repeat_interleave(order.n)
            many = scores.expand(order.n, -1)
            yield from self._decode(order, None, cache, many, cancelled)
        self.cache.put(order.adapter, memory)

    def _fill(
        self, memory: Remembered, prompt: Sequence[int], cancelled: Callable[[], bool]
    ) -> torch.Tensor | None:
        scores = None
        while len(memory.ids) < len(prompt):
            if cancelled():
                return None
            block = list(prompt[len(memory.ids) : len(memory.ids) + BLOCK_TOKENS])
            scores = self._forward(torch.tensor([block]), memory.cache)
            memory.add(block)
        return scores

    def _forward(self, ids: torch.Tensor, cache: Any) -> torch.Tensor:
        ids = ids.to(self._model.device)
        output = self._model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        scores: torch.Tensor = output.logits[:, -1]
        return scores

    def _decode(
        self,
        order: Order,
        memory: Remembered | None,
        cache: Any,
        scores: torch.Tensor,
        cancelled: Callable[[], bool],
    ) -> Iterator[Piece]:
        sampler = Sampler(
            temperature=order.temperature,
            top_p=order.top_p,
            seed=order.seed,
            device=scores.device,
        )
        candidates = [
            _Candidate(TextStream(self._tokenizer, order.prompt_ids, order.stops))
            for _ in range(order.n)
        ]
        ends = self._eos | order.stop_ids
        copier = self._copier(order)
        while not cancelled():
            scores = self._with_copies(scores, copier, candidates)
            chosen = sampler.choose(scores)
            logs = log_probabilities(scores, chosen) if order.logprobs else None
            tokens = chosen.tolist()
            for index, candidate in enumerate(candidates):
                if not candidate.done:
                    log = logs[index] if logs else None
                    yield from self._advance(order, index, candidate, tokens[index], log, ends)
            if all(candidate.done for candidate in candidates):
                return
            scores = self._forward(chosen.unsqueeze(-1), cache)
            if memory is not None:
                memory.add(tokens)

    def _copier(self, order: Order) -> Copier | None:
        if self._copying is None or order.nearby is None:
            return None
        return Copier(self._copying, order.nearby, self._encode)

    def _encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _with_copies(
        self, scores: torch.Tensor, copier: Copier | None, candidates: Sequence[_Candidate]
    ) -> torch.Tensor:
        if copier is None:
            return scores
        for row, candidate in enumerate(candidates):
            if not candidate.done:
                written = self._tokenizer.decode(candidate.ids, skip_special_tokens=True)
                scores = mixed(scores, row, copier.shares(written))
        return scores

    def _advance(
        self,
        order: Order,
        index: int,
        candidate: _Candidate,
        token: int,
        log: float | None,
        ends: frozenset[int],
    ) -> Iterator[Piece]:
        candidate.generated += 1
        candidate.ids.append(token)
        self.generated_tokens += 1
        ended = token in ends
        if log is not None:
            candidate.tokens.append(self._tokenizer.decode([token], skip_special_tokens=False))
            candidate.logprobs.append(log)
        text = "" if ended else candidate.stream.push(token)
        finish = "stop" if ended or candidate.stream.stopped else None
        if finish is None and candidate.generated >= order.max_tokens:
            finish = "length"
        if finish:
            candidate.done = True
            text += candidate.stream.finish()
            if candidate.stream.stopped:
                finish = "stop"
        if text or finish:
            names, values = candidate.flush()
            yield Piece(index, text, finish, names, values, candidate.generated)
