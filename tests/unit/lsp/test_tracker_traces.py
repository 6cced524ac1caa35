"""Every trace before the tracker alone; the whole server is put through them in tests/e2e."""

import pytest
from traces.developer import Developer
from traces.pure import PureDesk
from traces.score import KINDS, judged
from traces.trace import Trace, traces

from penchant_core.signals import OutcomeKind

TRACES = traces()
# What cannot be told from edits alone; docs/outcomes.md says why of each.
MISSES: dict[bool, set[str]] = {
    True: {"cut and pasted elsewhere"},
    False: {
        "cut and pasted elsewhere",
        "the same text pasted",
        "a single character taken",
        "one bracket taken",
    },
}


@pytest.mark.parametrize("hints", [True, False], ids=["hints", "none"])
@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
def test_trace(trace: Trace, hints: bool) -> None:
    desk = PureDesk(trace, hints=hints)
    ids = Developer(trace, desk).act()
    assert len(ids) == len(set(ids))
    assert {key: len(found) for key, found in desk.outcomes.items()} == dict.fromkeys(ids, 1)
    wrong = [each.wrong for each in judged(trace, ids, desk.outcomes, hints=hints) if each.wrong]
    assert bool(wrong) == (trace.name in MISSES[hints]), wrong


def test_there_are_traces_for_every_outcome() -> None:
    assert set(KINDS) == set(OutcomeKind)
    assert {truth.kind for trace in TRACES for truth in trace.truths} == set(KINDS)
    assert len(TRACES) >= 120
    assert len({trace.name for trace in TRACES}) == len(TRACES)
