"""The running totals say what counting the rows says, whatever was written, replaced and erased."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from samples import MEMORY, signal

from penchant_core import tallies
from penchant_core.signals import Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore

name = st.sampled_from("abcdef")
path = st.sampled_from(["src/a.py", "tests/test_a.py", "b.spec.ts", "Makefile", "a.b/c", ""])
language = st.sampled_from(["python", "go", ""])
at = st.sampled_from([0.0, 899.0, 900.0, 86_400.0, 9e6, -1.0, 1e300])
share = st.none() | st.floats(0, 1)
retained = st.integers(-3, 2**40)


@st.composite
def additions(draw: st.DrawFn) -> Signal:
    known = draw(name)
    version = draw(st.sampled_from([None, "v0001", "v0002"]))
    shown = draw(st.sampled_from([0, 0, 0, None]))
    where = {"path": draw(path), "language": draw(language), "at": draw(at), "shown": shown}
    completion = signal(known, adapter=version and "dev/ada", version=version, **where).completion
    kind = draw(st.none() | st.sampled_from(OutcomeKind))
    if kind is None:
        return Signal(completion)
    outcome = Outcome(known, kind, 1.0, 2.0, 3, draw(retained), kept=draw(share))
    return Signal(completion, outcome)


erasures = st.fixed_dictionaries(
    {}, optional={"path": path, "language": language, "before": at, "after": at}
)
operations = st.lists(
    additions() | st.lists(additions(), max_size=4) | erasures | st.integers(1, 200), max_size=25
)


@given(operations, st.booleans())
@settings(max_examples=150, deadline=None)
def test_totals_equal_a_recount(given_operations: list[object], recursive: bool) -> None:
    with (
        tempfile.TemporaryDirectory(dir=MEMORY) as directory,
        SignalStore(Path(directory) / "ada.db") as store,
    ):
        # Other programs' connections may differ in this; REPLACE depends on it.
        store._connection.execute(f"PRAGMA recursive_triggers={recursive:d}")
        for operation in given_operations:
            match operation:
                case Signal():
                    store.add(operation)
                case list():
                    store.add_all(operation)
                case int():
                    store.prune(operation, now=1e9)
                case _:
                    store.erase(**operation)
            assert store.tallies() == store.recount()
        rows = store._connection.execute("SELECT min(signals) FROM tallies").fetchone()[0]
        assert rows is None or rows >= 0
        store.erase()
        assert store._connection.execute("SELECT count(*) FROM tallies").fetchone() == (0,)
        assert store.tallies() == {dimension: {} for dimension in tallies.DIMENSIONS}
