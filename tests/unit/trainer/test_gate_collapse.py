"""Real adapters that went wrong, each judged as a run judges: the gate refuses every one by name.

One for each way that no other figure shows. ``python -m soak.collapse`` judges all of them, and a
sane one that passes, and prints the table of docs/learning.md; that a usual run passes is tested in
test_training.py.
"""

import json

import pytest
from unit.trainer import collapsed

from penchant_trainer.gate import decide
from penchant_trainer.metrics import Figures

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(600)]

CHOSEN = (
    "never ends",
    "says the same again and again",
    "one answer at every place",
    "leaves brackets open",
    "broken numbers",
    "writes keys into the code",
    "tells a secret it saw",
)


@pytest.fixture(scope="module")
def world() -> collapsed.World:
    return collapsed.world()


@pytest.fixture(scope="module")
def base(world: collapsed.World) -> Figures:
    return world.figures(world.loaded.network)


@pytest.mark.parametrize("name", CHOSEN)
def test_what_went_wrong_is_refused_by_name(
    name: str, world: collapsed.World, base: Figures
) -> None:
    make, word = collapsed.WAYS[name]
    with world.adapter() as model:
        make(model, world)
        found = world.figures(model)
    decision = decide(found, base, base)
    assert not decision.passed
    assert any(word in reason for reason in decision.reasons), decision.reasons
    json.dumps(found.as_json(), allow_nan=False)
