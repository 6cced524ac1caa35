"""What is held out, and that nothing leaks."""

from penchant_trainer.split import split
from penchant_trainer.units import Event


def event(n: int, *, at: float | None = None, path: str = "", truth: str | None = "t") -> Event:
    when = n * 1000.0 if at is None else at
    text = f"{truth}{n}" if truth == "t" else truth
    return Event(f"c{n}", n, when, "w", path or f"f{n}.py", "python", f"p{n}", "", (), text)


def test_the_newest_fifth_is_held_out() -> None:
    sides = split(tuple(event(n) for n in range(100)))
    assert [e.signal_id for e in sides.held_out] == [f"c{n}" for n in range(80, 100)]
    assert len(sides.train) == 80


def test_a_small_log_gives_at_most_a_third() -> None:
    sides = split(tuple(event(n) for n in range(30)))
    assert (len(sides.train), len(sides.held_out)) == (20, 10)


def test_the_same_file_near_in_time_is_on_neither_side() -> None:
    events = [event(n) for n in range(9)]
    events[5] = event(5, path="same.py", at=5900.0)
    events[6] = event(6, path="same.py", at=6000.0)
    sides = split(tuple(events), least=3)
    assert "c5" not in {e.signal_id for e in (*sides.train, *sides.held_out)}
    assert sides.purged == 1


def test_the_same_text_at_the_same_place_is_on_neither_side() -> None:
    from dataclasses import replace

    events = [event(n) for n in range(9)]
    events[0] = replace(events[0], prefix=events[8].prefix, truth=events[8].truth)
    assert split(tuple(events), least=3).purged == 1


def test_events_of_unknown_truth_are_trained_on_only() -> None:
    sides = split((event(0, truth=None), *(event(n) for n in range(1, 10))), least=3)
    assert sides.train[0].signal_id == "c0"
    assert len(sides.held_out) == 3
