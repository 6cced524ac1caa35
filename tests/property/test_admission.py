"""Whatever a judge says, the developer's own words outweigh it, and are never contradicted."""

from hypothesis import given, settings
from hypothesis import strategies as st

from penchant_trainer.rewards.admission import admitted, allowance
from penchant_trainer.split import Split
from penchant_trainer.units import Event, Example, Pair

TEXTS = st.sampled_from(["one", "two", "three ", "four"])
WEIGHTS = st.floats(0.001, 2.0)
NAMES = st.sampled_from([f"s{n}" for n in range(6)])


@st.composite
def pairs(draw: st.DrawFn, name: str) -> Pair:
    weight, ended = draw(WEIGHTS), draw(st.booleans())
    return Pair("p", "", (), "a.py", draw(TEXTS), draw(TEXTS), weight, (name,), ended, ended)


@st.composite
def events(draw: st.DrawFn, name: str) -> Event:
    own = tuple(draw(st.lists(pairs(name), max_size=3)))
    wanted = draw(st.lists(st.tuples(TEXTS, st.booleans(), WEIGHTS), max_size=3))
    examples = tuple(Example("p", "", (), "a.py", t, d, w, (name,), True) for t, d, w in wanted)
    truth = draw(st.none() | TEXTS)
    return Event(name, 1, 0.0, "w", "a.py", "python", "p", "", (), truth, own, examples)


@st.composite
def sides(draw: st.DrawFn) -> Split:
    names = draw(st.lists(NAMES, unique=True))
    found = tuple(draw(events(name)) for name in names)
    cut = draw(st.integers(0, len(found)))
    return Split(found[:cut], found[cut:], 0)


@st.composite
def labels(draw: st.DrawFn) -> list[Pair]:
    return draw(st.lists(NAMES.flatmap(pairs), max_size=12))


@given(labels(), sides(), st.floats(0.01, 0.5))
@settings(deadline=None, max_examples=60)
def test_labels_are_few_light_and_never_against_the_developer(
    said: list[Pair], split: Split, share: float
) -> None:
    found = admitted(said, split, share)
    own = split.pairs
    places = {event.signal_id: event for event in split.train}
    assert len(found) <= share * (len(found) + len(own))
    lightest = min([p.weight for p in own] + [e.weight for e in split.examples], default=0.0)
    assert all(0 < pair.weight < lightest for pair in found)
    for pair in found:
        event = places[pair.signal_ids[0]]
        assert pair.rejected.strip() != (event.truth or "").strip()
        for stated in event.pairs:
            assert pair.chosen.strip() != stated.rejected.strip()
            assert pair.rejected.strip() != stated.chosen.strip()
    assert admitted(list(reversed(said)), split, share) == found or len(set(said)) < len(said)
    weight = sum(p.weight for p in found)
    assert weight <= share * (weight + sum(p.weight for p in own)) + 1e-12


@given(st.integers(0, 10_000), st.floats(0.001, 0.5))
def test_the_allowance_is_the_most_that_keeps_the_share(own: int, share: float) -> None:
    most = allowance(own, share)
    assert most <= share * (own + most)
    assert most + 2 > share * (own + most + 2) or most + 2 > own
