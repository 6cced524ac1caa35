"""Lets a model answer questions: greedy, in batches, through the renderer it is served with.

Takes any directory with a transformers model, so that models can be compared. Knows nothing of what
is right.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

from penchant_core.models import BaseModel
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.questions import Question
from penchant_trainer.pretrain.scoring import Answer

LINE_TOKENS, BLOCK_TOKENS = 48, 128
BITS_CHARS = 1500
Report = Callable[[int, int], None]


class Writer:
    """A loaded model with its tokenizer and renderer."""

    def __init__(self, model: BaseModel) -> None:
        from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

        self._renderer = model.renderer
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        kind = torch.bfloat16 if self.device == "cuda" else torch.float32
        self._tokenizer = PreTrainedTokenizerFast.from_pretrained(
            model.directory, padding_side="left"
        )
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._renderer.template.end
        self._end = self._tokenizer.convert_tokens_to_ids(self._renderer.template.end)
        network = AutoModelForCausalLM.from_pretrained(model.directory, dtype=kind)
        self._network = network.to(self.device).eval()
        self.parameters = sum(p.numel() for p in network.parameters())

    def answers(
        self, asked: Sequence[Question], batch: int, report: Report | None = None
    ) -> list[Answer]:
        """Return an answer to each question, in order."""
        order = sorted(range(len(asked)), key=lambda i: (asked[i].kind, len(asked[i].prefix)))
        found: dict[int, Answer] = {}
        for at in range(0, len(order), batch):
            chosen = order[at : at + batch]
            for kind in {asked[i].kind for i in chosen}:
                same = [i for i in chosen if asked[i].kind == kind]
                found |= dict(zip(same, self._batch([asked[i] for i in same]), strict=True))
            if report:
                report(len(found), len(order))
        return [found[i] for i in range(len(asked))]

    @torch.inference_mode()
    def _batch(self, asked: Sequence[Question]) -> list[Answer]:
        prompts = [self._renderer.render(q.prefix, q.suffix, (), q.path) for q in asked]
        one_line = asked[0].kind != "multi_line"
        made, _ = self._generate(prompts, LINE_TOKENS if one_line else BLOCK_TOKENS, one_line)
        return [self._answer(ids) for ids in made]

    def _generate(
        self, prompts: Sequence[str], tokens: int, one_line: bool
    ) -> tuple[torch.Tensor, float]:
        given = self._tokenizer(
            list(prompts), return_tensors="pt", padding=True, add_special_tokens=False
        ).to(self.device)
        given.pop("token_type_ids", None)
        begun = time.perf_counter()
        length = given["input_ids"].shape[1]
        made = self._network.generate(
            **given,
            do_sample=False,
            max_new_tokens=tokens,
            eos_token_id=self._end,
            pad_token_id=self._tokenizer.pad_token_id,
            stopping_criteria=[self._line_is_over] if one_line else None,
        )
        return made[:, length:], time.perf_counter() - begun

    def _line_is_over(self, ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """Say which answers hold a line break: nothing after it would be shown."""
        last = self._tokenizer.batch_decode(ids[:, -1:])
        return torch.tensor(["\n" in text for text in last], device=ids.device)

    def _answer(self, ids: torch.Tensor) -> Answer:
        listed = ids.tolist()
        ended = self._end in listed
        listed = listed[: listed.index(self._end)] if ended else listed
        return Answer(self._tokenizer.decode(listed, skip_special_tokens=True), ended)

    def speed(self, asked: Sequence[Question], count: int = 8) -> float:
        """Return tokens per second for one prompt at a time (prompt reading included)."""
        total, seconds = 0, 0.0
        for question in asked[:count]:
            prompt = self._renderer.render(question.prefix, question.suffix)
            with torch.inference_mode():
                made, took = self._generate([prompt], 32, one_line=False)
            total, seconds = total + made.numel(), seconds + took
        return total / seconds

    @torch.inference_mode()
    def bits_per_byte(self, documents: Sequence[Document], count: int) -> float:
        """Return the code length of plain text from the documents' middles, in bits per byte."""
        nats, size = 0.0, 0
        step = max(1, len(documents) // count)
        for document in documents[::step][:count]:
            start = document.text.find("\n", len(document.text) // 3) + 1
            text = document.text[start : start + BITS_CHARS]
            ids = [self._end, *self._tokenizer.encode(text, add_special_tokens=False)]
            given = torch.tensor([ids], device=self.device)
            logits = self._network(input_ids=given).logits[0, :-1].float()
            nats += float(torch.nn.functional.cross_entropy(logits, given[0, 1:], reduction="sum"))
            size += len(text.encode())
        return nats / 0.6931471805599453 / size
