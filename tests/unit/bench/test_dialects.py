from bench.dialects import from_refact, from_tabby

from penchant_core.fim import Budget, FimRenderer, family_of, suffix_first

QWEN = family_of({
    "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|endoftext|>", "<|repo_name|>",
    "<|file_sep|>",
})  # fmt: skip
RENDERER = FimRenderer(suffix_first(QWEN), Budget(1000, 300, 40))


def test_a_tabby_request_is_asked_in_the_models_own_order():
    body = {"language": "python", "segments": {"prefix": "total = ", "suffix": "\nprint(total)\n"}}

    order = from_tabby(body).order(RENDERER, "base")

    assert order["prompt"] == ("<|fim_prefix|><|fim_suffix|>\nprint(total)\n<|fim_middle|>total = ")
    assert order["model"] == "base"
    assert order["max_tokens"] == 64
    assert order["temperature"] == 0
    assert "\n\n" in order["stop"]
    assert "<|endoftext|>" in order["stop"]
    assert order["copy_from"] == {"prefix": "total = ", "texts": ["\nprint(total)\n"]}


def test_a_tabby_request_brings_its_declarations_along():
    segments = {
        "prefix": "a",
        "suffix": None,
        "filepath": "app.py",
        "declarations": [{"filepath": "shape.py", "body": "class Shape: ..."}],
    }

    asked = from_tabby({"segments": segments})

    assert [(each.path, each.text) for each in asked.context] == [("shape.py", "class Shape: ...")]
    assert asked.order(RENDERER, "base")["prompt"].startswith(
        "<|file_sep|>shape.py\nclass Shape: ...\n<|file_sep|>app.py\n<|fim_prefix|>"
    )


def test_refacts_rendered_prompt_is_taken_apart():
    prompt = "<|fim_prefix|>x = <|fim_suffix|>\ny = 2<|fim_middle|>"

    asked = from_refact(
        {"prompt": prompt, "max_completion_tokens": 50, "stop": ["<|endoftext|>", "\n\n", "\n"]},
        RENDERER,
    )

    assert (asked.prefix, asked.suffix, asked.context) == ("x = ", "\ny = 2", ())
    assert asked.max_tokens == 50
    assert asked.stops == ("\n\n", "\n")


def test_refacts_other_files_are_cut_to_the_models_window_at_a_lines_end():
    prompt = (
        "<|repo_name|>work\n"
        "<|file_sep|>/home/ada/code/one.py\nfirst = 1\nsecond = 2\n" + "third = 3\n" * 20 +
        "<|file_sep|>app.py\n<|fim_prefix|>x = <|fim_suffix|><|fim_middle|>"
    )  # fmt: skip

    rendered = from_refact({"prompt": prompt}, RENDERER, "/home/ada/code").order(RENDERER, "base")[
        "prompt"
    ]

    assert rendered.startswith("<|file_sep|>one.py\nfirst = 1\nsecond = 2\nthird = 3\n<|file_sep|>")
    assert rendered.count("third") == 1
    assert "<|file_sep|>app.py\n<|fim_prefix|>" in rendered


def test_a_prompt_without_marks_is_refused():
    try:
        from_refact({"prompt": "x = "}, RENDERER)
    except ValueError as error:
        assert "marks" in str(error)
    else:
        raise AssertionError("it was taken")
