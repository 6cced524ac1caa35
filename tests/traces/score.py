"""How many showings are judged as they truly ended: by class, with the misses by name."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from traces.trace import Trace

KINDS = (
    "accepted",
    "accepted_edited",
    "partially_accepted",
    "typed_through",
    "rejected",
    "undone",
    "ignored",
    "censored",
)


@dataclass(frozen=True)
class Judged:
    """One showing: what it truly was, and what is wrong with what was found ("" if nothing)."""

    trace: str
    kind: str
    wrong: str


def judged(
    trace: Trace, ids: list[str], outcomes: dict[str, list[object]], *, hints: bool
) -> Iterable[Judged]:
    """Compare the showings of a trace with their truths."""
    assert len(ids) >= len(trace.truths), trace.name
    for completion_id, truth in zip(ids, trace.truths, strict=False):
        found = outcomes.get(completion_id, [])
        wrong = truth.wrong(found[0], hints=hints) if len(found) == 1 else f"{len(found)} outcomes"
        yield Judged(trace.name, truth.kind, wrong)


def shares(found: Iterable[Judged]) -> dict[str, tuple[int, int]]:
    """Return kind → (right, all)."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in found:
        counts[each.kind][0] += not each.wrong
        counts[each.kind][1] += 1
    return {kind: (right, of) for kind, (right, of) in sorted(counts.items())}


def column(found: list[Judged]) -> dict[str, tuple[int, str]]:
    """Return kind → (showings, share that is right), as it stands in a table."""
    return {kind: (of, f"{100 * right / of:.1f} %") for kind, (right, of) in shares(found).items()}


def report(found: list[Judged], title: str) -> str:
    """Return one column of the score, and its misses, for people."""
    counted = column(found)
    lines = [f"{'outcome':20} showings   {title}"]
    lines += [f"{kind:20} {counted[kind][0]:8}   {counted[kind][1]}" for kind in KINDS]
    lines += [f"missed: {each.trace}: {each.wrong}" for each in found if each.wrong]
    return "\n".join(lines)
