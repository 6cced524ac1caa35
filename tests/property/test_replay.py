"""Whatever the history looks like: no prompt of a replay holds a line from its future."""

import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.trainer.history.repositories import ADA, BOB, Repo

from penchant_core import models
from penchant_core.fim import FAMILIES, Budget, FimRenderer, suffix_first
from penchant_core.wire import ContextSnippet
from penchant_trainer.history.repository import Repository
from penchant_trainer.replay import diary
from penchant_trainer.replay.answer import Answer
from penchant_trainer.replay.division import divide
from penchant_trainer.replay.journey import plan
from penchant_trainer.replay.policy import Policy
from penchant_trainer.replay.recall import Asking
from penchant_trainer.replay.rungs import LADDER, OTHER, OWN, Course, Skipped, own
from penchant_trainer.replay.walk import Place, Walk, walk
from penchant_trainer.units import Event, Example

BASE = models.resolve("bundled")
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


def prompts(walked: Walk) -> Iterator[tuple[Place, str]]:
    """What is asked at each place, by every rung and for models of both kinds."""
    for renderer in RENDERERS:
        asking = Asking(walked.pieces, renderer)
        for recall in {rung.recall for rung in LADDER}:
            for place in walked.places:
                asked, snippets = asking.of(recall)(place)
                wire = [ContextSnippet(path=s.path, text=s.text, why=s.why) for s in snippets]
                yield place, renderer.render(asked.prefix, asked.suffix, wire, asked.path)


def read(places: Sequence[Place], directory: Path) -> diary.Lessons:
    """The lessons of places at which a model suggested something wrong, or the right beginning."""
    texts = ("return wrong(order)", "lin = compute(order, 99)", "line_")
    answers = [Answer(texts[n % 3], True, -1.0, (1, 2)) for n in range(len(places))]
    answers = [
        replace(answer, text=place.truth) if n % 5 == 4 else answer
        for n, (place, answer) in enumerate(zip(places, answers, strict=True))
    ]
    diary.write(directory, places, answers, Policy(), BASE)
    return diary.read(directory, places)


def texts_of(event: Event) -> Iterator[str]:
    yield event.prefix + event.suffix + (event.truth or "")
    for unit in (*event.pairs, *event.examples):
        yield unit.prefix + unit.suffix + "".join(snippet.text for snippet in unit.context)
        yield unit.completion if isinstance(unit, Example) else unit.chosen + unit.rejected


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
    for place, prompt in prompts(walked):
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
@given(histories())
def test_no_rung_learns_a_line_from_beyond_the_border(
    history: list[tuple[str, str, int, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        repo = built(history, root / "work")
        order = repo.git("log", "--reverse", "--format=%H").split("\n")
        way = plan(Repository(repo.path), [ADA], control=BOB, names=(), most=500, seed=0)
        lessons = {
            OWN: read(way.division.past, root / "own.db"),
            OTHER: read(way.other, root / "other.db"),
        }
    border = min((order.index(place.commit) for place in way.division.future), default=len(order))
    course = Course(lessons, 0, 1)
    for rung in LADDER:
        try:
            events = rung.lessons(course)
        except Skipped:
            continue
        seen = {int(c) for e in events for text in texts_of(e) for c, _ in _MARK.findall(text)}
        assert all(commit < border for commit in seen), rung.name
        if rung.lessons is own:
            assert seen, "there is something to learn from"


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
