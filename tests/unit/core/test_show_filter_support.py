"""What the rest of the file says for a suggestion."""

import time

import pytest

from penchant_core.show_filter.answer import of_answer, of_question
from penchant_core.show_filter.habits import Habits
from penchant_core.show_filter.support import of_support
from penchant_core.signals import Candidate, Completion

ABOVE = "total = count(rows)\nfirst = rows[0]\n"
TEXTS = [
    ("last = ", "rows[0]", "", {"new_pairs": 0.0, "known_triples": 0.75}),
    ("last = ", "other(thing)", "", {"new_pairs": 4.0, "known_pairs": 0.0}),
    ("first = ", "rows[0]", "", {"new_pairs": 0.0, "known_pairs": 1.0, "like_a_line": 1.0}),
    ("last = ", "seen[1]", "\nlast = seen[1]\n", {"new_pairs": 0.0, "like_a_line": 1.0}),
    ("", "", "", {"new_pairs": 0.0, "known_pairs": 0.5, "known_triples": 0.5}),
]


@pytest.mark.parametrize(("left", "text", "suffix", "expected"), TEXTS)
def test_pairs_and_lines_that_stand_around_it(
    left: str, text: str, suffix: str, expected: dict[str, float]
) -> None:
    found = of_support(ABOVE + left, suffix, text)
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_the_line_that_is_being_written_is_no_support_for_itself() -> None:
    assert of_support("strange + odd ", "", "+ odd")["known_triples"] == 0.0


def test_a_verdict_takes_well_under_a_millisecond() -> None:
    text = "value = other(first, second)[3].name"
    prefix = "".join(f"name_{n} = call_{n}(value_{n}, 'text {n}')\n" for n in range(400)) + "x = "
    shown = Candidate(text, -3.0, "stop", (-0.1, -0.2, -0.9, -2.0))
    asked = Completion("c1", 1.0, "ada", "w", "a.py", "python", prefix, prefix, (shown,), 0)
    habits = Habits()

    def judged() -> None:
        question = of_question(prefix, prefix, "python", 1.0, habits)
        assert of_answer(question, asked, shown, habits)

    judged()  # what stands around is read once for a burst of keystrokes
    best = min(_seconds(judged) for _ in range(50))
    assert best < 0.001


def _seconds(work: object) -> float:
    begin = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begin
