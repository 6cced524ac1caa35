"""The record against a simple model: the newest decision counts, unreadable lines void."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from samples import MEMORY

from penchant_core.consent import ConsentRecord, Level

WORKSPACES = ["a", "b", "c"]
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(WORKSPACES), st.sampled_from(Level)),
        st.binary(min_size=1, max_size=12).filter(lambda raw: raw.strip()),
    ),
    max_size=12,
)


@given(steps)
@settings(max_examples=60, deadline=None)
def test_any_order_of_decisions_and_damage(taken):
    with tempfile.TemporaryDirectory(dir=MEMORY) as directory:
        path = Path(directory) / "consent.jsonl"
        asked = ConsentRecord(path)  # asked all the time, so that its cache is tested
        expected: dict[str, Level] = {}
        for step in taken:
            if isinstance(step, bytes):
                with path.open("ab") as file:
                    file.write(step)
                expected.clear()
            else:
                ConsentRecord(path).decide(*step, via="test")
                expected[step[0]] = step[1]
            for workspace in WORKSPACES:
                level = expected.get(workspace, Level.OFF)
                assert asked.level(workspace) is level
                assert ConsentRecord(path).level(workspace) is level


@given(st.sampled_from(Level), st.sampled_from(Level))
def test_levels_include_those_before_them(given_level, asked):
    order = [Level.OFF, Level.LOCAL, Level.PERSONAL, Level.TEAM]
    assert given_level.allows(asked) is (order.index(asked) <= order.index(given_level))
