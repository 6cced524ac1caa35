"""The adapter of every training method in real vLLM on a CPU: it loads, answers, and is itself.

One real run trains all methods, little. What each left is published for a developer of its own, so
the gateway loads all five through its own doors and vLLM serves them side by side. Whose an answer
is can be told by its log-probabilities, which PEFT computes anew with every model.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from serving import Stage, base_model, make_card, serving, until
from tokenizers import Tokenizer
from unit.trainer import developers
from unit.trainer.conftest import environment

from penchant_core.adapters import AdapterStore, Version
from penchant_trainer.candidates import LINEAGE
from penchant_trainer.publish import publish

TESTS = Path(__file__).parents[1]
PYTHON = os.environ.get("PENCHANT_VLLM_PYTHON") or str(
    TESTS.parent / ".venv-vllm" / "bin" / "python"
)
RANK = 8
# Few steps, but at rates that take the methods visibly apart from SFT, which they all begin with.
SETTINGS = {
    "PENCHANT_ENGINE__MAX_LORA_RANK": str(RANK),
    "PENCHANT_TRAINING__DEVICE": "cpu",
    "PENCHANT_TRAINING__MIN_EXAMPLES": "20",
    "PENCHANT_TRAINING__MIN_PAIRS_DPO": "20",
    "PENCHANT_TRAINING__METHODS": json.dumps(list(LINEAGE)),
    "PENCHANT_TRAINING__RECIPE": (
        "{ accumulate = 1, replay_share = 0.1, rollouts = 8, rollout_tokens = 12, "
        "sft_tokens = 4500, dpo_tokens = 5000, kto_tokens = 4500, reward_tokens = 1200, "
        "grpo_tokens = 6000, ppo_tokens = 5000, "
        "dpo_rate = 2e-3, kto_rate = 3e-3, grpo_rate = 6e-3, ppo_rate = 2e-3 }"
    ),
}
BASE = "base"
WRITERS = (BASE, *LINEAGE)
PLACES = developers.places(6, seed=9)
TOKENS, LEAST = 16, 40

TOLERANCE = 0.03
"""Nats per token (mean) by which vLLM and PEFT may differ about one and the same adapter.

vLLM computes in bfloat16 and PEFT here in float32, from the same bfloat16 weights. Logits of 8 to
16 stand 1/16 apart in bfloat16: rounding them is wrong by up to 0.03, and the layers before them
round as well. Measured: 0.007 to 0.011 on average over 56 to 82 tokens. Any other of the six models
must be further away than twice the tolerance; measured: 0.1 to 0.5.
"""

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.timeout(1200),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        not Path(PYTHON).exists() and not os.environ.get("CI"),
        reason="no vLLM here; `make setup-vllm` installs it",
    ),
]


@dataclass(frozen=True)
class Served:
    """The versions by method, and everybody's answers (one per place) as the gateway gave them."""

    run: Path
    versions: dict[str, Version]
    answers: dict[str, list[dict[str, Any]]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    root = tmp_path_factory.mktemp("methods")
    options = {
        "engine__kind": "vllm",
        "engine__python": PYTHON,
        "engine__max_lora_rank": RANK,
        "engine__max_model_len": 1024,
        "engine__max_adapters": len(LINEAGE),
        "engine__threads": 1,
    }
    async with serving(root, ready=False, health_every_s=1.0, **options) as stage:
        run = await asyncio.to_thread(train, root)  # meanwhile vLLM starts
        versions = {method: bring_out(stage.store, run, method) for method in LINEAGE}
        await until(lambda: stage.gateway.ready, 600)
        for method in LINEAGE:
            await until(lambda name=method: serves(stage, name), 60)
        yield Served(run, versions, await everybody(stage))


def train(home: Path) -> Path:
    """Train with every method and return the run's directory with what each method left there.

    A run that ends clears its candidates away; this one is killed as it begins to judge them.
    """
    developers.write_log(home / "data" / "signals" / "ada.db", developers.signals(60, 2))
    done = subprocess.run(
        [sys.executable, "-m", "soak.mortal", "evaluate", "0", "--once", "--json", "--force"],
        cwd=TESTS,
        env=environment(home, **SETTINGS),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    (run,) = (path for path in (home / "state" / "runs" / "ada").iterdir() if path.is_dir())
    return run


def bring_out(store: AdapterStore, run: Path, method: str) -> Version:
    """Publish a candidate as a run does, but for a developer who is called like the method."""
    learned = json.loads((run / "split.json").read_text("utf-8"))["signal_ids"]
    card = make_card(f"dev/{method}", method=LINEAGE[method], run=run.name, signal_ids=learned)
    version = publish(store, base_model(), run / method, card)
    store.promote(version.owner, version.version)
    return version


async def serves(stage: Stage, developer: str) -> bool:
    answer = await stage.complete(developer=developer, max_tokens=1)
    return answer["penchant"]["version"] is not None


async def everybody(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Ask for all developers, and for one without an adapter, at once at each place."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in WRITERS}
    for place in PLACES:
        fields = {"suffix": place.suffix, "max_tokens": TOKENS, "logprobs": 1}
        about = {"path": place.path, "language": "python"}
        asked = (
            stage.complete(place.prefix, developer=name, penchant=about, **fields)
            for name in WRITERS
        )
        for name, answer in zip(WRITERS, await asyncio.gather(*asked), strict=True):
            found[name].append(answer)
    return found


@pytest.fixture(scope="module")
def distances(served: Served) -> dict[tuple[str, str], float]:
    """How far what vLLM said of its tokens is from what each model says of them by PEFT.

    By (who wrote them in vLLM, whose weights PEFT has): nats per token, the mean of the absolute
    differences.
    """
    wrote = {name: [spoken(answer) for answer in served.answers[name]] for name in WRITERS}
    found = {}
    for scorer, score in scorers(served.versions):
        for writer, rows in wrote.items():
            apart = [
                abs(own - told)
                for place, (ids, logprobs) in zip(PLACES, rows, strict=True)
                for own, told in zip(score(place, ids), logprobs, strict=True)
            ]
            assert len(apart) > LEAST, "too little was written to tell models apart"
            found[writer, scorer] = sum(apart) / len(apart)
    return found


def spoken(answer: dict[str, Any]) -> tuple[list[int], list[float]]:
    """Return the ids of an answer's tokens, and their log-probabilities."""
    told = answer["choices"][0]["logprobs"]
    return [vocabulary()[token] for token in told["tokens"]], told["token_logprobs"]


@cache
def vocabulary() -> dict[str, int]:
    """Return the id of every token that has a text of its own, as engines write single tokens."""
    tokenizer = Tokenizer.from_file(str(base_model().directory / "tokenizer.json"))
    ids = range(tokenizer.get_vocab_size())
    texts = [tokenizer.decode([n], skip_special_tokens=False) for n in ids]
    return {text: n for n, text in enumerate(texts) if "\N{REPLACEMENT CHARACTER}" not in text}


Score = Callable[[developers.Place, list[int]], list[float]]


def scorers(versions: dict[str, Version]) -> Iterator[tuple[str, Score]]:
    """Yield the base model and each adapter in PEFT, as what scores tokens at a place."""
    import torch

    from penchant_trainer import model as networks
    from penchant_trainer.resources import Device
    from penchant_trainer.tokens import load_tokens

    base = base_model()
    tokens = load_tokens(str(base.directory), base.renderer, 1024)
    loaded = networks.load_base(base, Device("cpu"))

    @torch.inference_mode()
    def score(place: developers.Place, ids: list[int]) -> list[float]:
        prompt = tokens.prompt_ids(place.prefix, place.suffix, (), place.path)
        logits = model(input_ids=torch.tensor([prompt + ids])).logits[0, len(prompt) - 1 : -1]
        found = logits.float().log_softmax(-1).gather(1, torch.tensor(ids)[:, None])
        return [float(value) for value in found[:, 0]]

    model = loaded.network.eval()
    yield BASE, score
    for method, version in versions.items():
        model = networks.with_adapter(loaded, version.path).eval()
        yield method, score
        networks.without_adapter(loaded, model)


@pytest.mark.parametrize("method", LINEAGE)
async def test_it_loads_and_answers(method: str, served: Served) -> None:
    figures = json.loads((served.run / f"train_{method}.json").read_text("utf-8"))
    assert "skipped" not in figures
    for answer in served.answers[method]:
        by = answer["penchant"]
        assert (by["adapter"], by["version"], by["fallback"]) == (f"dev/{method}", "v0001", None)
        assert answer["model"] == f"dev-{method}-v0001"
    texts = [answer["choices"][0]["text"] for answer in served.answers[method]]
    assert sum(bool(text.strip()) for text in texts) > len(PLACES) / 2, texts


async def test_who_has_no_adapter_is_answered_by_the_base_model(served: Served) -> None:
    assert {answer["penchant"]["adapter"] for answer in served.answers[BASE]} == {None}


@pytest.mark.parametrize("writer", WRITERS)
async def test_each_answer_is_its_own_models(
    writer: str, distances: dict[tuple[str, str], float]
) -> None:
    apart = {scorer: round(distances[writer, scorer], 4) for scorer in WRITERS}
    assert apart.pop(writer) < TOLERANCE, distances[writer, writer]
    assert min(apart.values()) > 2 * TOLERANCE, apart
