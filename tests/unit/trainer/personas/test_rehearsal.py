"""A measurement goes cell by cell through the real training, and goes on where it was stopped."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from penchant_core import models
from penchant_core.errors import TrainError
from penchant_core.store import SignalStore
from penchant_trainer.personas import desk, people, pupil
from penchant_trainer.personas.author import Author
from penchant_trainer.personas.bench import Bench
from penchant_trainer.personas.cli import personas
from penchant_trainer.personas.crew import Crew
from penchant_trainer.personas.people import PERSONAS
from penchant_trainer.personas.recording import Suggestion
from penchant_trainer.personas.rehearsal import BASE, Plan, Rehearsal
from penchant_trainer.personas.showing import results, stages
from penchant_trainer.pretrain.corpus import Document


def test_a_cell_is_made_once(tmp_path: Path) -> None:
    made: list[int] = []
    for _ in range(2):
        bench = Bench(tmp_path, {"seed": 1})
        assert bench.cell("a", lambda: made.append(1) or {"b": [1]}) == {"b": [1]}  # type: ignore[func-returns-value]
    assert made == [1]
    assert bench.has("a")
    assert not bench.has("b")


def test_a_cell_that_failed_is_not_kept(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {})
    with pytest.raises(ZeroDivisionError):
        bench.cell("a", lambda: 1 / 0)
    assert not bench.has("a")


def test_a_bench_of_another_measurement_is_refused(tmp_path: Path) -> None:
    Bench(tmp_path, {"seed": 1, "base": "a"})
    with pytest.raises(TrainError, match="another seed"):
        Bench(tmp_path, {"seed": 2, "base": "a"})


class Copyist(Author):
    """Suggests what is written anyway, and counts how often it was asked."""

    asked = 0

    def lines(self, places: list[desk.Place], adapter: Path | None = None) -> list[Suggestion]:  # type: ignore[override]
        self.asked += 1
        return [Suggestion(place.truth, True) for place in places]


def rehearsal(work: Path, documents: tuple[Document, ...]) -> Rehearsal:
    plan = Plan(people.chosen(("no",)), events=6, contexts=4)
    base = models.resolve("bundled")
    made = Rehearsal(plan, base, work, lambda _: None)
    made.author = Copyist(base, "cpu", work)
    made.__dict__["_documents"] = documents
    return made


def test_who_dismisses_everything_goes_through_the_real_run_and_gets_no_adapter(
    tmp_path: Path, documents: tuple[Document, ...]
) -> None:
    first = rehearsal(tmp_path, documents)
    found = results(first)
    (result,) = found.results
    assert (result.status, result.after, result.outcomes) == ("waiting", None, {"rejected": 6})
    assert result.reasons == (
        "0 of 30 clean examples so far; go on writing with suggestions switched on",
    )
    assert found.targets["adversaries"]["met"]
    assert first.author.asked == 2, "once for the suggestions, once for the base model's lines"
    log = tmp_path / "trainings" / "no-6" / "home" / "data" / "signals" / "no.db"
    with SignalStore(log) as store:
        assert len(store) == 6

    again = rehearsal(tmp_path, documents)
    assert results(again).as_json() == found.as_json()
    assert again.author.asked == 0


def test_processes_side_by_side_leave_the_same_cells(tmp_path: Path) -> None:
    plan = Plan(people.chosen(("no",)), events=2, contexts=1, filter=False)
    base = models.resolve("bundled")
    made = Rehearsal(plan, base, tmp_path, lambda _: None)
    made.author = Copyist(base, "cpu", tmp_path)
    made.signals(PERSONAS["no"], plan.events)  # what would need torch in every process
    made.shown(PERSONAS["no"], None, BASE)
    asked = made.author.asked
    Crew(plan, base, tmp_path, 2).make(stages(plan))
    trained = tmp_path / "cells" / "train-no-2.json"
    assert json.loads(trained.read_text("utf-8"))["outcomes"] == {"rejected": 2}
    assert [result.status for result in results(made).results] == ["waiting"]
    assert made.author.asked == asked


def test_what_fails_in_a_process_is_said(tmp_path: Path) -> None:
    plan = Plan(people.chosen(("no",)), events=2, contexts=1, matrix=False, filter=False)
    base = models.resolve("bundled")
    Bench(tmp_path, {"seed": 2})
    with pytest.raises(TrainError, match="ended early"):
        Crew(plan, base, tmp_path, 2).make(stages(plan))


def test_fewer_events_are_the_beginning_of_more(
    tmp_path: Path, documents: tuple[Document, ...]
) -> None:
    made = rehearsal(tmp_path, documents)
    six = made.signals(PERSONAS["no"], 6)
    assert [s.completion.prefix for s in made.signals(PERSONAS["no"], 9)][:6] == [
        s.completion.prefix for s in six
    ]
    assert made.author.asked == 1, "the same chunk of suggestions"


def test_a_turncoat_is_measured_as_what_it_became(
    tmp_path: Path, documents: tuple[Document, ...]
) -> None:
    made = rehearsal(tmp_path, documents)
    own = made.own(PERSONAS["turncoat"])
    assert set(own.habits) == set(PERSONAS["ada"].wants)
    assert own.share == 1.0
    assert 0 < own.places <= 4


def test_a_training_that_fails_says_so(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="training ada failed"):
        pupil.trained(tmp_path, developer="ada", model="no/such-model", seed=0)
    assert not (tmp_path / pupil.REPORT).exists()


@pytest.fixture
def environment() -> Iterator[None]:
    """Undo what an author sets for the libraries, so that other tests do not see it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.usefixtures("environment")
def test_the_author_writes_lines_with_and_without_an_adapter(tmp_path: Path) -> None:
    author = Author(models.resolve("bundled"), "cpu", tmp_path)
    places = [
        desk.Place("a.py", "import os\n\n\ndef load_order(", "", "\n", None),
        desk.Place("a.py", "import logging\n\nlog = logging.getLogger(", "", "\n", None),
    ]
    bare = author.lines(places)
    assert all("\n" not in line.text for line in bare)
    assert author.lines(places, wild_adapter(author, tmp_path / "adapter")) != bare
    assert author.lines(places) == bare, "the adapter came off again"


@pytest.mark.usefixtures("environment")
def test_lines_are_what_the_networks_own_generate_writes(tmp_path: Path) -> None:
    author = Author(models.resolve("bundled"), "cpu", tmp_path)
    author._load()
    from penchant_trainer.evaluate import generate
    from penchant_trainer.personas.lines import written

    heads = ("", "import os\n\n\ndef f(", "x = [", "class A:\n    def g(self):\n        ")
    prompts = [author._tokens.prompt_ids(head, "\n") for head in heads]
    network = author._loaded.network
    whole = generate(network, author._tokens, prompts, max_tokens=12, batch=4)
    lines = written(network, author._tokens, prompts, most=12, batch=3)
    assert all(len(line.logs) == len(line.ids) and max(line.logs) < 0 for line in lines)
    for line, ids in zip(lines, whole, strict=True):
        assert line.ids == ids[: len(line.ids)]
        text = author._tokens.tokenizer.decode(line.ids, skip_special_tokens=True)
        ended = "\n" in text or line.ids[-1] == author._tokens.end
        assert ended or len(line.ids) == 12
        assert "\n" not in author._tokens.tokenizer.decode(line.ids[:-1])


def wild_adapter(author: Author, directory: Path) -> Path:
    """An adapter that says something else than any base model."""
    from penchant_trainer import model as networks
    from penchant_trainer.recipe import recipe

    chosen = recipe("small", parameters=7_000_000, max_rank=8)
    model = networks.with_new_adapter(author._loaded, chosen, 0)
    for name, weights in model.named_parameters():
        if "lora_B" in name:
            weights.data.normal_(0, 1.0)
    networks.save(model, directory, "bundled")
    networks.without_adapter(author._loaded, model)
    return directory


def test_the_command_shows_what_is_written() -> None:
    done = CliRunner().invoke(personas, ["--write", "--only", "emil", "--events", "5"])
    assert done.exit_code == 0, done.output
    head, *lines = done.output.splitlines()
    assert head == f"emil: {PERSONAS['emil'].words}"
    assert len(lines) == 5
    assert all("⟦" in line for line in lines)


@pytest.mark.parametrize("curve", ["25,x", "0"])
def test_a_curve_is_a_list_of_numbers(curve: str) -> None:
    done = CliRunner().invoke(personas, ["--curve", curve, "--only", "no"])
    assert "--curve" in str(done.exception)


def test_sizes_are_all_that_is_trained_on() -> None:
    plan = Plan((), events=200, curve=(400, 25))
    assert plan.sizes == (25, 200, 400)
    assert json.loads(json.dumps(plan.sizes)) == [25, 200, 400]
