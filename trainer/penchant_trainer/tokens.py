"""Turns prompts and completions into token ids, exactly as they are served.

The prompt is core's rendering, tokenised as the engines tokenise a prompt: with the special tokens
that the tokenizer itself adds (none for the bundled model and the Qwen family, a BOS for others),
because a BOS that only one side saw would make another prompt. The completion is tokenised by
itself, because the engine too continues from finished prompt tokens. The end-of-text token is
added only where the text ended by itself.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from penchant_core.copying import Copier, Copying, Nearby
from penchant_core.fim import FimRenderer
from penchant_core.signals import Snippet
from penchant_core.wire import ContextSnippet
from penchant_trainer.units import Event, Example, Pair

Row = dict[str, list[int]]


class Tokens:
    """A tokenizer with the renderer of the same model.

    ``max_length`` bounds prompt plus completion (tokens): a longer row would be cut by the trainer
    in places that are never served, so it is left out here and counted in ``dropped``. ``copying``
    says how the served model copies from nearby, None where it does not.
    """

    def __init__(
        self,
        tokenizer: Any,
        renderer: FimRenderer,
        max_length: int,
        copying: Copying | None = None,
    ) -> None:
        self.tokenizer, self.renderer, self.max_length = tokenizer, renderer, max_length
        self.copying = copying
        self.end = tokenizer.convert_tokens_to_ids(renderer.template.end)
        self.dropped = 0

    def prompt(self, prefix: str, suffix: str, context: Sequence[Snippet], path: str) -> str:
        """Return the served prompt as text."""
        wire = [ContextSnippet(path=s.path, text=s.text, why=s.why) for s in context]
        return self.renderer.render(prefix, suffix, wire, path)

    def prompt_ids(
        self, prefix: str, suffix: str, context: Sequence[Snippet] = (), path: str = ""
    ) -> list[int]:
        """Return the served prompt's token ids."""
        return self._ids(self.prompt(prefix, suffix, context, path), special=True)

    def completion_ids(self, text: str, ended: bool) -> list[int]:
        """Return a completion's token ids, ended only if it ended by itself.

        FIM markers inside a text are removed, as the renderer removes them from prompts.
        """
        for mark in self.renderer.template.stops:
            text = text.replace(mark, "")
        return self._ids(text) + ([self.end] if ended else [])

    def sft_row(self, example: Example) -> Row | None:
        """Return ``input_ids`` and ``completion_mask`` for TRL's SFT; None when too long."""
        prompt = self._of(example)
        completion = self.completion_ids(example.completion, example.ended)
        if not self._fits(prompt, completion):
            return None
        mask = [0] * len(prompt) + [1] * len(completion)
        return {"input_ids": prompt + completion, "completion_mask": mask}

    def dpo_row(self, pair: Pair) -> Row | None:
        """Return ``prompt_ids``, ``chosen_ids`` and ``rejected_ids``; None when too long."""
        prompt = self._of(pair)
        chosen = self.completion_ids(pair.chosen, pair.chosen_ended)
        rejected = self.completion_ids(pair.rejected, pair.rejected_ended)
        if not (self._fits(prompt, chosen) and self._fits(prompt, rejected)):
            return None
        return {"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": rejected}

    def event_ids(self, event: Event) -> list[int]:
        """Return the prompt of a held-out event."""
        return self._of(event)

    def copier(self, nearby: Nearby) -> Copier | None:
        """Return what copies from ``nearby`` as the engine does, None where it does not."""
        return Copier(self.copying, nearby, self._ids) if self.copying else None

    def _of(self, unit: Event | Example | Pair) -> list[int]:
        return self.prompt_ids(unit.prefix, unit.suffix, unit.context, unit.path)

    def _ids(self, text: str, *, special: bool = False) -> list[int]:
        ids = self.tokenizer(text, add_special_tokens=special)["input_ids"]
        return [int(i) for i in ids]

    def _fits(self, prompt: list[int], completion: list[int]) -> bool:
        fits = bool(completion) and len(prompt) + len(completion) <= self.max_length
        self.dropped += not fits
        return fits


def load_tokens(
    model_dir: str, renderer: FimRenderer, max_length: int, copying: Copying | None = None
) -> Tokens:
    """Return the tokens of the model in ``model_dir``; nothing is fetched.

    ``tokenizer.json`` is taken as it stands, as the gateway takes it: ``AutoTokenizer`` puts the
    Qwen family's own splitting of words in its place, and would train on other ids than are served.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    whole = (Path(model_dir) / "tokenizer.json").exists()
    kind = PreTrainedTokenizerFast if whole else AutoTokenizer
    tokenizer = kind.from_pretrained(model_dir, local_files_only=True)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Tokens(tokenizer, renderer, max_length, copying)
