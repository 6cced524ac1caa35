"""The trace benchmark: every trace through the real language server, with an editor's hints and
without any. The table is printed (``-s``) and stands in docs/outcomes.md."""

from pathlib import Path

from broken.gateway import Gateway
from traces.developer import Developer
from traces.score import Judged, judged, shares, table
from traces.served import ServedDesk, Server
from traces.trace import traces

from penchant_core.paths import default_paths

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


def test_the_trace_benchmark(home: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "repositories").mkdir()
    results = {hints: _played(home, work, hints=hints) for hints in (True, False)}
    print("\n" + table(results[True], results[False]))
    page = PAGE.read_text("utf-8")
    for hints, found in results.items():
        for kind, (right, of) in shares(found).items():
            assert right / of >= AT_LEAST[hints], (hints, kind, right, of)
        for each in found:
            assert not each.wrong or f"**{each.trace}**" in page, "a miss that the page hides"
    for row in table(results[True], results[False]).split("\n"):
        assert not row.startswith("| `") or row in page, "the page's table is out of date"
    assert default_paths().signal_log("ada").exists()
