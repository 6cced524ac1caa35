"""Whatever text, engine and weights there are: numbers come out, and they are bounded."""

import math

from hypothesis import given
from hypothesis import strategies as st

from penchant_core.show_filter.certainty import certainty, certainty_of, right_chars
from penchant_core.show_filter.features import of_place, of_suggestion
from penchant_core.show_filter.manner import of_manner
from penchant_core.show_filter.seam import of_seam
from penchant_core.show_filter.support import of_support
from penchant_core.show_filter.weights import MOST_CHARS, PER_CHAR, Stage, Term, worth
from penchant_core.signals import HORIZONS, Candidate

TEXT = st.text(alphabet="ab_ \n\t()[]:'\"=.,0é\u2028", max_size=60)
ANY = st.floats(allow_nan=True, allow_infinity=True)
PIECES = st.lists(st.tuples(TEXT, ANY), max_size=12)


@given(PIECES)
def test_certainty_only_falls(pieces: list[tuple[str, float]]) -> None:
    found = certainty(pieces)
    assert len(found) in (0, len(HORIZONS))
    assert list(found) == sorted(found, reverse=True)
    assert all(-99.0 <= value <= 0.0 for value in found)
    assert 0.0 <= right_chars(found, 40) <= 32.0


@given(st.lists(ANY, max_size=6).map(tuple), st.none() | ANY, st.integers(0, 500))
def test_a_stored_certainty_is_bounded(
    stored: tuple[float, ...], logprob: float | None, chars: int
) -> None:
    found = certainty_of(stored, logprob, chars)
    assert all(-99.0 <= value <= 0.0 for value in found)


@given(TEXT, TEXT, TEXT, st.none() | ANY, st.lists(ANY, max_size=6).map(tuple))
def test_features_are_finite_numbers(
    prefix: str, suffix: str, text: str, logprob: float | None, sure: tuple[float, ...]
) -> None:
    shown = Candidate(text, logprob, None, sure)
    found = of_place(prefix, suffix, "python") | of_suggestion(prefix, suffix, shown)
    found |= of_manner(prefix, text) | of_support(prefix, suffix, text) | of_seam(prefix, text)
    assert all(isinstance(value, float) and math.isfinite(value) for value in found.values())


FINITE = st.floats(-1e6, 1e6)


@given(FINITE, FINITE, FINITE, st.floats(1e-6, 1e6), FINITE, FINITE)
def test_what_is_expected_is_bounded(
    bias: float, weight: float, mean: float, scale: float, chars: float, value: float
) -> None:
    term = Term(mean=mean, scale=scale, weight=weight, chars=chars)
    stage = Stage(bias=bias, terms={"x": term}, threshold=0.3)
    chance, left = stage.expected({"x": value})
    assert 0.0 <= chance <= 1.0
    assert 0.0 <= left <= MOST_CHARS * (1 + 1e-9)
    assert 0.0 <= worth(chance, left) <= 1.0 + PER_CHAR * MOST_CHARS
    assert stage.fair({"x": value}) or chance < 0.5
