"""Builds what an engine is asked: the FIM prompt and an allow-listed set of fields.

The template comes from the base model, so the prompt is byte for byte the trained one. A client's
``model`` never passes, nor any field that is not named here. Knows nothing of HTTP and adapters.
"""

import json
from dataclasses import replace
from typing import Any

from penchant_core.fim import FimRenderer
from penchant_core.models import BaseModel
from penchant_core.wire import CompletionRequest

SMALLEST_PREFIX = 200


class PromptBuilder:
    """Renders requests for one base model."""

    def __init__(self, base: BaseModel) -> None:
        self._renderer = base.renderer
        self._stops = list(base.renderer.template.stops)
        self._stop_ids = _token_ids(base, self._stops)

    def body(self, request: CompletionRequest, *, model: str, halvings: int = 0) -> dict[str, Any]:
        """Return the engine's request body; ``halvings`` shrink the window of an overlong one."""
        asked = request.penchant
        body: dict[str, Any] = {
            "model": model,
            "prompt": self._window(halvings).render(
                request.prompt, request.suffix or "", asked.context, asked.path
            ),
            "max_tokens": request.max_tokens,
            # A greedy candidate has no siblings: they would be its copies, and vLLM refuses them.
            "n": request.n if request.temperature > 0 else 1,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "stop": [*self._stops, *_texts(request.stop)],
            "stop_token_ids": self._stop_ids,
            "stream": request.stream,
        }
        if request.seed is not None:
            body["seed"] = request.seed
        if request.logprobs is not None:
            body["logprobs"] = request.logprobs
        if request.stream:
            body["stream_options"] = {"include_usage": True}
        return body

    def can_shrink(self, halvings: int) -> bool:
        """Tell whether a window halved that often still holds enough to complete from."""
        return self._renderer.budget.prefix_chars >> halvings >= SMALLEST_PREFIX

    def _window(self, halvings: int) -> FimRenderer:
        if not halvings:
            return self._renderer
        budget = self._renderer.budget
        smaller = replace(
            budget,
            prefix_chars=budget.prefix_chars >> halvings,
            suffix_chars=budget.suffix_chars >> halvings,
            context_chars=budget.context_chars >> halvings,
        )
        return replace(self._renderer, budget=smaller)


def _texts(stop: list[str] | str | None) -> list[str]:
    texts = [stop] if isinstance(stop, str) else stop or []
    return [text for text in texts if text]


def _token_ids(base: BaseModel, stops: list[str]) -> list[int]:
    """Return the ids of the stops that are single tokens: engines hide special tokens' text."""
    try:
        tokenizer = json.loads((base.directory / "tokenizer.json").read_text("utf-8"))
        added = {token["content"]: int(token["id"]) for token in tokenizer["added_tokens"]}
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return sorted({added[stop] for stop in stops if stop in added})
