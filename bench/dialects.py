"""What each peer says to its server, translated into orders for the one engine.

Tabby's agent sends segments to a Tabby server; refact-lsp sends a prompt that it has rendered to an
OpenAI endpoint. Both become the text before and after the cursor with other files beside it, and
are rendered anew in the order and the windows that the model was trained with (core's renderer, as
the gateway's prompts are): a model that reads the suffix first would be asked nonsense otherwise.
An engine that copies from nearby copies from all that they sent, as from what Penchant sends.
Pure functions; knows nothing of HTTP and processes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from penchant_core.fim import FimRenderer
from penchant_core.wire import ContextSnippet

TABBY_MAX_TOKENS = 64
"""Tabby server's own ``max_decoding_tokens``."""
TABBY_STOPS = ("\n\n", "\n#", "\ndef", "\nfrom", "\nclass", "\nimport")
"""Tabby server's own stop words for Python."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a peer asks for: text around the cursor, other files, and where to stop."""

    prefix: str
    suffix: str
    context: tuple[ContextSnippet, ...]
    path: str
    max_tokens: int
    stops: tuple[str, ...]

    def order(self, renderer: FimRenderer, model: str) -> dict[str, Any]:
        """Return the body of a greedy, streamed request to the engine."""
        room = renderer.budget.context_chars
        context = _fitted(self.context, room)
        return {
            "model": model,
            "prompt": renderer.render(self.prefix, self.suffix, context, self.path),
            "max_tokens": self.max_tokens,
            "temperature": 0.0,
            "logprobs": 1,
            "stop": [*renderer.template.stops, *self.stops],
            "stream": True,
            "copy_from": {
                "prefix": self.prefix,
                "texts": [self.suffix, *(each.text for each in self.context)],
            },
        }


def from_tabby(body: Mapping[str, Any]) -> Asked:
    """Return what the body of Tabby's ``POST /v1/completions`` asks for."""
    segments = body.get("segments") or {}
    beside = [
        *(segments.get("declarations") or []),
        *(segments.get("relevant_snippets_from_changed_files") or []),
    ]
    return Asked(
        prefix=segments.get("prefix") or "",
        suffix=segments.get("suffix") or "",
        context=tuple(
            ContextSnippet(path=each.get("filepath", ""), text=each.get("body", ""))
            for each in beside
        ),
        path=segments.get("filepath") or "",
        max_tokens=TABBY_MAX_TOKENS,
        stops=TABBY_STOPS,
    )


def from_refact(body: Mapping[str, Any], renderer: FimRenderer, root: str = "") -> Asked:
    """Return what refact-lsp asks an OpenAI endpoint for.

    Its prompt is ``<repo>name <file>path text… <file>path <prefix>… <suffix>… <middle>`` with the
    marks of the Qwen2.5-Coder family. Its limit comes as ``max_completion_tokens``. Other
    files' paths are made relative to the workspace ``root``, as the model knows them. Raises
    ValueError if the prompt has none of the marks.
    """
    before, suffix_mark, middle = renderer.template.tokens
    head, found, rest = str(body["prompt"]).partition(before)
    if not found:
        raise ValueError("refact-lsp's prompt has no fill-in-the-middle marks")
    prefix, _, rest = rest.partition(suffix_mark)
    suffix, _, _ = rest.partition(middle)
    context, path = _files(head, renderer, f"{root}/")
    wanted = body.get("stop") or []
    texts = [wanted] if isinstance(wanted, str) else wanted
    return Asked(
        prefix=prefix,
        suffix=suffix,
        context=context,
        path=path,
        max_tokens=int(body.get("max_completion_tokens") or body.get("max_tokens") or 50),
        stops=tuple(text for text in texts if text not in renderer.template.stops),
    )


def _files(head: str, renderer: FimRenderer, root: str) -> tuple[tuple[ContextSnippet, ...], str]:
    """Return the files before the first mark, and the path of the last: the one that is edited."""
    separator = renderer.template.file_separator
    parts = head.split(separator)[1:] if separator else []
    named = [part.partition("\n") for part in parts]
    if not named:
        return (), ""
    context = tuple(
        ContextSnippet(path=path.removeprefix(root), text=text) for path, _, text in named[:-1]
    )
    return context, named[-1][0]


def _fitted(context: tuple[ContextSnippet, ...], room: int) -> list[ContextSnippet]:
    """Return what fits the model's window, the last cut at a line's end instead of left out."""
    fitted = []
    for each in context:
        text = each.text
        if len(text) > room:
            text = text[: text.rfind("\n", 0, room) + 1]
        if text.strip():
            fitted.append(ContextSnippet(path=each.path, text=text))
            room -= len(text)
    return fitted
