"""The HTTP contract between language server, gateway and engines: OpenAI's completions, narrowed.

Requests accept the fields that are served and ignore the rest, as OpenAI clients expect; only the
fields named here ever reach an engine. The extension object ``penchant`` carries what the gateway
needs to choose an adapter. Knows nothing of HTTP itself.
Source of the base shape: OpenAI's ``/v1/completions`` as vLLM serves it.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_PROMPT_CHARS = 64_000
MAX_CONTEXT_FILES = 16


class Wire(BaseModel):
    """Base of all wire models; error messages never repeat the input."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class ContextSnippet(Wire):
    """One piece of another file that may help, with the reason it was chosen."""

    path: str = Field(max_length=1024)
    text: str = Field(max_length=MAX_PROMPT_CHARS)
    why: str = Field(default="", max_length=200)


class PenchantRequest(Wire):
    """What the gateway needs beyond OpenAI's fields."""

    language: str = Field(default="", max_length=64)
    path: str = Field(default="", max_length=1024)
    context: list[ContextSnippet] = Field(default=[], max_length=MAX_CONTEXT_FILES)
    developer: str = Field(default="", max_length=64)


class CompletionRequest(Wire):
    """``POST /v1/completions``: ``prompt`` is the FIM prefix, ``suffix`` the FIM suffix."""

    model: str = Field(default="auto", max_length=200)
    prompt: str = Field(max_length=MAX_PROMPT_CHARS)
    suffix: str | None = Field(default=None, max_length=MAX_PROMPT_CHARS)
    max_tokens: int = Field(default=48, ge=1, le=256)
    n: int = Field(default=1, ge=1, le=5)
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    seed: int | None = None
    stop: list[str] | str | None = Field(default=None, max_length=200)
    logprobs: int | None = Field(default=None, ge=0, le=5)
    stream: bool = False
    penchant: PenchantRequest = PenchantRequest()


class Logprobs(Wire):
    """Per-token log-probabilities (natural log) of one choice; top alternatives are not kept."""

    tokens: list[str] = []
    token_logprobs: list[float | None] = []


class Choice(Wire):
    """One candidate; ``finish_reason`` is ``stop``, ``length`` or null while streaming."""

    index: int
    text: str
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class Usage(Wire):
    """Token counts of one request."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Window(Wire):
    """How many characters of each part an answer makes use of, so that no more need be sent."""

    prefix_chars: int = Field(ge=0)
    suffix_chars: int = Field(ge=0)
    context_chars: int = Field(ge=0)


class ServedBy(Wire):
    """Who answered: the adapter (null: the base model) and, if it was a second choice, why."""

    adapter: str | None = None
    version: str | None = None
    base_model: str = ""
    base_fingerprint: str = ""
    fallback: str | None = None
    window: Window | None = None


class CompletionResponse(Wire):
    """The answer, and each chunk of a streamed one."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int = 0
    model: str = ""
    choices: list[Choice]
    usage: Usage | None = None
    penchant: ServedBy | None = None


class ModelCard(Wire):
    """One entry of ``/v1/models``; ``penchant`` tells state and, for a refused adapter, why."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "penchant"
    parent: str | None = None
    penchant: dict[str, Any] = {}


class ModelList(Wire):
    """``GET /v1/models``."""

    object: Literal["list"] = "list"
    data: list[ModelCard]


class ErrorBody(Wire):
    """OpenAI's error object."""

    message: str
    type: str = "invalid_request_error"
    code: int = 400


class ErrorResponse(Wire):
    """Every error answer of the gateway and the engines."""

    error: ErrorBody
