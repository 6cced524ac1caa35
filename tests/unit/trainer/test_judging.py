"""A judge in a real run: its labels and its score, from checks alone and from a model nearby."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from unit.trainer import developers
from unit.trainer.rewards.judging import JudgeServer, judge_server

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.config import load
from penchant_core.errors import ConfigError
from penchant_core.paths import Paths
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_trainer import candidates, judging, loop, material
from penchant_trainer.progress import SHARES, shares
from penchant_trainer.recipe import adjusted, recipe
from penchant_trainer.resources import Device
from penchant_trainer.run import Run

pytestmark = pytest.mark.filterwarnings("ignore")

NUMBERS = {
    "max_length": 160,
    "dpo_tokens": 1500,
    "batch": 4,
    "accumulate": 1,
    "rollouts": 8,
    "rollout_tokens": 8,
    "ppo_tokens": 600,
    "ppo_passes": 1,
}
OFTEN = 36


def signal(n: int, noun: str) -> Signal:
    """Somebody who was shown a bracket too many, and wrote what was meant."""
    name, at = f"c{n:03d}", developers.START + 3000.0 * n
    written = (f"good_{noun}(value)", f"poor_{noun}(value))", f"sad_{noun}(value)")
    above = f"def good_{noun}(value):\n    return 1\n\n\n"
    prefix = f"{above}def use_{noun}{n}(value):\n    return "
    asked = Completion(
        name, at, "ada", "w1", f"src/{noun}{n}.py", "python", prefix, "\n",
        tuple(Candidate(text, -1.0, "stop") for text in written[1:]), 0,
    )  # fmt: skip
    return Signal(asked, Outcome(name, OutcomeKind.REJECTED, at + 2, at + 12, instead=written[0]))


def written_log(store: SignalStore) -> None:
    nouns = [developers.NOUNS[n % len(developers.NOUNS)] for n in range(OFTEN)]
    store.add_all([signal(n, noun) for n, noun in enumerate(nouns)])


@pytest.fixture
def make(paths: Paths, store: SignalStore, tmp_path: Path) -> Callable[..., Run]:
    """Make a run of somebody with a log, whose SFT has just ended (without moving anything)."""

    def run(**judged: Any) -> Run:
        written_log(store)
        settings = {f"judging.{key}": value for key, value in judged.items()}
        config = load(
            settings
            | {"training.methods": ["dpo", "kto", "ppo"], "training.min_pairs_dpo": 8}
            | {"completion.max_tokens": 8}
        )
        base = models.resolve("bundled")
        chosen = adjusted(recipe("small", parameters=7_600_000, max_rank=8), NUMBERS)
        store_of = AdapterStore(paths.adapters, base.fingerprint)
        return Run(
            "r", config, base, store_of, tmp_path / "run", Device("cpu"), chosen,
            material.read(config), {"train_reward": {"skipped": "too few"}},
        )  # fmt: skip

    return run


def with_sft(run: Run) -> Run:
    from penchant_trainer import model as networks
    from penchant_trainer import quiet

    quiet.silence()
    run.directory.mkdir(exist_ok=True)
    loaded = networks.load_base(run.base, run.device)
    run.keep(networks.with_new_adapter(loaded, run.recipe, 0), "sft")
    return run


def asked(run: Run) -> dict[str, Any]:
    run.results[judging.PHASE] = judging.judge_pairs(run, lambda _done: None)
    return run.results[judging.PHASE]


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with judge_server() as running:
        yield running


def test_checks_label_what_the_model_writes_and_dpo_learns_from_both(
    make: Callable[..., Run], store: SignalStore
) -> None:
    run = with_sft(make(labels=True, label_places=8, label_samples=2, label_share=0.2))
    found = asked(run)
    written = (run.directory / "labels/labels.json").read_text()
    assert asked(run) == found
    assert (run.directory / "labels/labels.json").read_text() == written, "same run, same labels"
    assert found["judge"] == "checks"
    assert found["agreement"]["agreed"] >= 20
    assert found["places"] == 8
    labels, own = judging.pairs(run), run.split().pairs
    assert 1 <= len(labels) <= 0.2 * (len(own) + len(labels))
    assert max(p.weight for p in labels) < min(p.weight for p in own)
    held_out = {event.signal_id for event in run.split().held_out}
    assert not held_out & {i for pair in labels for i in pair.signal_ids}
    assert not {p.rejected for p in own} & {p.chosen for p in labels}
    figures = run.results["train_dpo"] = candidates.train_dpo(run, lambda _done: None)
    assert figures["judge_labels"] == len(labels)
    assert figures["rows"] == len(own) + len(labels)
    run.results["train_sft"] = {}
    assert candidates.lineage("dpo", run.results) == "sft+dpo+judge"
    assert candidates.lineage("sft", run.results) == "sft"
    assert candidates.made_by("dpo", run.results)["judge"] == found
    gives_kto_both_texts(run)
    passes_over_what_is_gone(run, store)


def gives_kto_both_texts(run: Run) -> None:
    own = run.split().examples
    found = judging.examples(run, len(own))
    assert [e.desirable for e in found] == [True, False] * (len(found) // 2)
    assert 0 < len(found) <= 0.2 * (len(own) + len(found))
    assert max(e.weight for e in found) < min(e.weight for e in own)


def passes_over_what_is_gone(run: Run, store: SignalStore) -> None:
    (first, *_) = judging.pairs(run)
    assert store.erase(path=first.path) == list(first.signal_ids)
    later = replace(run, material=material.read(run.config))
    assert first.signal_ids not in [p.signal_ids for p in judging.pairs(later)]


def test_a_model_nearby_labels_logged_and_drawn_texts_and_practice_hears_it(
    make: Callable[..., Run], server: JudgeServer
) -> None:
    run = with_sft(
        make(judge=server.url, labels=True, label_places=4, label_samples=2, practice_weight=0.5)
    )
    assert judging.warning(run.config.settings.judging) == ()
    found = asked(run)
    assert found["agreement"]["share"] == 1.0
    assert found["judge"] == "tiny at 127.0.0.1"
    events = [event for event in run.split().train if event.truth][:3]
    with judging.objectives(run, events) as objectives:
        ((judge, weight),) = objectives
        good, sad = judge.scores(events[:2], ["good()", "sad()"])
    assert (judge.name, weight) == ("judge", 0.5)
    assert good is not None and sad is not None and good > sad
    assert all("value" in question for question in server.asked)
    before = len(server.asked)
    figures = run.results["train_ppo"] = candidates.train_ppo(run, lambda _done: None)
    assert figures["objectives"]["judge"] == 0.5
    assert len(server.asked) > before
    assert candidates.lineage("ppo", run.results) == "sft+ppo+judge"


def test_a_judge_that_disagrees_has_no_part(make: Callable[..., Run], server: JudgeServer) -> None:
    server.says_yes = "poor"
    run = make(judge=server.url, labels=True, practice_weight=1.0)
    found = asked(run)
    assert "agrees with you on" in found["skipped"]
    assert found["agreement"]["agreed"] == 0
    assert judging.pairs(run) == ()
    with judging.objectives(run, run.split().train) as objectives:
        assert objectives == []
    assert judging.told(run.results)[0].startswith("the judge had no part in it: tiny")
    made = candidates.made_by("sft", run.results | {"train_sft": {}})
    assert made["judge"] == found, "the card says that it was asked, and why it was not heard"
    assert candidates.lineage("sft", run.results | {"train_sft": {}}) == "sft"


def test_a_judge_that_went_away_costs_the_label_or_the_candidate_never_the_run(
    make: Callable[..., Run], server: JudgeServer
) -> None:
    run = with_sft(make(judge=server.url, practice_weight=1.0))
    assert asked(run)["labels"] == 0, "only its score was asked for"
    server.mode = "broken"
    assert "failed 3 times" in candidates.train_ppo(run, lambda _done: None)["skipped"]
    assert "failed 3 times" in asked(run)["skipped"]


def test_nobody_is_asked_unless_the_settings_say_so(make: Callable[..., Run]) -> None:
    run = make()
    assert asked(run) == judging.NOT_ASKED
    assert judging.pairs(run) == ()
    assert judging.told(run.results) == ()
    assert "judge" not in candidates.made_by("sft", run.results | {"train_sft": {}})
    assert judging.made_of(run.config.settings.judging) == ""


def test_a_run_does_not_go_on_with_another_judge_or_constitution(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = Path(judging.__file__).with_name("rewards").joinpath("constitution.toml").read_text()
    own.write_text(text)
    plain = load({"judging.labels": True})
    named = load({"judging.labels": True, "judging.constitution": str(own)})
    names = {loop._made_of(plain, "f"), loop._made_of(named, "f")}
    own.write_text(text.replace("weight = 2.0", "weight = 3.0"))
    names.add(loop._made_of(named, "f"))
    assert len(names) == 3
    own.write_text("[[principle]]\n")
    with pytest.raises(ConfigError, match="constitution"):
        loop._made_of(named, "f")


def test_who_sends_code_away_is_told() -> None:
    url = "https://judge.example.com/v1"
    settings = {"judging.judge": url, "judging.send_code_to": ["judge.example.com"]}
    assert judging.warning(load(settings).settings.judging) == ()
    (said,) = judging.warning(load(settings | {"judging.labels": True}).settings.judging)
    assert "judge.example.com" in said


def test_a_judge_takes_its_share_of_the_bar() -> None:
    assert shares(["sft", "dpo"])[judging.PHASE] == 0
    found = shares(["sft", "dpo"], judged=True)
    assert sum(found.values()) == pytest.approx(1.0)
    assert list(found).index(judging.PHASE) == list(found).index("train_sft") + 1
    assert found[judging.PHASE] < SHARES["train_sft"]
