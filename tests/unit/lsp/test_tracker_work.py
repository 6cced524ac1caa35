"""What one keystroke costs in the tracker, counted in calls: it depends on nothing that grows."""

import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType

import pytest

from penchant_core.settings import TrackerSettings
from penchant_core.signals import Candidate, Completion
from penchant_lsp import similarity
from penchant_lsp.documents import Edit
from penchant_lsp.followed import LONGEST_REGION, TRACK_LIMIT, WATCH_LIMIT
from penchant_lsp.regions import REFINE_WORK, comparisons, refined
from penchant_lsp.tracker import Tracker

URI = "file:///w/a.py"
PER_TRACK, BESIDES = 40, 100


def _calls(work: Callable[[], object]) -> Counter[str]:
    counted: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            counted[frame.f_code.co_name] += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def _busy(lines: int, *, open_: int, settled: int) -> Tracker:
    """A tracker with one large document, many suggestions in it, and many that are watched."""
    tracker = Tracker(TrackerSettings())
    tracker.open(URI, "value = 1\n" * lines, 0.0)
    for number in range(settled):
        _offer(tracker, f"s{number}", number * 10, 1.0)
        tracker.change(URI, [Edit(number * 10, number * 10, "first")], 1.0)
    tracker.tick(20.0)
    for number in range(open_):
        _offer(tracker, f"o{number}", 2000 + number * 10, 20.0)
        tracker.change(URI, [Edit(2000 + number * 10, 2000 + number * 10, "x = first")], 20.0)
    tracker.drain()
    return tracker


def _offer(tracker: Tracker, name: str, at: int, now: float) -> None:
    completion = Completion(
        name, now, "ada", "w", "a.py", "python", "", "", (Candidate("first"),), 0
    )
    tracker.offer(URI, at, at, completion, now)


def _key(tracker: Tracker, at: int = 5) -> Counter[str]:
    return _calls(lambda: tracker.change(URI, [Edit(at, at, "k")], 21.0))


def test_a_keystroke_does_not_cost_more_in_a_larger_document() -> None:
    small, large = (_key(_busy(lines, open_=8, settled=8)) for lines in (500, 100_000))
    assert small == large


def test_a_keystroke_costs_at_most_so_much_for_each_suggestion() -> None:
    tracker = _busy(2_000, open_=3 * TRACK_LIMIT, settled=3 * WATCH_LIMIT)
    assert tracker.open_count == TRACK_LIMIT
    assert _key(tracker).total() < BESIDES + PER_TRACK * (TRACK_LIMIT + WATCH_LIMIT)


def test_no_keystroke_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = _busy(2_000, open_=TRACK_LIMIT, settled=WATCH_LIMIT)

    def never(*_: object) -> None:
        raise AssertionError("tokens are compared on a keystroke's path")

    with monkeypatch.context() as patched:
        for name in ("kept_share", "kept_characters"):
            patched.setattr(similarity, name, never)
            patched.setattr(f"penchant_lsp.verdicts.{name}", never)
        for number in range(TRACK_LIMIT + 5):
            _offer(tracker, f"more{number}", 2000 + number * 10, 22.0)
            tracker.change(URI, [Edit(3, 3, "k")], 22.0)
            tracker.change(URI, [Edit(0, 3, "old = 2\n" * 20)], 22.0)
    assert tracker.drain()


def test_a_region_that_grows_too_large_is_let_go() -> None:
    tracker = _busy(10, open_=0, settled=0)
    _offer(tracker, "c", 5, 30.0)
    tracker.change(URI, [Edit(5, 5, "x" * (LONGEST_REGION + 1))], 30.0)
    assert tracker.open_count == 0
    [settled] = tracker.drain()
    assert settled.completion.id == "c"


@pytest.mark.parametrize("line", ["\n", "(\n", "value = 1\n"])
def test_edits_of_what_repeats_are_not_taken_apart(line: str) -> None:
    before, after = line * 1500, "x\n" + line * 1499 + "y\n"
    assert comparisons(before.splitlines(True), after.splitlines(True)) > REFINE_WORK
    assert _calls(lambda: refined(Edit(0, len(before), after), before)).total() < 200


def test_thousands_of_edits_in_one_message_are_one() -> None:
    tracker = _busy(5_000, open_=TRACK_LIMIT, settled=WATCH_LIMIT)
    text = tracker.text(URI)
    assert text is not None
    edits = [Edit(at * 10 + 5, at * 10 + 6, "  ") for at in reversed(range(500))]
    calls = _calls(lambda: tracker.change(URI, edits, 23.0))
    assert calls["refined"] <= 1
    assert calls["touched_by"] < 2 * len(edits) * (TRACK_LIMIT + WATCH_LIMIT)
