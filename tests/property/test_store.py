"""What goes into the signal log comes out equal, whatever text it holds."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from samples import MEMORY

from penchant_core.signal_export import export_lines, import_lines
from penchant_core.signals import (
    Candidate,
    Completion,
    Outcome,
    OutcomeKind,
    Rating,
    Signal,
    Snippet,
)
from penchant_core.store import SignalStore
from penchant_core.text import well_formed

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "signal-export.schema.json").read_text())
)

text = st.text(st.characters(), max_size=60)  # lone surrogates, NUL and all
number = st.floats(allow_nan=False, allow_infinity=False)
share = st.floats(0, 1)
count = st.integers(0, 2**31)


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    candidates = draw(st.lists(st.builds(Candidate, text, st.none() | number, st.none() | text),
                               min_size=1, max_size=3))  # fmt: skip
    completion = draw(
        st.builds(
            Completion,
            id=text,
            at=number,
            developer=text,
            workspace=text,
            path=text,
            language=text,
            prefix=text,
            suffix=text,
            candidates=st.just(tuple(candidates)),
            shown=st.none() | st.integers(0, len(candidates) - 1),
            not_shown=text,
            context=st.lists(st.builds(Snippet, text, text, text), max_size=2).map(tuple),
            trigger=st.sampled_from(["automatic", "invoked"]),
            latency_ms=number,
            base_fingerprint=text,
            adapter=st.none() | text,
            version=st.none() | text,
        )
    )
    outcome = draw(
        st.none()
        | st.builds(
            Outcome,
            completion_id=st.just(completion.id),
            kind=st.sampled_from(OutcomeKind),
            at=number,
            settled_at=number,
            accepted_chars=count,
            retained_chars=count,
            final_text=text,
            instead=text,
            kept=st.none() | share,
            probes=st.lists(st.tuples(number, share), max_size=3).map(tuple),
            flags=st.lists(text, max_size=3).map(tuple),
        )
    )
    return Signal(completion, outcome)


def _mended(value):
    """The same value with lone surrogates replaced, by an independent route."""
    if isinstance(value, str):
        return "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in value)
    if isinstance(value, tuple):
        return tuple(map(_mended, value))
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, OutcomeKind):
        return replace(value, **{n: _mended(getattr(value, n)) for n in value.__dataclass_fields__})
    return value


@given(st.lists(signals(), max_size=6))
@settings(max_examples=60, deadline=None)
def test_round_trip(given_signals):
    expected = {}
    for new in map(_mended, given_signals):
        kept = expected.get(new.completion.id, new)
        # The first completion stays, the newest outcome counts.
        expected[new.completion.id] = Signal(kept.completion, new.outcome or kept.outcome)
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        path = Path(directory) / "ada.db"
        with SignalStore(path) as store:
            for signal in given_signals:
                store.add(signal)
        with SignalStore(path) as store:
            assert store.set_aside is None
            found = list(store.signals())
            assert store.unreadable == 0
            assert [s.seq for s in found] == list(range(1, len(found) + 1))
            assert [replace(s, seq=0) for s in found] == list(expected.values())
            for signal in found:
                known = signal.completion
                assert store.rate(Rating(known.id, 1.0, "ranking", 0, (1, 0), known.path))
            ratings = store.ratings()
            lines = list(export_lines(store))
            assert all(line.isascii() and "\n" not in line for line in lines)
            assert all(SCHEMA.is_valid(json.loads(line)) for line in lines)
            assert {s.completion.id for s in found} == set(store.erase())
            assert len(store) == 0
            assert import_lines(store, lines) == (len(found), 0)
            again = list(store.signals())
            assert [replace(s, seq=0) for s in again] == [replace(s, seq=0) for s in found]
            assert sorted(store.ratings(), key=repr) == sorted(ratings, key=repr)
            assert not {s.seq for s in again} & {s.seq for s in found}
            assert list(export_lines(store)) == lines
            assert import_lines(store, lines) == (0, len(found))
            assert store.tallies() == store.recount()


@given(text)
def test_well_formed_text_encodes_and_keeps_its_length(raw):
    mended = well_formed(raw)
    assert mended.encode("utf-8").decode("utf-8") == mended == _mended(raw)
    assert len(mended) == len(raw)
    assert json.loads(json.dumps(mended)) == mended
    assert well_formed(mended) == mended
