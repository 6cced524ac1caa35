"""The whole loop over real vLLM on CPU, with two developers whose adapters are live at once."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from penchant_core.store import SignalStore
from penchant_trainer.demo.code import HELD_OUT_NOUNS, LEARNING_NOUNS, Module, modules
from penchant_trainer.demo.stage import Stage, gateway
from penchant_trainer.demo.story import session
from penchant_trainer.metrics import similarity

PYTHON = os.environ.get("PENCHANT_VLLM_PYTHON") or str(
    Path(__file__).parents[2] / ".venv-vllm" / "bin" / "python"
)
DEVELOPERS = ("alice", "bob")

# Bob's habits: single quotes, no hints, %-formatting. The same pauses at the same places.
PLAIN = (
    """def load_{noun}s(|path, limit=10):
    if not path:
        raise |ValueError('no path given for the {noun}')
    lines = |[]
    with open(|path) as handle:
        for line in |handle:
            lines.append(|line.strip())
    return |lines[:limit]""",
    """def count_{noun}s(|{noun}s):
    counts = |{{}}
    for {noun} in |{noun}s:
        counts[{noun}] = |counts.get({noun}, 0) + 1
    return |counts""",
    """def describe_{noun}(name, |{field}):
    if {field} < 0:
        raise |ValueError('the {field} of %s is negative' % name)
    message = |'{noun} %s: %.2f' % (name, {field})
    return |message""",
    """def find_{noun}(|{noun}s, name):
    for key, value in |{noun}s.items():
        if key == |name:
            return |value
    return |None""",
)

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(2400)]


def written_by(developer: str, nouns: tuple[str, ...]) -> list[Module]:
    if developer == "alice":
        return modules(nouns, seed=1)
    return modules(nouns, seed=1, templates=PLAIN)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    assert Path(PYTHON).exists(), "run `make setup-vllm` first"
    settings = {
        "PENCHANT_ENGINE__KIND": "vllm",
        "PENCHANT_ENGINE__PYTHON": PYTHON,
        "PENCHANT_TRACKER__QUIET_S": "0.4",
        "PENCHANT_COMPLETION__DEBOUNCE_MS": "0",
    }
    with gateway(tmp_path_factory.mktemp("vllm"), settings) as running:
        yield running


@pytest.fixture(scope="module")
def trained(stage: Stage) -> dict[str, dict]:
    reports = {}
    for developer in DEVELOPERS:
        asyncio.run(session(stage, developer, written_by(developer, LEARNING_NOUNS)))
        reports[developer] = stage.train(developer, quiet=False)
    return reports


def test_both_developers_get_a_version(stage: Stage, trained: dict[str, dict]) -> None:
    for developer in DEVELOPERS:
        assert trained[developer]["status"] == "published", trained[developer].get("reasons")
        status = stage.status(developer)
        assert (status["adapter"], status["version"]) == (f"dev/{developer}", "v0001")


def places(author: str) -> list[tuple[str, str, str]]:
    """Return prefix, suffix and what the author writes there, from code that nobody has seen."""
    found = []
    for module in written_by(author, HELD_OUT_NOUNS)[:2]:
        for pause in module.pauses:
            rest = module.text[pause:].partition("\n")[0]
            found.append((module.header + module.text[:pause], module.footer, rest))
    return found


async def answers(stage: Stage, asked: list[tuple[str, str, str]]) -> list[tuple[str, dict]]:
    """Ask for every developer at every place, several at once; neighbours are of two developers."""
    room = asyncio.Semaphore(6)

    async def ask(client: httpx.AsyncClient, developer: str, prefix: str, suffix: str) -> tuple:
        body = {
            "prompt": prefix,
            "suffix": suffix,
            "max_tokens": 32,
            "stop": "\n",
            "penchant": {"developer": developer, "language": "python"},
        }
        async with room:
            answer = await client.post(f"{stage.url}/v1/completions", json=body)
        answer.raise_for_status()
        return answer.json()["choices"][0]["text"], answer.json()["penchant"]

    async with httpx.AsyncClient(timeout=120, trust_env=False) as client:
        return await asyncio.gather(
            *(ask(client, who, prefix, suffix) for prefix, suffix, _ in asked for who in DEVELOPERS)
        )


def test_each_is_served_by_their_own_at_once(stage: Stage, trained: dict[str, dict]) -> None:
    """At the same places both get answers, and each author's adapter knows its author better."""
    for author in DEVELOPERS:
        asked = places(author)
        alike = dict.fromkeys(DEVELOPERS, 0.0)
        for number, (text, served) in enumerate(asyncio.run(answers(stage, asked))):
            developer = DEVELOPERS[number % 2]
            assert (served["adapter"], served["version"]) == (f"dev/{developer}", "v0001")
            alike[developer] += similarity(text, asked[number // 2][2])
        other = next(each for each in DEVELOPERS if each != author)
        assert alike[author] > 1.2 * alike[other], (author, alike)


def test_the_next_signal_names_the_version_that_served(
    stage: Stage, trained: dict[str, dict]
) -> None:
    for developer in DEVELOPERS:
        asyncio.run(session(stage, developer, written_by(developer, HELD_OUT_NOUNS)[:1]))
        with SignalStore(stage.home / "data" / "signals" / f"{developer}.db") as store:
            newest = next(iter(store.signals(newest=1))).completion
        assert (newest.adapter, newest.version) == (f"dev/{developer}", "v0001")


def test_cards_name_their_own_signals_only(stage: Stage, trained: dict[str, dict]) -> None:
    for developer in DEVELOPERS:
        path = next(stage.home.glob(f"data/adapters/*/dev/{developer}/v0001/card.json"))
        learned = set(json.loads(path.read_text())["signal_ids"])
        with SignalStore(stage.home / "data" / "signals" / f"{developer}.db") as store:
            own = {signal.completion.id for signal in store.signals()}
        assert learned
        assert learned <= own


def test_the_engine_is_vllm(stage: Stage) -> None:
    assert stage.status("alice")["engine"]["kind"] == "vllm"
    version = subprocess.run(
        [PYTHON, "-c", "import vllm; print(vllm.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert version.stdout.strip()
