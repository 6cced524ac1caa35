"""The trace benchmark: every trace through the real language server, with an editor's hints and
without any. The table is printed (``-s``) and stands in docs/outcomes.md."""

from pathlib import Path

import pytest
from broken.gateway import Gateway
from traces.developer import Developer
from traces.score import Judged, column, judged, report, shares
from traces.served import ServedDesk, Server
from traces.trace import traces

AT_LEAST = {True: 0.98, False: 0.95}
PAGE = Path(__file__).parents[2] / "docs" / "outcomes.md"


def _played(home: Path, work: Path, *, hints: bool) -> list[Judged]:
    found: list[Judged] = []
    for units in ("utf-16", "utf-8", "utf-32"):
        mine = [trace for trace in traces() if trace.units == units]
        with Gateway() as gateway:
            server = Server(home, work, gateway, units)
            try:
                acted = [
                    (trace, Developer(trace, ServedDesk(trace, server, hints=hints)).act())
                    for trace in mine
                ]
                outcomes = server.outcomes()
            finally:
                server.end()
        for trace, ids in acted:
            found += judged(trace, ids, outcomes, hints=hints)
    return found


def _published(hints: bool) -> dict[str, tuple[int, str]]:
    """Read one column of the page's table."""
    rows = [row.split("|") for row in PAGE.read_text("utf-8").split("\n") if row.startswith("| `")]
    cells = [[cell.strip(" `") for cell in row] for row in rows]
    return {row[1]: (int(row[2]), row[3 if hints else 4]) for row in cells if row[2].isdigit()}


@pytest.mark.parametrize("hints", [True, False], ids=["hints", "none"])
def test_the_trace_benchmark(
    home: Path, memory_path: Path, monkeypatch: pytest.MonkeyPatch, hints: bool
) -> None:
    # Thousands of durable writes: in memory, where there is one.
    monkeypatch.setenv("PENCHANT_HOME", str(memory_path / "home"))
    work = memory_path / "work"
    work.mkdir()
    (memory_path / "repositories").mkdir()
    found = _played(memory_path / "home", work, hints=hints)
    print("\n" + report(found, "with hints" if hints else "without"))
    for kind, (right, of) in shares(found).items():
        assert right / of >= AT_LEAST[hints], (kind, right, of)
    page = PAGE.read_text("utf-8")
    for each in found:
        assert not each.wrong or f"**{each.trace}**" in page, f"the page hides {each.trace}"
    assert _published(hints) == column(found), "the page's table is out of date"
