"""Signals and ratings in, events with their preference pairs and examples out.

A pure function: the same rows give the same pairs, byte for byte, and every pair names the signals
that it came from. Nothing is learned from suggestions that were not shown, were ignored or were
censored. Knows nothing of tokens, models or files.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Rating, Signal
from penchant_trainer import weights
from penchant_trainer.caps import Caps, capped
from penchant_trainer.extent import MIN_CHARS, comparable, cut_to_extent, ends_here
from penchant_trainer.judgements import Judgements
from penchant_trainer.syntax import no_worse
from penchant_trainer.units import Event, Example, Pair

KEPT_BOUNDS = (0.2, 0.95)
"""An edited suggestion of which less was kept is a rewrite; of which more, a slip of the hand."""


def harvest(
    signals: Iterable[Signal], ratings: Iterable[Rating] = (), caps: Caps | None = None
) -> tuple[Event, ...]:
    """Return what the signals teach, oldest first, doubles removed and caps applied.

    Ages are counted from the newest outcome, so that the result depends on the rows alone.
    """
    rows = sorted(signals, key=lambda s: (s.completion.at, s.seq, s.completion.id))
    newest = max((s.outcome.at for s in rows if s.outcome), default=0.0)
    judged: dict[str, list[Rating]] = defaultdict(list)
    for rating in ratings:
        judged[rating.completion_id].append(rating)
    events = (_event(s, judged.get(s.completion.id, []), newest) for s in rows)
    return capped([e for e in events if e is not None], caps or Caps())


def _event(signal: Signal, ratings: Sequence[Rating], newest: float) -> Event | None:
    completion, outcome = signal.completion, signal.outcome
    shown = completion.suggestion
    said = Judgements(completion, ratings)
    pairs = list(_rated_pairs(completion, said))
    examples = list(_rated_examples(completion, said))
    truth = None
    if shown is not None and shown.text.strip() and outcome is not None:
        source = _Source(completion, outcome, shown, weights.weight(outcome, newest))
        truth = source.truth()
        truth = None if truth == shown.text and said.mark(shown.text) == -1 else truth
        pairs += [p for p in source.pairs() if said.allows_pair(p.chosen, p.rejected)]
        examples += [e for e in source.examples() if said.allows_example(e.completion, e.desirable)]
    if not pairs and not examples:
        return None
    return Event(
        completion.id,
        signal.seq,
        completion.at,
        completion.workspace,
        completion.path,
        completion.language,
        completion.prefix,
        completion.suffix,
        completion.context,
        truth,
        tuple(pairs),
        tuple(examples),
    )


class _Source:
    """One shown suggestion with its outcome and weight, turned into pairs and examples."""

    def __init__(
        self, completion: Completion, outcome: Outcome, shown: Candidate, weight: float
    ) -> None:
        self.completion, self.outcome, self.shown, self.weight = completion, outcome, shown, weight

    def truth(self) -> str | None:
        """What the developer finally had, None where it is not known."""
        kind = self.outcome.kind
        if kind in (OutcomeKind.ACCEPTED, OutcomeKind.TYPED_THROUGH):
            return self.shown.text
        if kind is OutcomeKind.ACCEPTED_EDITED:
            return (self.outcome.final_text or None) if self._own() else None
        if kind in (OutcomeKind.REJECTED, OutcomeKind.UNDONE):
            return self._instead() or None
        return None

    def pairs(self) -> Iterator[Pair]:
        kind, shown = self.outcome.kind, self.shown.text
        if kind is OutcomeKind.ACCEPTED_EDITED and self._edited_well():
            factor = weights.edit_weight(self.outcome.kept or 0.0)
            yield from self._pair(self.outcome.final_text, self.shown, factor)
        elif kind in (OutcomeKind.REJECTED, OutcomeKind.UNDONE) and self._instead():
            yield from self._pair(self._instead(), self.shown, 1.0)
        elif kind is OutcomeKind.PARTIALLY_ACCEPTED:
            yield from self._pair(self._continued(), self.shown, 1.0)
        elif kind is OutcomeKind.ACCEPTED:
            for index in seen(self.outcome, len(self.completion.candidates)):
                other = self.completion.candidates[index]
                yield from self._pair(shown, other, 1.0, ended=stopped(self.shown))

    def examples(self) -> Iterator[Example]:
        kind, shown = self.outcome.kind, self.shown
        if kind in (OutcomeKind.ACCEPTED, OutcomeKind.TYPED_THROUGH):
            yield from self._example(shown.text, True, 1.0, stopped(shown))
        elif kind is OutcomeKind.ACCEPTED_EDITED and self._wanted():
            final = self.outcome.final_text
            yield from self._example(final, True, 1.0, ends_here(final, self.completion.suffix))
        elif kind in (OutcomeKind.REJECTED, OutcomeKind.UNDONE):
            yield from self._refused()
        elif kind is OutcomeKind.PARTIALLY_ACCEPTED:
            yield from self._partial()

    def _refused(self) -> Iterator[Example]:
        """What was written instead is wanted; what was taken back is not."""
        instead = self._instead()
        if len(instead.strip()) >= MIN_CHARS and instead.strip() != self.shown.text.strip():
            ended = ends_here(instead, self.completion.suffix)
            yield from self._example(instead, True, 1.0, ended)
        if self.outcome.kind is OutcomeKind.UNDONE:
            yield from self._example(self.shown.text, False, 1.0, stopped(self.shown))

    def _partial(self) -> Iterator[Example]:
        taken = self.shown.text[: self.outcome.accepted_chars]
        rest = self.shown.text[len(taken) :]
        yield from self._example(taken, True, 1.0, False)
        factor = weights.PARTIAL_REST / weights.BASE[OutcomeKind.PARTIALLY_ACCEPTED]
        yield from self._example(rest, False, factor, stopped(self.shown), after=taken)

    def _continued(self) -> str:
        """What was taken of a suggestion with what was then typed; empty when nothing was."""
        taken = self.shown.text[: self.outcome.accepted_chars]
        text = cut_to_extent(self.outcome.final_text, self.shown.text)
        return text if text.startswith(taken) and len(text) > len(taken) else ""

    def _instead(self) -> str:
        return cut_to_extent(self.outcome.instead, self.shown.text) if self._own() else ""

    def _edited_well(self) -> bool:
        kept = self.outcome.kept
        within = kept is None or KEPT_BOUNDS[0] <= kept <= KEPT_BOUNDS[1]
        return within and self._wanted()

    def _wanted(self) -> bool:
        return self._own() and self._parses(self.outcome.final_text)

    def _own(self) -> bool:
        """Whether the developer wrote it: what was pasted in is nobody's preference."""
        return "foreign" not in self.outcome.flags

    def _parses(self, text: str) -> bool:
        where = self.completion
        return no_worse(where.prefix, where.suffix, text, self.shown.text, where.language)

    def _pair(
        self, chosen: str, rejected: Candidate, factor: float, *, ended: bool | None = None
    ) -> Iterator[Pair]:
        weight = round(self.weight * factor, 6)
        if weight <= 0 or not comparable(chosen, rejected.text):
            return
        where = self.completion
        ended = ends_here(chosen, where.suffix) if ended is None else ended
        yield _pair(where, chosen, rejected, weight, ended)

    def _example(
        self, text: str, desirable: bool, factor: float, ended: bool, *, after: str = ""
    ) -> Iterator[Example]:
        weight = round(self.weight * factor, 6)
        if weight > 0 and text.strip():
            where = self.completion
            yield Example(
                where.prefix + after,
                where.suffix,
                where.context,
                where.path,
                text,
                desirable,
                weight,
                (where.id,),
                ended,
            )


def seen(outcome: Outcome, candidates: int) -> tuple[int, ...]:
    """Return the indices of the other candidates that were cycled through (flags ``seen:N``)."""
    found = (flag.removeprefix("seen:") for flag in outcome.flags if flag.startswith("seen:"))
    return tuple(sorted({int(n) for n in found if n.isdigit() and int(n) < candidates}))


def _pair(
    where: Completion, chosen: str, rejected: Candidate, weight: float, chosen_ended: bool
) -> Pair:
    return Pair(
        where.prefix,
        where.suffix,
        where.context,
        where.path,
        chosen,
        rejected.text,
        weight,
        (where.id,),
        chosen_ended,
        stopped(rejected),
    )


def stopped(candidate: Candidate) -> bool:
    """Whether the engine stopped by itself; unknown counts as cut off (nothing is taught).

    So does an open bracket: engines also say "stop" at a line's end, and no text ends there.
    """
    return candidate.finish_reason == "stop" and not _opens(candidate.text)


def _opens(text: str) -> bool:
    return any(text.count(a) > text.count(b) for a, b in ("()", "[]", "{}"))


def _rated_pairs(completion: Completion, said: Judgements) -> Iterator[Pair]:
    for better, worse in said.preferences():
        chosen, rejected = completion.candidates[better], completion.candidates[worse]
        if comparable(chosen.text, rejected.text):
            yield _pair(completion, chosen.text, rejected, weights.EXPLICIT, stopped(chosen))


def _rated_examples(completion: Completion, said: Judgements) -> Iterator[Example]:
    for index, value in said.marks():
        candidate = completion.candidates[index]
        if candidate.text.strip():
            yield Example(
                completion.prefix,
                completion.suffix,
                completion.context,
                completion.path,
                candidate.text,
                value > 0,
                weights.EXPLICIT,
                (completion.id,),
                stopped(candidate),
            )
