"""Builds what an engine is asked: the FIM prompt as token ids, and an allow-listed set of fields.

The template comes from the base model, so the prompt is the trained one. It is tokenized here, by
the model's own ``tokenizer.json``: libraries that load a tokenizer by the model's class replace
parts of that file, and engine and trainer must read the same ids. A client's ``model`` never
passes, nor any field that is not named here. Knows nothing of HTTP and adapters.
"""

from dataclasses import replace
from typing import Any

from tokenizers import Tokenizer

from penchant_core.errors import EngineError, PenchantError
from penchant_core.fim import FimRenderer
from penchant_core.models import BaseModel
from penchant_core.wire import CompletionRequest

SMALLEST_PREFIX = 100
MAX_STOPS = 4  # OpenAI's limit, which vLLM enforces


class TooManyStops(PenchantError):
    """The client names more stop texts than engines take."""


class PromptTooLong(PenchantError):
    """Even the smallest window does not fit the model with the tokens that were asked for."""


class PromptBuilder:
    """Renders requests for one base model; raises EngineError when it has no tokenizer file.

    ``copying``: the engine copies from nearby, and is told what there is.
    """

    def __init__(self, base: BaseModel, *, copying: bool = False) -> None:
        self._renderer = base.renderer
        self._copying = copying
        self._tokenizer = _tokenizer(base)
        ids = {stop: self._token_id(stop) for stop in base.renderer.template.stops}
        # Engines leave special tokens out of the text, so ids are the surer stop.
        self._stop_ids = sorted({number for number in ids.values() if number is not None})
        self._stops = [stop for stop, number in ids.items() if number is None]

    def body(self, request: CompletionRequest, *, model: str, max_model_len: int) -> dict[str, Any]:
        """Return the engine's request body; the window shrinks until it fits ``max_model_len``.

        Raises TooManyStops or PromptTooLong for what no engine could answer.
        """
        stops = [*self._stops, *_texts(request.stop)]
        if len(stops) > MAX_STOPS:
            raise TooManyStops(f"stop: at most {MAX_STOPS - len(self._stops)} texts are allowed")
        body: dict[str, Any] = {
            "model": model,
            "prompt": self._prompt(request, max_model_len - request.max_tokens),
            "max_tokens": request.max_tokens,
            # A greedy candidate has no siblings: they would be its copies, and vLLM refuses them.
            "n": request.n if request.temperature > 0 else 1,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "stop": stops,
            "stop_token_ids": self._stop_ids,
            "stream": request.stream,
        }
        if request.seed is not None:
            body["seed"] = request.seed
        if request.logprobs is not None:
            body["logprobs"] = request.logprobs
        if request.stream:
            body["stream_options"] = {"include_usage": True}
        if self._copying:
            body["copy_from"] = _copied(request)
        return body

    def _prompt(self, request: CompletionRequest, room: int) -> list[int]:
        asked = request.penchant
        window = self._renderer
        while True:
            text = window.render(request.prompt, request.suffix or "", asked.context, asked.path)
            ids: list[int] = self._tokenizer.encode(text).ids
            if len(ids) <= room:
                return ids
            window = _halved(window)
            if window.budget.prefix_chars < SMALLEST_PREFIX:
                raise PromptTooLong("max_tokens leaves no room for the prompt; ask for fewer")

    def _token_id(self, text: str) -> int | None:
        found: int | None = self._tokenizer.token_to_id(text)
        return found if found is not None else self._tokenizer.token_to_id(f"▁{text}")


def _copied(request: CompletionRequest) -> dict[str, Any]:
    others = [snippet.text for snippet in request.penchant.context]
    return {"prefix": request.prompt, "texts": [request.suffix or "", *others]}


def _halved(window: FimRenderer) -> FimRenderer:
    budget = window.budget
    smaller = replace(
        budget,
        prefix_chars=budget.prefix_chars // 2,
        suffix_chars=budget.suffix_chars // 2,
        context_chars=budget.context_chars // 2,
    )
    return replace(window, budget=smaller)


def _texts(stop: list[str] | str | None) -> list[str]:
    texts = [stop] if isinstance(stop, str) else stop or []
    return [text for text in texts if text]


def _tokenizer(base: BaseModel) -> Tokenizer:
    path = base.directory / "tokenizer.json"
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exceptions
        raise EngineError(
            f"the base model {base.name} has no readable tokenizer.json; choose one that ships it"
        ) from error
