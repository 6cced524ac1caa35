"""Whatever the history looks like: no prompt of a replay holds a line from its future."""

import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.trainer.history.repositories import ADA, BOB, Repo

from penchant_core.fim import FAMILIES, Budget, FimRenderer, suffix_first
from penchant_core.wire import ContextSnippet
from penchant_trainer.history.repository import Repository
from penchant_trainer.replay.division import divide
from penchant_trainer.replay.recall import Recall, with_history
from penchant_trainer.replay.walk import Place, walk

RENDERERS = (
    FimRenderer(FAMILIES[0], Budget(50_000, 50_000, 50_000)),
    FimRenderer(suffix_first(FAMILIES[0]), Budget(600, 200, 0)),
)
_MARK = re.compile(r"\bline_(\d+)_(\d+)\b")


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, str, int, int, int]]:
    """Commits as (author, file, where in it, lines added, hours since the one before)."""
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from([ADA, ADA, BOB]),
                st.sampled_from(["a.py", "b.py"]),
                st.integers(0, 60),
                st.integers(3, 12),
                st.integers(-48, 48),  # clocks go wrong and rebases reorder
            ),
            min_size=3,
            max_size=6,
        )
    )


def built(history: list[tuple[str, str, int, int, int]], path: Path) -> Repo:
    """A real repository in which every line says which commit wrote it, and the how-manieth."""
    repo = Repo(path)
    repo.days = 30
    files = {
        name: [
            f"# {name}",
            "import os",
            *["# filler so that the file is long enough to count" for _ in range(6)],
        ]
        for name in ("a.py", "b.py")
    }
    for number, (author, name, where, count, hours) in enumerate(history):
        lines = files[name]
        at = 2 + where % (len(lines) - 1)
        lines[at:at] = [f"line_{number}_{n} = compute(order, {n})" for n in range(count)]
        repo.days += hours // 24 - 1
        repo.commit({name: "\n".join(lines) + "\n"}, author=author)
    return repo


def prompts(places: tuple[Place, ...], recall: Recall) -> Iterator[tuple[Place, str]]:
    for place in places:
        for renderer in RENDERERS:
            yield place, renderer.render(place.prefix, place.suffix, (), place.path)
            asked, snippets = with_history(place, recall, renderer)
            wire = [ContextSnippet(path=s.path, text=s.text, why=s.why) for s in snippets]
            yield place, renderer.render(asked.prefix, asked.suffix, wire, asked.path)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_no_prompt_holds_a_line_from_its_future(
    history: list[tuple[str, str, int, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        repo = built(history, Path(directory) / "work")
        order = repo.git("log", "--reverse", "--format=%H").split("\n")
        number_of = {commit: number for number, commit in enumerate(order)}
        walked = walk(Repository(repo.path), [ADA], most=500)
    seen = 0
    for place, prompt in prompts(walked.places, Recall(walked.pieces)):
        now = number_of[place.commit]
        written = len(_MARK.findall(place.prefix.rpartition("\n")[2]))
        for commit, line in ((int(c), int(n)) for c, n in _MARK.findall(prompt)):
            assert commit <= now, "written by a later commit"
            if commit == now:
                mine = _MARK.search(place.left + place.truth.split("\n")[0])
                assert mine is None or line <= int(mine.group(2)), "written below the cursor"
            seen += 1
        assert written <= 1
    assert seen or all(author == BOB for author, *_ in history)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.integers(0, 99))
def test_nothing_that_is_learned_from_knows_what_is_measured_on(
    history: list[tuple[str, str, int, int, int]], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        repo = built(history, Path(directory) / "work")
        places = list(walk(Repository(repo.path), [ADA], most=500).places)
    random.Random(seed).shuffle(places)
    sides = divide(places)
    future = {commit for commit, _ in (place.group for place in sides.future)}
    assert not future & {place.commit for place in sides.past}
    truths = {match.group() for place in sides.future for match in _MARK.finditer(place.truth)}
    for place in sides.past:
        text = place.prefix + place.suffix + place.written
        assert not truths & {match.group() for match in _MARK.finditer(text)}
