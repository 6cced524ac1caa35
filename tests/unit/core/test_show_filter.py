"""What the show filter sees, what it remembers, and what a file of it may be."""

import json
import math
from pathlib import Path

import pytest

from penchant_core.errors import ConfigError
from penchant_core.show_filter import weights
from penchant_core.show_filter.features import of_place, of_suggestion
from penchant_core.show_filter.habits import PRIOR, Habits, kept
from penchant_core.show_filter.manner import of_manner
from penchant_core.show_filter.weights import ShowFilter, Stage, Term, past_of, worth
from penchant_core.signals import Candidate, Outcome, OutcomeKind


def outcome(kind: OutcomeKind, *, share: float | None = None, at: float = 10.0) -> Outcome:
    return Outcome("c", kind, at, at + 1, kept=share)


def learned(threshold: float = 0.3) -> ShowFilter:
    stage = Stage(
        bias=-1.0,
        terms={"logprob_per_char": Term(mean=-0.5, scale=0.25, weight=2.0)},
        threshold=threshold,
    )
    return ShowFilter(
        created_at=1.0,
        learned_from=200,
        last_seq=210,
        before=Stage(bias=0.0, terms={}, threshold=0.0),
        after=stage,
        past=past_of(Habits()),
    )


PLACES = [
    ("x = ", "\n", {"last=space_after_equals": 1.0, "right=nothing": 1.0, "in_string": 0.0}),
    ("    ", "", {"last=indentation": 1.0}),
    ("", "", {"last=line_start": 1.0, "after_blank": 1.0, "offset": 0.0}),
    ("print(", ")\n", {"last=bracket": 1.0, "right=closers": 1.0, "open_brackets": 1.0}),
    ("self.", " + 1", {"last=dot": 1.0, "right=text": 1.0}),
    ('name = "a', "", {"last=word": 1.0, "in_string": 1.0, "word_chars": math.log1p(1)}),
    ("import o", "", {"in_import": 1.0}),
    ("  # see", "", {"in_comment": 1.0, "indentation": math.log1p(2)}),
    ("if x:\n\n", "", {"after_blank": 1.0}),
]


@pytest.mark.parametrize(("prefix", "suffix", "expected"), PLACES)
def test_what_is_seen_of_a_place(prefix: str, suffix: str, expected: dict[str, float]) -> None:
    found = of_place(prefix, suffix, "python")
    assert {name: found.get(name, 0.0) for name in expected} == expected
    assert found["language=python"] == 1.0


TEXTS = [
    ("total = 0\nx = ", "\n", "total + 1", {"known_names": 1.0, "balanced": 1.0}),
    ("x = ", "\n", "other(", {"known_names": 0.0, "balanced": 0.0, "opens_block": 1.0}),
    ("a = 1\nb = 2\n", "", "a = 1", {"repeats_near": 1.0}),
    ("a = ", "\nb = 2\n", "1", {"repeats_near": 0.0, "repeats_next": 0.0}),
    ("b = ", "\nb = 2\n", "2", {"repeats_next": 1.0}),
    ("", "", "a\nb", {"lines": math.log1p(2), "chars": math.log1p(3)}),
]


@pytest.mark.parametrize(("prefix", "suffix", "text", "expected"), TEXTS)
def test_what_is_seen_of_a_suggestion(
    prefix: str, suffix: str, text: str, expected: dict[str, float]
) -> None:
    found = of_suggestion(prefix, suffix, Candidate(text, -2.0, "stop"))
    assert {name: found[name] for name in expected} == expected
    assert found["stopped"] == 1.0


MANNERS = [
    ("x = ", "'a'", {"with_single_quote", "begins=assignment", "ends=quote"}),
    ("def f(", "aB: int) -> str:", {"with_hint", "with_arrow", "with_camel_case", "begins=def"}),
    ("", "return f'{a_b}'\nmore = \"1\"", {"with_formatted_string", "with_snake_case"}),
    ("    ", "# say it", {"with_comment", "ends=word"}),
    ("self.n = ", "7", {"begins=self", "begins=assignment", "with_digit", "ends=word"}),
]


@pytest.mark.parametrize(("prefix", "text", "expected"), MANNERS)
def test_the_manner_of_the_first_line_is_seen(prefix: str, text: str, expected: set[str]) -> None:
    found = of_manner(prefix, text)
    assert expected <= set(found)
    assert set(found.values()) == {1.0}
    assert "with_double_quote" not in found, "that is on another line, if anywhere"


def test_what_is_left_once_it_is_kept_counts_beside_the_chance() -> None:
    term = Term(mean=0.0, scale=1.0, weight=0.0, chars=1.0)
    stage = Stage(bias=-2.0, chars_bias=2.0, terms={"chars": term}, threshold=0.3)
    chance = 1 / (1 + math.exp(2))
    assert stage.expected({"chars": 1.0}) == (
        pytest.approx(chance),
        pytest.approx(math.expm1(3.0)),
    )
    assert stage.expected({"chars": -5.0}) == (pytest.approx(chance), 0.0), "never less than none"
    assert stage.expected({"chars": 8.0})[1] == pytest.approx(weights.MOST_CHARS)
    assert worth(chance, 10.0) == pytest.approx(2 * chance), "ten characters count as a glance"
    assert not stage.fair({"chars": 0.5}), "0.12 * (1 + 11.2 / 10)"
    assert stage.fair({"chars": 1.0}), "0.12 * (1 + 19.1 / 10)"


def test_what_is_rather_kept_than_not_is_shown_at_any_threshold() -> None:
    stage = Stage(bias=0.001, terms={}, threshold=5.0)
    assert stage.fair({})
    assert not stage.model_copy(update={"bias": -0.001}).fair({})


def test_without_a_threshold_everything_is_fair() -> None:
    stage = learned(threshold=0.0).after
    assert stage.fair({"logprob_per_char": -99.0})
    assert not learned().after.fair({"logprob_per_char": -99.0})


@pytest.mark.parametrize("logprob", [None, math.nan, -math.inf])
def test_an_engine_that_says_nothing_of_its_text(logprob: float | None) -> None:
    found = of_suggestion("", "", Candidate("a", logprob))
    assert found["logprob_known"] == found["logprob"] == found["logprob_per_char"] == 0.0


@pytest.mark.parametrize(
    ("kind", "share", "expected"),
    [
        (OutcomeKind.ACCEPTED, None, True),
        (OutcomeKind.TYPED_THROUGH, None, True),
        (OutcomeKind.PARTIALLY_ACCEPTED, 0.2, True),
        (OutcomeKind.ACCEPTED_EDITED, 0.7, True),
        (OutcomeKind.ACCEPTED_EDITED, 0.2, False),
        (OutcomeKind.REJECTED, None, False),
        (OutcomeKind.UNDONE, None, False),
        (OutcomeKind.IGNORED, None, None),
        (OutcomeKind.CENSORED, None, None),
    ],
)
def test_what_counts_as_kept(kind: OutcomeKind, share: float | None, expected: bool | None) -> None:
    assert kept(outcome(kind, share=share)) is expected


def test_habits_follow_what_happens_and_hold_no_text() -> None:
    habits = Habits()
    assert habits.overall.value == PRIOR
    for number in range(30):
        habits.note("python", f"secret{number}", outcome(OutcomeKind.REJECTED, at=number))
    low = habits.of_now("python", 40.0)
    assert habits.of_text(" secret29 ")["refused_lately"] == 1.0
    assert habits.of_text("secret1")["refused_lately"] == 0.0
    habits.note("python", "x", outcome(OutcomeKind.IGNORED))
    assert habits.of_now("python", 40.0) == low
    for number in range(30):
        habits.note("rust", "x", outcome(OutcomeKind.ACCEPTED, at=40 + number))
    high = habits.of_now("rust", 80.0)
    assert high["kept_share_language"] > high["kept_share"] > low["kept_share"]
    assert high["last_1"] == 0.5
    assert "secret" not in json.dumps(habits.as_json())


def test_a_filter_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ada.json"
    habits = Habits()
    habits.note("python", "x", outcome(OutcomeKind.ACCEPTED))
    written = learned().model_copy(update={"past": past_of(habits)})
    weights.save(path, written)
    assert weights.load(path) == written
    assert written.habits().of_now("python", 60.0) == habits.of_now("python", 60.0)
    assert path.stat().st_mode & 0o777 == 0o600
    assert weights.load(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"format": 1}',
        json.dumps({**json.loads(learned().model_dump_json()), "stray": 1}),
        learned().model_dump_json().replace("2.0", "NaN"),
        learned().model_dump_json().replace("0.25", "0"),
        " " * (weights.LARGEST + 1),
    ],
)
def test_a_file_that_is_no_filter_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ada.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="remove it"):
        weights.load(path)


def test_the_chance_rises_with_what_speaks_for_it() -> None:
    stage = learned().after
    chances = [stage.chance({"logprob_per_char": x}) for x in (-99.0, -1.0, -0.5, 0.0, 99.0)]
    assert chances == sorted(chances)
    assert chances[2] == pytest.approx(1 / (1 + math.e))
    assert chances[4] == pytest.approx(1 / (1 + math.exp(1 - 2 * 8)))
    assert stage.chance({"unknown": 5.0, "logprob_per_char": -0.5}) == chances[2]
