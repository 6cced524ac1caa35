"""What the trainer lets a model write is what the engine serves, copies included."""

from dataclasses import dataclass

import pytest
import torch
from serving import base_model

from penchant_core.copying import Nearby
from penchant_core.signals import Snippet
from penchant_server.embedded.generation import Generator, Order
from penchant_server.embedded.loading import Loaded, load
from penchant_trainer.copies import copier
from penchant_trainer.evaluate import generate, text_of
from penchant_trainer.personas.lines import written
from penchant_trainer.tokens import Tokens, load_tokens

OTHER = "def load(path):\n    with open(path) as file:\n        return Odd.parse(file)\n"


@dataclass(frozen=True)
class Place:
    prefix: str
    suffix: str = "\n"
    context: tuple[Snippet, ...] = ()


PLACES = (
    Place(
        "import os\n\n\ndef read(path):\n    with open(path) as file:\n        return ",
        context=(Snippet("other.py", OTHER, ""),),
    ),
    Place(
        "class Point:\n    def __init__(self, left, top):\n        self.left = left\n        self."
    ),
    Place("first = 1\n\n\nfor item in "),
)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(base_model().directory, dtype="float32", max_rank=16, max_model_len=2048, threads=1)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    base = base_model()
    return load_tokens(str(base.directory), base.renderer, 2048, base.copying)


def served(loaded: Loaded, tokens: Tokens, place: Place) -> str:
    found = copier(tokens, place, place.context)
    assert found is not None
    engine = loaded.generator
    fresh = Generator(
        engine._model, loaded.tokenizer, engine.rack, engine._eos, base_model().copying
    )
    texts = (place.suffix, *(snippet.text for snippet in place.context))
    order = Order(
        tokens.prompt_ids(place.prefix, place.suffix),
        max_tokens=20,
        stops=("\n",),
        stop_ids=frozenset({tokens.end}),
        nearby=Nearby(place.prefix, texts),
    )
    return "".join(piece.text for piece in fresh.run(order, lambda: False))


def test_the_trainer_writes_what_is_served(loaded: Loaded, tokens: Tokens) -> None:
    prompts = [tokens.prompt_ids(p.prefix, p.suffix) for p in PLACES]
    near = [copier(tokens, place, place.context) for place in PLACES]
    expected = [served(loaded, tokens, place) for place in PLACES]
    assert expected[0] == "Odd.parse(file)"
    model = loaded.generator._model
    made = generate(model, tokens, prompts, max_tokens=20, batch=4, copiers=near)
    assert [text_of(tokens, ids).split("\n")[0] for ids in made] == expected
    lines = written(model, tokens, prompts, most=20, batch=4, near=near)
    assert [text_of(tokens, line.ids).split("\n")[0] for line in lines] == expected


def test_without_copying_the_model_writes_alone(loaded: Loaded, tokens: Tokens) -> None:
    alone = load_tokens(str(base_model().directory), base_model().renderer, 2048)
    assert copier(alone, PLACES[0], PLACES[0].context) is None
    prompts = [alone.prompt_ids(p.prefix, p.suffix) for p in PLACES]
    model = loaded.generator._model
    [made, *_] = generate(model, alone, prompts, max_tokens=12, batch=1)
    with torch.inference_mode():
        greedy = model.generate(torch.tensor([prompts[0]]), max_new_tokens=12, do_sample=False)
    assert made == greedy[0, len(prompts[0]) :].tolist()
