"""Prompts of every family, compared with prompts written by hand from the model cards."""

import json
from pathlib import Path

import pytest

from penchant_core.errors import FimError
from penchant_core.fim import Budget, FimRenderer, family_of, renderer_for, suffix_first
from penchant_core.wire import ContextSnippet

PREFIX, SUFFIX = "def add(a, b):\n    ", "\n\nprint(add(1, 2))\n"
CONTEXT = (ContextSnippet(path="lib/m.py", text="X = 1\n"),)


def _model(directory: Path, tokens: list[str], declared: dict[str, object] | None = None) -> Path:
    added = [{"id": n, "content": token, "special": True} for n, token in enumerate(tokens)]
    (directory / "tokenizer.json").write_text(
        json.dumps({"added_tokens": added, "model": {"vocab": {"a": 0}}}), "utf-8"
    )
    if declared is not None:
        (directory / "penchant.json").write_text(json.dumps(declared))
    return directory


QWEN = ["<|endoftext|>", "<|im_start|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
        "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"]  # fmt: skip
STARCODER2 = ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>",
              "<repo_name>", "<file_sep>", "<issue_start>"]  # fmt: skip
CODELLAMA = ["<unk>", "<s>", "</s>", "▁<PRE>", "▁<MID>", "▁<SUF>", "▁<EOT>"]
DEEPSEEK = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜fim▁hole｜>", "<｜fim▁begin｜>",
            "<｜fim▁end｜>"]  # fmt: skip
CODESTRAL = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]"]
CODEGEMMA = ["<pad>", "<eos>", "<bos>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>",
             "<|file_separator|>"]  # fmt: skip
GRANITE = ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>",
           "<filename>", "<gh_stars>", "<reponame>"]  # fmt: skip
GRANITE_4 = ["<|end_of_text|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
             "<|fim_pad|>", "<|filename|>", "<|reponame|>"]  # fmt: skip

EXPECTED = {
    "qwen2.5-coder": (
        QWEN,
        "<|file_sep|>lib/m.py\nX = 1\n<|file_sep|>src/a.py\n"
        "<|fim_prefix|>def add(a, b):\n    <|fim_suffix|>\n\nprint(add(1, 2))\n<|fim_middle|>",
    ),
    "starcoder2": (
        STARCODER2,
        "<file_sep>lib/m.py\nX = 1\n<file_sep>src/a.py\n"
        "<fim_prefix>def add(a, b):\n    <fim_suffix>\n\nprint(add(1, 2))\n<fim_middle>",
    ),
    "codellama": (
        CODELLAMA,
        "<PRE> def add(a, b):\n     <SUF>\n\nprint(add(1, 2))\n <MID>",
    ),
    "deepseek-coder": (
        DEEPSEEK,
        "<｜fim▁begin｜>def add(a, b):\n    <｜fim▁hole｜>\n\nprint(add(1, 2))\n<｜fim▁end｜>",
    ),
    "codestral": (
        CODESTRAL,
        "[SUFFIX]\n\nprint(add(1, 2))\n[PREFIX]def add(a, b):\n    ",
    ),
    "codegemma": (
        CODEGEMMA,
        "<|fim_prefix|>def add(a, b):\n    <|fim_suffix|>\n\nprint(add(1, 2))\n<|fim_middle|>",
    ),
    "granite": (
        GRANITE,
        "<filename>lib/m.py\nX = 1\n<filename>src/a.py\n"
        "<fim_prefix>def add(a, b):\n    <fim_suffix>\n\nprint(add(1, 2))\n<fim_middle>",
    ),
    "granite-4": (
        GRANITE_4,
        "<|filename|>lib/m.py\nX = 1\n<|filename|>src/a.py\n"
        "<|fim_prefix|>def add(a, b):\n    <|fim_suffix|>\n\nprint(add(1, 2))\n<|fim_middle|>",
    ),
}


@pytest.mark.parametrize("family", EXPECTED)
def test_the_prompt_of_every_family(family: str, tmp_path: Path) -> None:
    tokens, expected = EXPECTED[family]
    renderer = renderer_for(_model(tmp_path, tokens))
    assert renderer.template.family == family
    assert renderer.render(PREFIX, SUFFIX, CONTEXT, "src/a.py") == expected


def test_our_own_model_is_suffix_first() -> None:
    bundled = Path(__file__).parents[3] / "server" / "penchant_server" / "base_model"
    renderer = renderer_for(bundled)
    assert renderer.template.order == "spm"
    assert renderer.render(PREFIX, SUFFIX) == (
        "<|fim_prefix|><|fim_suffix|>\n\nprint(add(1, 2))\n<|fim_middle|>def add(a, b):\n    "
    )
    assert renderer.budget == Budget(1000, 300, 0), "it copies from other places instead"


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        ("codellama", "<PRE> <SUF>S <MID> P"),
        ("starcoder2", "<fim_prefix><fim_suffix>S<fim_middle>P"),
        ("codestral", "[SUFFIX]S[PREFIX]P"),
    ],
)
def test_suffix_first(family: str, expected: str, tmp_path: Path) -> None:
    template = family_of(EXPECTED[family][0])
    assert FimRenderer(suffix_first(template)).render("P", "S") == expected
    assert suffix_first(suffix_first(template)) == suffix_first(template)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"tokenizer.json": '{"added_tokens": [{"content": "<|im_start|>"}]}'},
        {"tokenizer.json": '{"added_tokens": [{"content": "<fim_prefix>"}]}'},
        {"tokenizer.json": "not json"},
        {"tokenizer.json": "[1, 2]"},
        {"tokenizer.json": '{"added_tokens": null, "model": null}'},
        {"tokenizer.json": '{"added_tokens": [3, null], "model": {"vocab": [["a", 1]]}}'},
        {"tokenizer_config.json": '{"additional_special_tokens": null}'},
        {"tokenizer_config.json": '{"added_tokens_decoder": null}'},
        {"tokenizer.json": "[" * 100_000},
    ],
    ids=range(10),
)
def test_a_model_without_known_tokens_is_refused(files: dict[str, str], tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(FimError, match="model"):
        renderer_for(tmp_path)


@pytest.mark.parametrize(
    "config",
    [
        {"added_tokens_decoder": {str(n): {"content": t} for n, t in enumerate(QWEN)}},
        {"additional_special_tokens": QWEN},
        {"additional_special_tokens": [{"content": token} for token in QWEN]},
        {"extra_special_tokens": QWEN},
        {"extra_special_tokens": {f"token_{n}": token for n, token in enumerate(QWEN)}},
    ],
    ids=range(5),
)
def test_every_place_where_tokenizers_declare_tokens(config: object, tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    assert renderer_for(tmp_path).template.family == "qwen2.5-coder"


def test_tokens_in_the_vocabulary_alone(tmp_path: Path) -> None:
    vocabulary = {token: n for n, token in enumerate(CODELLAMA)}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}}))
    assert renderer_for(tmp_path).template.family == "codellama"


@pytest.mark.parametrize(
    "declared",
    [
        {"fim_order": "sideways"},
        {"prefix_chars": -1},
        {"suffix_chars": "many"},
        {"context_chars": True},
        {"prefix_chars": 1.5},
    ],
    ids=str,
)
def test_declarations_that_make_no_sense(declared: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(FimError, match=r"penchant\.json"):
        renderer_for(_model(tmp_path, QWEN, declared))


def test_codestral_has_no_prefix_first_order(tmp_path: Path) -> None:
    with pytest.raises(FimError):
        renderer_for(_model(tmp_path, CODESTRAL, {"fim_order": "psm"}))


def test_tokens_in_the_developers_text_are_removed() -> None:
    renderer = FimRenderer(family_of(QWEN))
    prompt = renderer.render(
        "a<|fim_suffix|>b<|endoftext|>c<|file_sep|>\0",
        "d<|fim_middle|>e",
        [ContextSnippet(path="p<|fim_prefix|>.py", text="f<|fim_prefix|>g")],
        "q<|file_sep|>.py",
    )
    assert prompt == (
        "<|file_sep|>p.py\nfg\n<|file_sep|>q.py\n<|fim_prefix|>abc<|fim_suffix|>de<|fim_middle|>"
    )


def test_a_token_that_appears_when_another_is_removed() -> None:
    renderer = FimRenderer(family_of(QWEN))
    nested = "<|fim_<|fim_middle|>prefix|>x<|fim_mid<|fim_suf<|endoftext|>fix|>dle|>"
    assert renderer.render(nested, nested) == "<|fim_prefix|>x<|fim_suffix|>x<|fim_middle|>"


def test_placeholders_in_the_developers_text_stay_text() -> None:
    renderer = FimRenderer(family_of(STARCODER2))
    assert renderer.render("{suffix}{prefix}", "{prefix}{suffix}") == (
        "<fim_prefix>{suffix}{prefix}<fim_suffix>{prefix}{suffix}<fim_middle>"
    )


def test_budgets_cut_at_line_ends_and_skip_what_does_not_fit() -> None:
    renderer = FimRenderer(family_of(QWEN), Budget(10, 10, 12))
    snippets = [ContextSnippet(path="big", text="x" * 13), ContextSnippet(path="s", text="y" * 12)]
    prompt = renderer.render("first\nab\n123456", "abcdef\nghijk", snippets, "p")
    assert prompt == (
        f"<|file_sep|>s\n{'y' * 12}\n<|file_sep|>p\n"
        "<|fim_prefix|>ab\n123456<|fim_suffix|>abcdef\n<|fim_middle|>"
    )
    nothing = FimRenderer(family_of(QWEN), Budget(0, 0, 0))
    assert nothing.render("a", "b") == "<|fim_prefix|><|fim_suffix|><|fim_middle|>"


def test_stops_hold_every_token_as_text() -> None:
    assert family_of(CODELLAMA).stops == ("<EOT>", "<PRE>", "<SUF>", "<MID>")
    assert set(family_of(QWEN).stops) == {
        "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_sep|>",
        "<|repo_name|>",
    }  # fmt: skip
