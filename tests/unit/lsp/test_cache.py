import pytest

from penchant_core.signals import Candidate
from penchant_lsp.cache import AGE_S, ENTRIES, REFUSED_AGE_S, Cache, Place


@pytest.fixture
def now() -> list[float]:
    return [100.0]


@pytest.fixture
def cache(now: list[float]) -> Cache:
    return Cache(lambda: now[0])


def _place(prefix: str, suffix: str = "\n", served_by: str = "v1", uri: str = "u") -> Place:
    return Place(uri, prefix, suffix, served_by)


def _put(cache: Cache, *texts: str, prefix: str = "x = ") -> None:
    cache.put(_place(prefix), tuple(Candidate(text, -1.0, "stop") for text in texts))


def _texts(cache: Cache, place: Place) -> list[str]:
    hit = cache.get(place)
    return [] if hit is None else [candidate.text for _, candidate in hit.candidates]


def test_the_same_place_is_a_hit(cache: Cache) -> None:
    _put(cache, "sum(prices)")
    assert _texts(cache, _place("x = ")) == ["sum(prices)"]


@pytest.mark.parametrize("typed", range(1, 11))
def test_typing_along_is_a_hit(cache: Cache, typed: int) -> None:
    text = "sum(prices)"
    _put(cache, text)
    hit = cache.get(_place("x = " + text[:typed]))
    assert hit.typed == typed
    assert [(i, c.text) for i, c in hit.candidates] == [(0, text[typed:])]


def test_going_back_is_a_hit(cache: Cache) -> None:
    _put(cache, "sum(prices)")
    assert _texts(cache, _place("x = su"))
    assert _texts(cache, _place("x = s")) == ["um(prices)"]


def test_only_candidates_that_fit_go_on(cache: Cache) -> None:
    _put(cache, "one", "two", "three")
    hit = cache.get(_place("x = t"))
    assert [(i, c.text) for i, c in hit.candidates] == [(1, "wo"), (2, "hree")]


def test_brackets_that_closed_themselves_are_a_hit(cache: Cache) -> None:
    _put(cache, "sum(prices)")
    assert _texts(cache, _place("x = sum(", ")\n")) == ["prices)"]


@pytest.mark.parametrize(
    "place",
    [
        _place("x = sun"),
        _place("x = sum(prices)"),
        _place("y = "),
        _place("x = ", "other\n"),
        _place("x = ", served_by="v2"),
        _place("x = ", uri="other"),
        _place("x ="),
        _place(""),
    ],
    ids=["diverged", "whole", "prefix", "suffix", "adapter", "document", "before", "empty"],
)
def test_anything_else_is_none(cache: Cache, place: Place) -> None:
    _put(cache, "sum(prices)")
    assert cache.get(place) is None


def test_more_candidates_than_there_are_is_none(cache: Cache) -> None:
    _put(cache, "one")
    assert cache.get(_place("x = "), at_least=3) is None


def test_old_entries_are_forgotten(cache: Cache, now: list[float]) -> None:
    _put(cache, "one")
    now[0] += AGE_S + 1
    assert cache.get(_place("x = ")) is None
    assert len(cache) == 0


def test_the_least_recently_used_goes_first(cache: Cache) -> None:
    _put(cache, "first", prefix="first = ")
    for number in range(ENTRIES - 1):
        _put(cache, "more", prefix=f"{number} = ")
    assert cache.get(_place("first = "))
    _put(cache, "one more", prefix="new = ")
    assert len(cache) == ENTRIES
    assert cache.get(_place("first = "))
    assert cache.get(_place("0 = ")) is None


def _refused(cache: Cache, text: str, prefix: str = "x = ") -> None:
    cache.put(_place(prefix), (Candidate(text, -1.0, "stop"),), refused=True)


@pytest.mark.parametrize("typed", ["", "f", "f(f(f("])
def test_what_was_refused_is_known_along_its_text(cache: Cache, typed: str) -> None:
    _refused(cache, "f(f(f(f(")
    assert cache.get(_place("x = " + typed), at_least=0).candidates == ()


@pytest.mark.parametrize("typed", ["g", "f(g", "f(f(f(f("])
def test_what_was_refused_says_nothing_of_other_text(cache: Cache, typed: str) -> None:
    _refused(cache, "f(f(f(f(")
    assert cache.get(_place("x = " + typed), at_least=0, line_ends=True) is None


def test_an_answer_without_text_is_known_at_its_place(cache: Cache) -> None:
    _refused(cache, "")
    assert cache.get(_place("x = "), at_least=0).candidates == ()
    assert cache.get(_place("x = y"), at_least=0) is None


def test_what_was_refused_is_no_answer_to_who_wants_one(cache: Cache) -> None:
    _refused(cache, "f(f(f(f(")
    assert cache.get(_place("x = ")) is None
    assert cache.get(_place("x = f")) is None


def test_what_was_refused_gets_another_chance(cache: Cache, now: list[float]) -> None:
    _refused(cache, "f(f(f(f(")
    now[0] += REFUSED_AGE_S + 1
    assert cache.get(_place("x = "), at_least=0) is None


def test_nothing_goes_on_where_the_engine_ended_the_line(cache: Cache) -> None:
    ended = frozenset({"sum(prices)"})
    cache.put(_place("x = "), (Candidate("sum(prices)", -1.0, "stop"),), ended=ended)
    place = _place("x = sum(prices)")
    hit = cache.get(place, at_least=0, line_ends=True)
    assert hit.candidates == ()
    assert cache.get(place, at_least=0) is None, "further lines may follow"
    assert cache.get(place, line_ends=True) is None
    assert cache.get(_place("x = sum(price"), at_least=0, line_ends=True).candidates
    assert cache.get(_place("x = sum(prices) "), at_least=0, line_ends=True) is None


def test_what_is_left_after_typing_keeps_what_the_engine_said(cache: Cache) -> None:
    sure = (-0.1, -0.2, -0.3, -0.4)
    cache.put(_place("x = "), (Candidate("sum(prices)", -1.0, "stop", sure),))
    hit = cache.get(_place("x = sum"))
    assert hit is not None
    assert hit.candidates == ((0, Candidate("(prices)", -1.0, "stop", sure)),)
