"""The embedded engine's loop against transformers' and PEFT's own, on the bundled model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from serving import base_model, write_lora

from penchant_core.copying import Nearby
from penchant_core.errors import AdapterRejected
from penchant_server.embedded.adapters import AdapterRack
from penchant_server.embedded.generation import Generator, Order, Piece
from penchant_server.embedded.loading import Loaded, load

CODE = "import os\n\n\ndef read(path):\n    with open(path) as file:\n        return "
PROMPTS = [CODE, "class Point:\n    def __init__(self, x, y):\n        self.x = ", "for item in "]


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(base_model().directory, dtype="float32", max_rank=16, max_model_len=2048, threads=1)


@pytest.fixture
def generator(loaded: Loaded) -> Iterator[Generator]:
    """A generator without memories or adapters of other tests."""
    fresh = Generator(
        loaded.generator._model,
        loaded.tokenizer,
        AdapterRack(loaded.generator._model, max_rank=16, merged_bytes=10**9),
        loaded.generator._eos,
    )
    yield fresh
    fresh.rack.use(None)


def ids(loaded: Loaded, text: str) -> list[int]:
    return list(loaded.tokenizer.encode(text).ids)


def never() -> bool:
    return False


def run(generator: Generator, order: Order) -> list[Piece]:
    return list(generator.run(order, never))


def text(pieces: list[Piece], index: int = 0) -> str:
    return "".join(piece.text for piece in pieces if piece.index == index)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_greedy_answers_equal_those_of_transformers(
    loaded: Loaded, generator: Generator, prompt: str
) -> None:
    numbers = ids(loaded, prompt)
    pieces = run(generator, Order(numbers, max_tokens=24))
    expected = loaded.generator._model.generate(
        torch.tensor([numbers]), max_new_tokens=24, do_sample=False
    )[0, len(numbers) :].tolist()
    assert text(pieces) == loaded.tokenizer.decode(expected, skip_special_tokens=True)


def test_log_probabilities_are_the_models_own(loaded: Loaded, generator: Generator) -> None:
    numbers = ids(loaded, CODE)
    pieces = run(generator, Order(numbers, max_tokens=6, logprobs=True))
    found = [value for piece in pieces for value in piece.logprobs]
    scores = loaded.generator._model(torch.tensor([numbers])).logits[0, -1]
    assert len(found) == 6
    assert found[0] == pytest.approx(float(scores.log_softmax(-1).max()), abs=1e-4)


NEARBY = Nearby(
    CODE, ("\n", "def load(path):\n    with open(path) as file:\n        return Odd.parse(file)\n")
)


def copying(loaded: Loaded) -> Generator:
    model = loaded.generator._model
    rack = AdapterRack(model, max_rank=16, merged_bytes=10**9)
    declared = base_model().copying
    assert declared is not None
    return Generator(model, loaded.tokenizer, rack, loaded.generator._eos, declared)


def test_a_name_that_stands_nearby_is_copied(loaded: Loaded, generator: Generator) -> None:
    order = Order(ids(loaded, CODE), max_tokens=24, stops=("\n",), nearby=NEARBY, logprobs=True)
    assert text(run(generator, order)) != "Odd.parse(file)"  # a model that does not copy
    pieces = run(copying(loaded), order)
    assert text(pieces) == "Odd.parse(file)"
    assert all(value <= 0 for piece in pieces for value in piece.logprobs)


def test_what_is_not_nearby_changes_nothing(loaded: Loaded, generator: Generator) -> None:
    order = Order(ids(loaded, CODE), max_tokens=24, nearby=Nearby("", ("zzz",)))
    alone = text(run(generator, Order(ids(loaded, CODE), max_tokens=24)))
    assert text(run(copying(loaded), order)) == alone


def test_several_candidates_copy_each_for_itself(loaded: Loaded) -> None:
    order = Order(ids(loaded, CODE), max_tokens=12, n=4, temperature=0.8, seed=3, nearby=NEARBY)
    pieces = run(copying(loaded), order)
    found = [text(pieces, index) for index in range(4)]
    assert any("Odd" in each for each in found)
    assert len(set(found)) > 1


def test_a_reused_prefix_gives_the_same_text_as_a_cold_start(
    loaded: Loaded, generator: Generator
) -> None:
    """Typing on, deleting, and another document in between: what is remembered never shows."""
    cold = {
        prompt: text(run(generator_of(loaded), Order(ids(loaded, prompt), max_tokens=16)))
        for prompt in (CODE, CODE + "file", CODE[:-8], PROMPTS[2], CODE + "file.read(")
    }
    for prompt, expected in cold.items():
        assert text(run(generator, Order(ids(loaded, prompt), max_tokens=16))) == expected


def generator_of(loaded: Loaded) -> Generator:
    model = loaded.generator._model
    rack = AdapterRack(model, max_rank=16, merged_bytes=10**9)
    return Generator(model, loaded.tokenizer, rack, loaded.generator._eos)


def test_typing_on_computes_only_what_is_new(
    loaded: Loaded, generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    forward = generator._forward

    def counted(numbers: torch.Tensor, cache: Any) -> torch.Tensor:
        sizes.append(numbers.shape[1])
        return forward(numbers, cache)

    monkeypatch.setattr(generator, "_forward", counted)
    run(generator, Order(ids(loaded, CODE), max_tokens=1))
    assert sum(sizes) == len(ids(loaded, CODE))
    sizes.clear()
    run(generator, Order([*ids(loaded, CODE), *ids(loaded, "file")], max_tokens=1))
    assert sum(sizes) == len(ids(loaded, "file"))


def test_merged_weights_answer_as_peft_unmerged(
    loaded: Loaded, generator: Generator, tmp_path: Path
) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    directory = write_lora(tmp_path / "adapter", seed=5)
    base = AutoModelForCausalLM.from_pretrained(base_model().directory, dtype=torch.float32)
    reference = PeftModel.from_pretrained(base, str(directory)).eval()
    generator.rack.load("a", directory)
    for prompt in PROMPTS:
        numbers = ids(loaded, prompt)
        generator.rack.use("a")
        with torch.inference_mode():
            merged = loaded.generator._model(torch.tensor([numbers])).logits
            unmerged = reference(torch.tensor([numbers])).logits
        assert torch.allclose(merged, unmerged, atol=2e-3)
        assert torch.equal(merged.argmax(-1), unmerged.argmax(-1))


def test_adapters_and_base_never_mix(loaded: Loaded, generator: Generator, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        generator.rack.load(name, write_lora(tmp_path / name, seed=seed))
    numbers = ids(loaded, CODE)
    order = [None, "a", "b", None, "b", "a", None]
    answers = [text(run(generator, Order(numbers, name, max_tokens=12))) for name in order]
    assert len({answers[0], answers[1], answers[2]}) == 3
    assert answers[3] == answers[6] == answers[0]
    assert answers[5] == answers[1]
    assert answers[4] == answers[2]


def test_forgotten_merges_are_made_again(loaded: Loaded, tmp_path: Path) -> None:
    model = loaded.generator._model
    rack = AdapterRack(model, max_rank=16, merged_bytes=1)
    small = Generator(model, loaded.tokenizer, rack, loaded.generator._eos)
    for name, seed in (("a", 1), ("b", 2)):
        rack.load(name, write_lora(tmp_path / name, seed=seed))
    numbers = ids(loaded, CODE)
    first = [text(run(small, Order(numbers, name, max_tokens=8))) for name in ("a", "b", None)]
    assert len(rack._merged) == 1
    again = [text(run(small, Order(numbers, name, max_tokens=8))) for name in ("a", "b", None)]
    assert again == first
    rack.use(None)


def test_unloading_restores_the_base_model(generator: Generator, tmp_path: Path) -> None:
    before = {k: v.clone() for k, v in generator._model.state_dict().items()}
    generator.rack.load("a", write_lora(tmp_path / "a", seed=1))
    generator.rack.use("a")
    generator.rack.unload("a")
    after = generator._model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    with pytest.raises(KeyError):
        generator.rack.use("a")


def test_a_rank_above_the_engines_is_refused(loaded: Loaded, tmp_path: Path) -> None:
    rack = AdapterRack(loaded.generator._model, max_rank=2, merged_bytes=10**9)
    with pytest.raises(AdapterRejected, match="rank"):
        rack.load("a", write_lora(tmp_path / "a", seed=1))


def test_several_candidates_share_one_prompt_and_differ(
    loaded: Loaded, generator: Generator
) -> None:
    order = Order(ids(loaded, CODE), max_tokens=10, n=3, temperature=1.0, seed=3)
    first = run(generator, order)
    texts = [text(first, index) for index in range(3)]
    assert len(set(texts)) > 1
    assert [text(run(generator, order), index) for index in range(3)] == texts
    assert {piece.index for piece in first if piece.finish} == {0, 1, 2}
    greedy = Order(ids(loaded, CODE), max_tokens=10)
    assert text(run(generator, greedy)) == text(run(generator_of(loaded), greedy))


def test_a_tiny_nucleus_is_greedy(loaded: Loaded, generator: Generator) -> None:
    numbers = ids(loaded, CODE)
    greedy = text(run(generator, Order(numbers, max_tokens=8)))
    nucleus = Order(numbers, max_tokens=8, temperature=1.0, top_p=1e-6, seed=1)
    assert text(run(generator, nucleus)) == greedy


def test_stops_end_the_text_before_them(loaded: Loaded, generator: Generator) -> None:
    whole = text(run(generator, Order(ids(loaded, CODE), max_tokens=24)))
    for start in range(1, len(whole) - 3, 5):
        stop = whole[start : start + 3]
        pieces = run(generator, Order(ids(loaded, CODE), max_tokens=24, stops=(stop,)))
        assert text(pieces) == whole[: whole.find(stop)]
        assert pieces[-1].finish == "stop"


def test_stop_ids_end_the_text(loaded: Loaded, generator: Generator) -> None:
    numbers = ids(loaded, CODE)
    pieces = run(generator, Order(numbers, max_tokens=5))
    assert pieces[-1].finish == "length"
    first = loaded.tokenizer.encode(text(pieces)).ids[0]
    stopped = run(generator, Order(numbers, max_tokens=5, stop_ids=frozenset({first})))
    assert text(stopped) == ""
    assert stopped[-1].finish == "stop"


def test_cancelling_ends_between_two_tokens(loaded: Loaded, generator: Generator) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    pieces = list(generator.run(Order(ids(loaded, CODE), max_tokens=200), cancelled))
    assert generator.generated_tokens <= 5
    assert not any(piece.finish for piece in pieces)
    after = Order(ids(loaded, CODE), max_tokens=8)
    assert text(run(generator, after)) == text(run(generator_of(loaded), after))


def test_a_long_prompt_can_be_cancelled_while_it_is_read(
    loaded: Loaded, generator: Generator
) -> None:
    long = (ids(loaded, CODE) * 60)[:1000]
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    assert list(generator.run(Order(long, max_tokens=5), cancelled)) == []
    assert generator.generated_tokens == 0
