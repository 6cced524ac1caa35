"""A model behind an OpenAI-compatible address, asked for one word at a time.

``yes`` and ``no`` are read from the log-probabilities of the answer's first token where the server
gives them, else from the words. Every wait is bounded; what cannot be read is no opinion, and a
server that keeps failing ends the judging. No question is sent to another host unless its owner
allowed that host, and none that holds a secret. Knows nothing of principles.
"""

import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import httpx
from pydantic import BaseModel

from penchant_core.judging_settings import LOOPBACK, JudgingSettings
from penchant_core.redaction import secret_in
from penchant_core.text import well_formed
from penchant_trainer.rewards.asking import in_words, probability
from penchant_trainer.rewards.judge import JudgeError, Row

KEY = "PENCHANT_JUDGE_KEY"
"""The environment variable that holds the server's key, if it wants one."""

_CONNECT_S = 5.0
_TOKENS = 4  # some models begin with a space or a newline
_TOP = 20
_AT_ONCE = 4
_FAILURES = 3
_MOST_BYTES = 1_000_000


class RemoteOracle:
    """Asks a model over HTTP; a context manager that owns its connections."""

    def __init__(self, settings: JudgingSettings) -> None:
        if settings.host is None:
            raise JudgeError("no address to ask at; set judging.judge to one")
        self._settings = settings
        self._local = settings.host in LOOPBACK
        base = settings.judge.rstrip("/")
        self._base = base if base.endswith("/v1") else f"{base}/v1"
        self._failures = 0
        self._model = settings.model
        # A proxy of the environment must not see what is asked on this machine.
        self._client = httpx.Client(
            timeout=httpx.Timeout(settings.timeout_s, connect=min(_CONNECT_S, settings.timeout_s)),
            headers=_key(),
            trust_env=not self._local,
            follow_redirects=False,
        )

    @property
    def name(self) -> str:
        """The model and the host that runs it."""
        return f"{self._model or 'model'} at {self._settings.host}"

    def __enter__(self) -> "RemoteOracle":
        try:
            self._model = self._model or self._first_model()
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def probabilities(self, questions: Sequence[str]) -> Row:
        """Return how probable yes is for each question; raises JudgeError when none is answered."""
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            return list(pool.map(self._ask, questions))
        finally:
            pool.shutdown(cancel_futures=True)

    def _ask(self, question: str) -> float | None:
        if not self._local and secret_in([question]):
            return None
        if self._failures >= _FAILURES:
            raise JudgeError(f"{self.name} failed {_FAILURES} times in a row; is it well?")
        found = self._answer(question)
        self._failures = 0 if found is not None else self._failures + 1
        return _probability(found)

    def _answer(self, question: str) -> "_Answer | None":
        """Return the answer, None when it cannot be read or did not come in time."""
        route, body = self._request(well_formed(question))
        try:
            return _Answer.model_validate(self._json("POST", route, body))
        except (httpx.TimeoutException, httpx.TransportError, ValueError):
            return None  # ValueError: no JSON, or JSON of another shape

    def _request(self, question: str) -> tuple[str, dict[str, Any]]:
        plain = {"model": self._model, "max_tokens": _TOKENS, "temperature": 0.0}
        if self._settings.api == "completions":
            return "completions", {**plain, "prompt": question, "logprobs": _TOP}
        messages = [{"role": "user", "content": question}]
        more = {"messages": messages, "logprobs": True, "top_logprobs": _TOP}
        return "chat/completions", {**plain, **more}

    def _json(self, method: Literal["GET", "POST"], route: str, body: Any = None) -> Any:
        """Return an answer's JSON; raises JudgeError when the server refuses."""
        deadline = time.monotonic() + self._settings.timeout_s
        with self._client.stream(method, f"{self._base}/{route}", json=body) as answer:
            self._ensure_willing(answer.status_code)
            raw = bytearray()
            for part in answer.iter_bytes():
                raw += part
                if len(raw) > _MOST_BYTES or time.monotonic() > deadline:
                    raise ValueError("too long an answer, or too long a wait for it")
        return json.loads(raw)

    def _ensure_willing(self, status: int) -> None:
        """Raise JudgeError for a refusal, ValueError for what may pass."""
        if status in (401, 403):
            raise JudgeError(f"{self.name} refused the key; put the right one into {KEY}")
        if 300 <= status < 500 and status != 429:
            raise JudgeError(
                f"{self.name} refused with HTTP {status}; check the address, "
                "judging.model and judging.api"
            )
        if status != 200:
            raise ValueError(f"HTTP {status}")

    def _first_model(self) -> str:
        try:
            listed = self._json("GET", "models")
            return str(listed["data"][0]["id"])
        except (httpx.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
            raise JudgeError(
                f"no model answers at {self._base} ({type(error).__name__}); start one there, or "
                "mend judging.judge"
            ) from error


def _key() -> dict[str, str]:
    key = os.environ.get(KEY, "")
    return {"authorization": f"Bearer {key}"} if key else {}


class _Top(BaseModel):
    token: str
    logprob: float


class _Token(_Top):
    top_logprobs: list[_Top] = []


class _Logprobs(BaseModel):
    """Both dialects: ``content`` of chat answers, ``top_logprobs`` of completions."""

    content: list[_Token] | None = None
    top_logprobs: list[dict[str, float] | None] | None = None


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    text: str = ""
    message: _Message | None = None
    logprobs: _Logprobs | None = None


class _Answer(BaseModel):
    choices: list[_Choice]


def _probability(answer: _Answer | None) -> float | None:
    if answer is None or not answer.choices:
        return None
    choice = answer.choices[0]
    for tokens in _first_tokens(choice.logprobs):
        found = probability(tokens)
        if found is not None:
            return found
    return in_words(choice.message.content or "" if choice.message else choice.text)


def _first_tokens(logprobs: _Logprobs | None) -> list[list[tuple[str, float]]]:
    """Return the alternatives of each of the first tokens, in order."""
    if logprobs is None:
        return []
    if logprobs.content:
        places = [[(top.token, top.logprob) for top in [*t.top_logprobs]] for t in logprobs.content]
        return [p or [(t.token, t.logprob)] for p, t in zip(places, logprobs.content, strict=True)]
    return [list(place.items()) for place in logprobs.top_logprobs or [] if place]
