"""Renders fill-in-the-middle prompts: the one place where a model's FIM template is known.

The gateway serves with it and the trainer trains with it, so a trained prompt is byte for byte a
served one. The template is a property of the model: it is read from the tokenizer's special tokens,
and a model that wants another order or smaller windows says so in a ``penchant.json`` beside its
weights. Budgets are in characters, because core has no tokenizer. Knows nothing of torch.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from penchant_core.errors import FimError
from penchant_core.wire import ContextSnippet

Order = Literal["psm", "spm"]
MODEL_FILE = "penchant.json"


@dataclass(frozen=True, slots=True)
class FimTemplate:
    """How one family of models marks prefix, suffix and middle.

    ``order`` is ``psm`` (prefix, suffix, middle) or ``spm`` (suffix first, the prefix touching the
    middle). ``layout`` places ``{prefix}`` and ``{suffix}`` between the tokens.
    """

    family: str
    order: Order
    layout: str
    tokens: tuple[str, ...]
    end: str
    file_separator: str = ""
    repository: str = ""

    @property
    def stops(self) -> tuple[str, ...]:
        """Texts at which a completion has ended, for engines that do not stop by themselves."""
        marks = (self.end, *self.tokens, self.file_separator, self.repository)
        return tuple(mark.lstrip("▁") for mark in marks if mark)


@dataclass(frozen=True, slots=True)
class Budget:
    """How many characters of each part enter the prompt."""

    prefix_chars: int = 6000
    suffix_chars: int = 1500
    context_chars: int = 2000


@dataclass(frozen=True, slots=True)
class FimRenderer:
    """A template with its budget; ``render`` is a pure function of its arguments."""

    template: FimTemplate
    budget: Budget = Budget()

    def render(
        self, prefix: str, suffix: str, context: Sequence[ContextSnippet] = (), path: str = ""
    ) -> str:
        """Return the prompt for the text before and after the cursor.

        Keeps the tail of ``prefix`` and the head of ``suffix``, both cut at line ends where they
        are cut at all. FIM tokens inside a developer's text are removed: they would end the
        prompt early.
        """
        prefix = self._clean(_tail(prefix, self.budget.prefix_chars))
        suffix = self._clean(_head(suffix, self.budget.suffix_chars))
        body = self.template.layout.replace("{suffix}", "\0").replace("{prefix}", prefix)
        return self._context(context, path) + body.replace("\0", suffix)

    def _clean(self, text: str) -> str:
        text = text.replace("\0", "")
        found = True
        while found:  # taking one token out may put another one together
            found = False
            for mark in self.template.stops:
                if mark in text:
                    text, found = text.replace(mark, ""), True
        return text

    def _context(self, context: Sequence[ContextSnippet], path: str) -> str:
        separator = self.template.file_separator
        if not separator or not context:
            return ""
        parts: list[str] = []
        left = self.budget.context_chars
        for snippet in context:
            text = self._clean(snippet.text)
            if len(text) > left:
                continue
            left -= len(text)
            parts.append(f"{separator}{self._clean(snippet.path)}\n{text.rstrip()}\n")
        return "".join(parts) + f"{separator}{self._clean(path)}\n" if parts else ""


def _tail(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text[-limit:] if limit else ""
    line_end = cut.find("\n")
    return cut[line_end + 1 :] if 0 <= line_end < len(cut) // 2 else cut


def _head(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text[:limit]
    line_end = cut.rfind("\n")
    return cut[: line_end + 1] if line_end > len(cut) // 2 else cut


def _bracketed(family: str, end: str, name: str = "<|fim_{}|>", **more: str) -> FimTemplate:
    pre, suf, mid = (name.format(part) for part in ("prefix", "suffix", "middle"))
    return FimTemplate(
        family, "psm", f"{pre}{{prefix}}{suf}{{suffix}}{mid}", (pre, suf, mid), end, **more
    )


# Sources: the model cards and papers of each family. Checked in this order; the first whose
# tokens are all present wins, so the more specific come first.
FAMILIES: tuple[FimTemplate, ...] = (
    _bracketed(
        "qwen2.5-coder",
        "<|endoftext|>",
        file_separator="<|file_sep|>",
        repository="<|repo_name|>",
    ),
    _bracketed("codegemma", "<|file_separator|>", file_separator=""),
    _bracketed(
        "granite-4", "<|end_of_text|>", file_separator="<|filename|>", repository="<|reponame|>"
    ),
    _bracketed(
        "starcoder2",
        "<|endoftext|>",
        "<fim_{}>",
        file_separator="<file_sep>",
        repository="<repo_name>",
    ),
    _bracketed(
        "granite",
        "<|endoftext|>",
        "<fim_{}>",
        file_separator="<filename>",
        repository="<reponame>",
    ),
    FimTemplate(
        "codellama",
        "psm",
        # As text; SentencePiece puts the "▁" of the tokens there itself.
        "<PRE> {prefix} <SUF>{suffix} <MID>",
        ("▁<PRE>", "▁<SUF>", "▁<MID>"),
        "▁<EOT>",
    ),
    FimTemplate(
        "deepseek-coder",
        "psm",
        "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",
        ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
        "<｜end▁of▁sentence｜>",
    ),
    FimTemplate(
        "codestral", "spm", "[SUFFIX]{suffix}[PREFIX]{prefix}", ("[SUFFIX]", "[PREFIX]"), "</s>"
    ),
)


def _needed(family: FimTemplate) -> set[str]:
    extra = {family.file_separator, family.repository} - {""}
    if family.family == "codegemma":
        extra = {family.end}
    return {*family.tokens, *extra}


def family_of(special_tokens: Collection[str]) -> FimTemplate:
    """Return the template whose tokens are all among ``special_tokens``.

    Raises FimError, naming the families that are known, when none fits.
    """
    have = set(special_tokens)
    for family in FAMILIES:
        if _needed(family) <= have:
            return family
    known = ", ".join(family.family for family in FAMILIES)
    raise FimError(
        "this model's tokenizer has no fill-in-the-middle tokens that Penchant knows "
        f"({known}); choose a base model trained for code completion, not a chat model"
    )


def suffix_first(template: FimTemplate) -> FimTemplate:
    """Return the ``spm`` order of a template: the prefix touches the middle.

    Source: CodeLlama (arXiv 2308.12950, section 2.3) and SantaCoder's SPM variant.
    """
    if template.order == "spm":
        return template
    pre, suf, mid = template.tokens
    layout = f"{pre}{suf}{{suffix}}{mid}{{prefix}}"
    if template.family == "codellama":
        layout = "<PRE> <SUF>{suffix} <MID> {prefix}"
    return replace(template, order="spm", layout=layout)


def renderer_for(model_dir: Path) -> FimRenderer:
    """Return the renderer of the model in ``model_dir``.

    Reads ``tokenizer.json``, ``tokenizer_config.json`` and, if it is there, ``penchant.json``
    (``{"fim_order": "spm", "prefix_chars": …, "suffix_chars": …, "context_chars": …}``). A model
    that copies from other places (``"copying"``, penchant_core.copying) has no room for them in its
    prompt.
    Raises FimError when the model declares no known FIM tokens.
    """
    declared = declaration(model_dir)
    template = family_of(special_tokens(model_dir))
    order = declared.get("fim_order", template.order)
    if order == "spm":
        template = suffix_first(template)
    elif order != template.order:
        raise FimError(f'{MODEL_FILE}: fim_order must be "psm" or "spm" as the model knows it')
    budget = replace(Budget(), **_sizes(declared))
    if declared.get("copying"):
        budget = replace(budget, context_chars=0)
    return FimRenderer(template, budget)


def declaration(model_dir: Path) -> dict[str, Any]:
    """Return what the model in ``model_dir`` says of itself in its ``penchant.json``, if anything.

    Raises FimError when that cannot be read.
    """
    return _json(model_dir / MODEL_FILE)


def _sizes(declared: dict[str, Any]) -> dict[str, int]:
    names = ("prefix_chars", "suffix_chars", "context_chars")
    sizes = {name: declared[name] for name in names if name in declared}
    for name, size in sizes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise FimError(f"{MODEL_FILE}: {name} must be a whole number of characters")
    return sizes


def special_tokens(model_dir: Path) -> set[str]:
    """Return every added or special token that the tokenizer files of ``model_dir`` declare."""
    tokenizer = _json(model_dir / "tokenizer.json")
    config = _json(model_dir / "tokenizer_config.json")
    found = _contents(tokenizer.get("added_tokens"))
    for name in ("added_tokens_decoder", "additional_special_tokens", "extra_special_tokens"):
        found |= _contents(config.get(name))
    model = tokenizer.get("model")
    vocabulary = model.get("vocab") if isinstance(model, dict) else None
    if isinstance(vocabulary, dict):  # CodeLlama and Codestral keep theirs in the vocabulary
        found |= {token for token in vocabulary if _MARK.fullmatch(token)}
    return found - {""}


def _contents(tokens: Any) -> set[str]:
    """Return the texts of a list or a dictionary of tokens, each a text or ``{"content": …}``."""
    values = tokens.values() if isinstance(tokens, dict) else tokens
    if not isinstance(values, Collection) or isinstance(values, str):
        return set()
    found = {value.get("content", "") if isinstance(value, dict) else value for value in values}
    return {text for text in found if isinstance(text, str)}


_MARK = re.compile(r"▁?<(?:PRE|SUF|MID|EOT)>|\[(?:PREFIX|SUFFIX|MIDDLE)\]|<｜[^>]{1,40}｜>")


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise FimError(f"{path.name} of the base model cannot be read; fetch it again") from error
    if not isinstance(data, dict):
        raise FimError(f"{path.name} of the base model is not a JSON object; fetch it again")
    return data
