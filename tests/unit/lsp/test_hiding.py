"""The show filter at work in a session: what is hidden, what is not, and how it stays current."""

from dataclasses import replace
from pathlib import Path

import pytest

from penchant_core.show_filter import weights
from penchant_core.show_filter.habits import Habits
from penchant_core.show_filter.weights import ShowFilter, Stage, Term, past_of
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind
from penchant_lsp.hiding import RECHECK_S, REFUSED, REFUSED_S, Hiding
from penchant_lsp.verdicts import Settled


def written(path: Path, *, before: float = 0.0, after: float = 0.5) -> None:
    """A filter that goes by the engine's own certainty, and before that by the habits."""
    sure = {"logprob_per_char": Term(mean=-0.5, scale=0.1, weight=4.0)}
    kept = {"kept_share": Term(mean=0.0, scale=1.0, weight=2.0)}
    weights.save(
        path,
        ShowFilter(
            created_at=1.0,
            learned_from=200,
            last_seq=200,
            before=Stage(bias=0.0, terms=kept, threshold=before),
            after=Stage(bias=0.0, terms=sure, threshold=after),
            past=past_of(Habits()),
        ),
    )


def completion(text: str, logprob: float, *, invoked: bool = False) -> Completion:
    return Completion(
        "c", 10.0, "ada", "w", "a.py", "python", "x = ", "\n", (Candidate(text, logprob, "stop"),),
        0, trigger="invoked" if invoked else "automatic",
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ada.json"


def test_only_what_is_hardly_ever_kept_is_hidden(path: Path) -> None:
    written(path)
    hiding = Hiding(path, exploration=0.0)
    assert hiding.verdict(completion("value", 0.0)) == "show"
    assert hiding.verdict(completion("value", -60.0)) == "hide"
    assert hiding.verdict(completion("value", -60.0, invoked=True)) == "show"
    assert Hiding(path, enabled=False).verdict(completion("value", -60.0)) == "show"


def test_a_text_is_hidden_once_however_often_it_comes(path: Path) -> None:
    written(path)
    hiding = Hiding(path, exploration=0.0)
    assert hiding.first_time(completion("value", -60.0))
    assert not hiding.first_time(completion("value", -60.0))
    assert hiding.first_time(completion("other", -60.0))
    assert hiding.hidden == 2


def test_a_share_is_explored_the_same_way_every_time(path: Path) -> None:
    written(path)
    hiding = Hiding(path, exploration=0.2)
    texts = [f"value_{n}" for n in range(500)]
    verdicts = [hiding.verdict(completion(text, -200.0)) for text in texts]
    assert 60 < verdicts.count("explore") < 140
    assert verdicts.count("show") == 0
    assert verdicts == [Hiding(path, exploration=0.2).verdict(completion(t, -200.0)) for t in texts]


def test_after_refusals_nothing_is_asked_where_the_filter_says_so(path: Path) -> None:
    written(path, before=0.2)
    hiding = Hiding(path, exploration=0.0)
    assert hiding.worth_asking("x = ", "\n", "python", 10.0)
    for number in range(40):
        refused = Outcome("c", OutcomeKind.REJECTED, float(number), float(number))
        hiding.note(Settled(completion("value", -1.0), refused))
    assert not hiding.worth_asking("x = ", "\n", "python", 60.0)
    for number in range(40):
        taken = Outcome("c", OutcomeKind.ACCEPTED, 60.0 + number, 60.0 + number)
        hiding.note(Settled(completion("value", -1.0), taken))
    assert hiding.worth_asking("x = ", "\n", "python", 120.0)


def test_a_newer_file_is_found_and_a_removed_one_forgotten(path: Path) -> None:
    now = 0.0
    hiding = Hiding(path, exploration=0.0, clock=lambda: now)
    bad = completion("value", -60.0)
    assert hiding.verdict(bad) == "show"
    written(path)
    assert hiding.verdict(bad) == "show", "not looked for at every keystroke"
    now += RECHECK_S
    assert hiding.verdict(bad) == "hide"
    path.unlink()
    now += RECHECK_S
    assert hiding.verdict(bad) == "show"


def test_a_damaged_file_hides_nothing(path: Path) -> None:
    path.write_text("{")
    assert Hiding(path).verdict(completion("value", -60.0)) == "show"
    assert Hiding(path).worth_asking("x", "", "python", 1.0)


def test_what_was_sent_away_stays_away_at_its_place_for_a_while(path: Path) -> None:
    now = 0.0
    hiding = Hiding(path, clock=lambda: now)
    refused = Outcome("c", OutcomeKind.REJECTED, 1.0, 1.0)
    hiding.note(Settled(completion("value", -1.0), refused))
    assert hiding.verdict(completion("value", -1.0)) == "hide"
    assert hiding.verdict(completion("value", -1.0, invoked=True)) == "show"
    assert hiding.verdict(completion("values", -1.0)) == "show"
    typed = replace(completion("lue", -1.0), prefix="x = va")
    assert hiding.verdict(typed) == "hide", "the rest of it leads to the same text"
    elsewhere = replace(completion("value", -1.0), prefix="y = ")
    assert hiding.verdict(elsewhere) == "show"
    now = REFUSED_S
    assert hiding.verdict(completion("value", -1.0)) == "show"


def test_only_so_much_is_remembered(path: Path) -> None:
    hiding = Hiding(path)
    for number in range(REFUSED + 1):
        hiding.refuse(completion(f"value{number}", -1.0))
    assert hiding.verdict(completion("value0", -1.0)) == "show"
    assert hiding.verdict(completion(f"value{REFUSED}", -1.0)) == "hide"
