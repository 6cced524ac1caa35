"""A trained prompt is byte for byte a served one, and no text is left out."""

from penchant_trainer.pretrain import recipe
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.samples import Sample, Sampler, renderer

PART = recipe.load("smoke").samples
LINES = "".join(f"    result_{i} = compute(first_{i}, second)\n" for i in range(40))
DOCUMENTS = [Document("one", f"one/file{i}.py", f"def f{i}():\n{LINES}") for i in range(6)]


def drawn(seed: str = "1", **changes: object) -> list[Sample]:
    return list(Sampler(DOCUMENTS, PART.model_copy(update=changes), seed))


def test_prompts_are_the_renderers() -> None:
    for sample in drawn(fim_share=1.0, snippet_share=0.0):
        head, rest = sample.prompt.split("<|fim_suffix|>")
        suffix, prefix = rest.split("<|fim_middle|>")
        assert head == "<|fim_prefix|>"
        assert renderer(PART).render(prefix, suffix) == sample.prompt


def test_a_middle_stands_between_its_prefix_and_its_suffix() -> None:
    texts = [document.text for document in DOCUMENTS]
    for sample in drawn(fim_share=1.0, snippet_share=0.0):
        suffix, prefix = sample.prompt.split("<|fim_suffix|>")[1].split("<|fim_middle|>")
        whole = prefix + (sample.middle or "") + suffix
        assert any(whole in text for text in texts)


def test_middles_never_begin_with_the_indentation() -> None:
    middles = [s.middle for s in drawn(fim_share=1.0) if s.prompt.endswith("\n    ")]
    assert middles
    assert not any(middle and middle.startswith("  ") for middle in middles)


def test_other_files_come_first_marked_with_their_paths() -> None:
    samples = [s for s in drawn(fim_share=1.0, snippet_share=1.0) if "<|file_sep|>" in s.prompt]
    assert samples
    for sample in samples:
        assert sample.prompt.startswith("<|file_sep|>one/file")
        assert sample.prompt.count("<|file_sep|>") == 2


def test_plain_text_is_whole() -> None:
    plain = drawn(fim_share=0.0)
    assert [s.middle for s in plain] == [None] * len(DOCUMENTS)
    assert {s.prompt.split("def ", 1)[1] for s in plain} == {
        d.text.split("def ", 1)[1] for d in DOCUMENTS
    }


def test_the_same_seed_draws_the_same() -> None:
    assert drawn("7") == drawn("7")
    assert drawn("7") != drawn("8")


def test_special_tokens_in_a_source_are_removed() -> None:
    source = [Document("one", "a.py", "end = '<|endoftext|>'\n" * 20)]
    for share in (0.0, 1.0):
        part = PART.model_copy(update={"fim_share": share, "snippet_share": 0.0})
        for sample in Sampler(source, part, "1"):
            assert "<|endoftext|>" not in sample.prompt
            assert "<|endoftext|>" not in (sample.middle or "")
