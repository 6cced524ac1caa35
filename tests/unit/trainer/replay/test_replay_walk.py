"""Places from real commits: what was written there, which side they are on, what is recalled."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from unit.trainer.history.repositories import ADA, BOB, DAY_S, FIRST, Repo

from penchant_core.fim import FAMILIES, Budget, FimRenderer
from penchant_trainer.history.repository import Repository
from penchant_trainer.replay.division import divide
from penchant_trainer.replay.recall import Recall, recalled, with_history
from penchant_trainer.replay.walk import Piece, Place, busiest_other, walk


def body(number: int) -> str:
    lines = [
        f"def price_{number}_{i}(order_{i}):\n    return order_{i} * {number}" for i in "abcde"
    ]
    return "import json\n\n\n" + "\n\n\n".join(lines) + "\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "work")
    for number in range(10):
        made.commit({f"shop/m{number}.py": body(number)}, author=BOB if number == 2 else ADA)
    return made


def place(number: int, text: str, at: float = 0.0) -> Place:
    return Place(
        f"p{number}", f"c{at}", at, "a.py", "python", f"# {number}\nx = 1\n", "", text, text
    )


def test_places_are_the_authors_in_their_order(repo: Repo) -> None:
    found = walk(Repository(repo.path), [ADA], most=200)
    assert found.commits == 9
    assert {line for p in found.pieces for line in p.text.split("\n")} == {
        line for n in range(10) if n != 2 for line in body(n).rstrip("\n").split("\n")
    }
    assert [p.at for p in found.places] == sorted(p.at for p in found.places)
    assert "m2.py" not in {p.path.rpartition("/")[2] for p in found.places}
    few = walk(Repository(repo.path), [ADA], most=5)
    assert few.places == found.places[-5:]
    older = walk(Repository(repo.path), [ADA], most=200, before=FIRST + 4 * DAY_S)
    assert {p.at for p in older.places} == {FIRST + n * DAY_S for n in (1, 2)}


def test_one_large_commit_does_not_own_the_figures(tmp_path: Path) -> None:
    made = Repo(tmp_path / "large")
    for number in range(3):
        made.commit({f"m{number}_{n}.py": body(10 * number + n) for n in range(4)})
    found = walk(Repository(made.path), [ADA], most=50).places
    counts = Counter(place.commit for place in found)
    assert set(counts.values()) == {8}
    assert found == walk(Repository(made.path), [ADA], most=50).places
    assert len(walk(Repository(made.path), [ADA], most=500).places) > len(found)


def test_what_was_written_goes_to_the_end_of_the_hunk(repo: Repo) -> None:
    for found in walk(Repository(repo.path), [ADA], most=200).places:
        assert found.written.startswith(found.truth)
        whole = body(int(found.path[6]))
        assert whole.startswith(found.prefix + found.truth)
        assert (found.prefix + found.written).rstrip() == whole.rstrip()
        assert found.many == (not found.prefix.rpartition("\n")[2].strip())


def test_the_busiest_other_author_is_named(repo: Repo) -> None:
    assert busiest_other(Repository(repo.path), [ADA]) == BOB
    assert busiest_other(Repository(repo.path), [ADA.upper(), BOB]) is None


def test_a_commit_is_never_older_than_what_it_builds_on(tmp_path: Path) -> None:
    made = Repo(tmp_path / "odd")
    made.days = 40
    made.commit({"a.py": body(1)})
    made.days = 3  # a clock that was wrong, or a rebase
    made.commit({"b.py": body(2)})
    found = walk(Repository(made.path), [ADA], most=99).places
    first, second = sorted({(place.path, place.at) for place in found})
    assert first[1] <= second[1]
    assert first[1] == FIRST + 41 * DAY_S


def test_the_border_lies_between_commits() -> None:
    every = [place(n, f"value_{n} = {n * 7919}", at=float(n // 5)) for n in range(50)]
    sides = divide(every)
    assert {p.at for p in sides.past} & {p.at for p in sides.future} == set()
    assert len(sides.future) + sides.purged == 10
    assert sides.border == min(p.at for p in sides.future)
    assert max(p.at for p in sides.past) < sides.border


def test_what_nearly_repeats_the_past_is_purged_from_the_future() -> None:
    past = [place(n, f"names_{n} = load({n * 7919}, {n})", at=1.0) for n in range(8)]
    repeated = replace(past[3], id="again", at=2.0)
    fresh = place(77, "raise NotImplementedError from the_other_error", at=2.0)
    sides = divide([*past, repeated, fresh])
    assert sides.future == (fresh,)
    assert (sides.purged, sides.purge_rate) == (1, 0.5)
    assert divide([]).future == ()


def test_recall_finds_what_is_alike_and_older_only() -> None:
    every = [
        Piece(1.0, "a.py", "invoice = load_invoice(path)"),
        Piece(2.0, "b.py", "color = pick(color, shade)"),
        Piece(9.0, "a.py", "invoice = load_invoice(other_path)"),
    ]
    asked = replace(place(1, "x", at=5.0), prefix="# invoice\n# load the invoice at path\n")
    found = Recall(every).of(asked)
    assert "load_invoice(path)" in found[0].text
    assert len(found) == 2
    assert not any("other_path" in snippet.text for snippet in found)
    assert Recall(every).of(replace(asked, at=1.0)) == ()
    known = replace(asked, prefix="# 1\nx = 1\ninvoice = load_invoice(path)\n")
    assert not any("invoice" in snippet.text for snippet in Recall(every).of(known))


def test_history_enters_the_prompt_where_the_model_has_room() -> None:
    recall = Recall([Piece(1.0, "a.py", "invoice = load_invoice(path)")])
    asked = replace(place(2, "x", at=5.0), prefix="# invoice\n" + "filler = 1\n" * 60 + "invoice")
    roomy = FimRenderer(FAMILIES[0])
    same, snippets = with_history(asked, recall, roomy)
    assert same is asked
    assert len(snippets) == 1
    tight = FimRenderer(FAMILIES[0], Budget(prefix_chars=200, suffix_chars=0, context_chars=0))
    put, none = with_history(asked, recall, tight)
    assert none == ()
    prompt = tight.render(put.prefix, put.suffix, (), put.path)
    assert "load_invoice(path)" in prompt
    assert prompt.removesuffix("<|fim_suffix|><|fim_middle|>").endswith("invoice")
    assert "filler" in prompt
    assert recalled(asked, (), tight) is asked
